"""A trained model from its folder, or an error that names what is damaged in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModel
from transformers.utils.logging import disable_progress_bar

from glm.errors import GlmError
from glm.model.directory import WEIGHTS

FIX = "Remove it and run again"


def load_trained(folder: Path, fix: str = FIX) -> Any:
    """The gLM or biLSTM of a folder, float32, in evaluation mode, on the processor.

    Raises `GlmError` if it is no trained model, or naming its weights, and `fix`, if those are
    torn.
    """
    disable_progress_bar()
    try:
        return AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    except SafetensorError as error:
        raise GlmError(f"{folder / WEIGHTS}: torn ({error}). {fix}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise GlmError(f"{folder}: not a trained model ({error}); train it again") from error
