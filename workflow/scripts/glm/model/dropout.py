"""Dropout that costs what it should on a CPU."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

LEVELS = 1 << 16  # probabilities are rounded to 1 / 65,536: 0.1 becomes 0.100006


class _CpuDropout(torch.autograd.Function):
    """Zero each element with 16 random bits of its own; keep one byte for the way back."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, threshold: int) -> Tensor:
        # four elements from each 64-bit draw: torch's own bernoulli_ draws 64 bits for every one
        bits = torch.empty(-(-values.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = (bits.view(torch.int16)[: values.numel()] >= threshold - LEVELS // 2).view(
            values.shape
        )
        ctx.scale = LEVELS / (LEVELS - threshold)
        ctx.save_for_backward(kept)
        return (values * kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return (gradient * kept).mul_(ctx.scale), None


def dropout(values: Tensor, probability: float, training: bool) -> Tensor:
    """Zero elements with `probability` and scale the rest up, when `training`; any shape.

    On a CPU torch spends more on the random numbers of dropout than on LayerNorm, GELU and
    softmax together; there, and only there, this draws four times fewer.
    """
    if not training or probability <= 0:
        return values
    if values.device.type != "cpu" or torch.compiler.is_compiling():
        return F.dropout(values, probability, True)
    return _CpuDropout.apply(values, round(probability * LEVELS))
