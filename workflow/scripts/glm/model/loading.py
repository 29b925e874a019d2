"""A trained model from its folder, or an error that names what is damaged in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from glm.errors import GlmError
from glm.model.bilstm import BidirectionalLSTM
from glm.model.configuration import CONFIG
from glm.model.directory import WEIGHTS
from glm.model.genomic import GenomicLanguageModel

FIX = "Remove it and run again"
MODELS = {
    model.config_class.model_type: model for model in (GenomicLanguageModel, BidirectionalLSTM)
}


def load_trained(folder: Path, fix: str = FIX) -> Any:
    """The gLM or biLSTM of a folder, float32, in evaluation mode, on the processor.

    Raises `GlmError` if it is no trained model, or naming its weights, and `fix`, if those are
    torn.
    """
    try:
        model_type = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_type"]
        return MODELS[model_type].from_pretrained(folder)
    except SafetensorError as error:
        raise GlmError(f"{folder / WEIGHTS}: torn ({error}). {fix}") from error
    except (OSError, ValueError, LookupError, TypeError, RuntimeError) as error:
        raise GlmError(f"{folder}: not a trained model ({error}); train it again") from error
