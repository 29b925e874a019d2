"""Where a job computes, and how many GPUs this machine has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from glm.errors import GlmError

if TYPE_CHECKING:
    import torch

DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # of NVIDIA, AMD, and of either in WSL
"""Without one of these there is no GPU, and torch, which takes seconds to import, is not asked."""


def gpus_here() -> int:
    """How many GPUs torch sees on this machine."""
    if not any(Path(driver).exists() for driver in DRIVERS):
        return 0
    import torch

    return torch.cuda.device_count()


def lacking_gpus(asked: int) -> str | None:
    """Why so many GPUs cannot be had on this machine; None if they can."""
    if asked <= (there := gpus_here()):
        return None
    return (
        f"gpus is {asked}, but torch sees {there} on this machine; set the key gpus to {there}"
        f"{' (the processor)' * (not there)} or to auto, or run on a cluster (--profile slurm)"
    )


def select_device(gpus: int, number: int = 0) -> torch.device:
    """The processor without `gpus`, else the GPU of this number; raises `GlmError` without one.

    GLM_DEVICE=cpu in the environment computes on the processor what asks for GPUs, for a trial of
    a cluster's settings.
    """
    import torch

    if not gpus or os.environ.get("GLM_DEVICE") == "cpu":
        return torch.device("cpu")
    if reason := lacking_gpus(number + 1):
        raise GlmError(reason)
    return torch.device("cuda", number)
