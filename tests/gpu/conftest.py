"""Tests of the CUDA paths: they run where a GPU is, and are skipped elsewhere, with the reason.

With GLM_SMOKE=1 the same tests run on a processor, as far as they go there; the kernels are then
Triton's interpreter's.
"""

from __future__ import annotations

import os

import pytest
import torch

SMOKE = os.environ.get("GLM_SMOKE") == "1"


@pytest.fixture(scope="session")
def device() -> torch.device:
    """Where the tests compute."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if SMOKE:
        return torch.device("cpu")
    pytest.skip("torch sees no GPU; `make gpu` runs these where there is one")


def relative_error(found: torch.Tensor, exact: torch.Tensor) -> float:
    """Norm of the difference over norm of the exact, in float64 on the host."""
    found, exact = found.detach().double().cpu(), exact.detach().double().cpu()
    return float((found - exact).norm() / exact.norm().clamp(min=1e-30))
