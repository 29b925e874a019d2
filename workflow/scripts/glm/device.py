"""Where a job computes."""

from __future__ import annotations

import torch

from glm.errors import GlmError


def select_device(gpus: int, section: str = "embedding") -> torch.device:
    """The device of a job of shards: a GPU if that section of the configuration grants one."""
    if not gpus:
        return torch.device("cpu")
    if gpus > 1:
        raise GlmError(f"one job runs on one GPU: set {section}.gpus to 1, raise {section}.shards")
    if not torch.cuda.is_available():
        raise GlmError(f"{section}.gpus is 1, but torch sees no GPU; set {section}.gpus to 0")
    return torch.device("cuda")
