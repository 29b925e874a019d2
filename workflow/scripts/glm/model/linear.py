"""Linear layers by the CPU's faster matrix product.

torch's own `linear` in float32 is MKL's, which on AMD processors reaches half the rate of oneDNN's
(88 against 187 GFLOP/s on one EPYC core, at the sizes of this model); torch ships both. Matrix
products are nine tenths of a training step on a CPU. Both round in float32.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

enabled = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def product(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """left @ right.T + bias by oneDNN: (n, k), (m, k) and (m,) to (n, m), float32, any strides."""
    return torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")


class _OneDnnLinear(torch.autograd.Function):
    """`linear` and its gradients as oneDNN products."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(values, weight)
        ctx.bias = bias is not None
        return product(values, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        values, weight = ctx.saved_tensors
        for_values, for_weight, for_bias = ctx.needs_input_grad
        return (
            product(gradient, weight.T) if for_values else None,
            product(gradient.T, values.T) if for_weight else None,
            gradient.sum(0) if ctx.bias and for_bias else None,
        )


def linear(values: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """values @ weight.T + bias: (n, k), (m, k) and (m,) to (n, m)."""
    if (
        enabled
        and values.device.type == "cpu"
        and values.dtype == weight.dtype == torch.float32
        and len(values)
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    ):
        return _OneDnnLinear.apply(values, weight, bias)
    return F.linear(values, weight, bias)


class Linear(nn.Linear):
    """A `torch.nn.Linear` for packed rows, (n, k) to (n, m), that chooses the faster product."""

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        return linear(values, self.weight, self.bias)
