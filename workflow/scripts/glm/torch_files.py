"""Files of torch, read without running anything in them."""

from __future__ import annotations

import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import torch

from glm.errors import GlmError

REFUSED = re.compile(r"[Uu]nsupported (?:(?:global: )?GLOBAL|class) ([\w.]+)")


def read_torch(path: Path, *classes: type) -> Any:
    """What a file of torch holds: tensors, plain values, containers, and objects of `classes`.

    Tensors of an archive are mapped, not read yet. Raises `GlmError` for a file that is cut off,
    none of torch's, or names anything else.
    """
    if not path.is_file():
        raise GlmError(f"{path}: no such file")
    archive = zipfile.is_zipfile(path)
    try:
        with torch.serialization.safe_globals(list(classes)):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=archive)
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise GlmError(f"{path}: not a torch checkpoint: {reason(path, archive, error)}") from error


def reason(path: Path, archive: bool, error: Exception) -> str:
    """Why torch does not read a file, without its advice to run what the file wants."""
    if refused := REFUSED.search(str(error)):
        return (
            f"it names {refused[1]}, which is no tensor and no plain value; nothing of it was run"
        )
    if archive:
        return "damaged inside; fetch it again"
    return f"not one of torch's files, or cut off ({path.stat().st_size:,} bytes); fetch it again"
