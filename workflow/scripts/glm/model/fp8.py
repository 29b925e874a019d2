"""A layer's large products in FP8: values and weights in e4m3, gradients in e5m2, sums in float32.

Each tensor is scaled by its own largest number, anew in every product, so that there is no state to
save or to resume. What is added to (the residual stream), LayerNorm, attention and the heads stay
as they are. Tensor cores of an H100 multiply FP8 at twice the rate of half precision.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

VALUES, GRADIENTS = torch.float8_e4m3fn, torch.float8_e5m2
ROWS = 16  # what is summed over must be a multiple of it


class Scaled(NamedTuple):
    """A matrix in FP8, and what its numbers are to be multiplied by."""

    numbers: Tensor
    scale: Tensor


def scaled(matrix: Tensor, kind: torch.dtype) -> Scaled:
    """A matrix in FP8 with its largest number at the largest that the type has."""
    largest = matrix.abs().amax().float().clamp(min=1e-12)
    scale = largest / torch.finfo(kind).max
    return Scaled((matrix.float() / scale).to(kind), scale)


def product(left: Scaled, right: Scaled, kind: torch.dtype) -> Tensor:
    """left @ right.T, (n, k) and (m, k) to (n, m) of `kind`; k is a multiple of ROWS."""
    return torch._scaled_mm(
        left.numbers, right.numbers.T, left.scale, right.scale, out_dtype=kind
    )  # fmt: skip


def turned(matrix: Scaled) -> Scaled:
    """Its transpose as rows in memory, with rows of zeros up to a multiple of ROWS to sum over."""
    numbers = matrix.numbers
    odd = -len(numbers) % ROWS
    if odd:
        padded = numbers.view(torch.uint8)  # no FP8 kernel pads; the bits of zero are zero
        numbers = F.pad(padded, (0, 0, 0, odd)).view(numbers.dtype)
    return Scaled(numbers.T.contiguous(), matrix.scale)


class _Fp8Linear(torch.autograd.Function):
    """`linear` and its gradients as FP8 products."""

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype
    ) -> Tensor:
        left, right = scaled(values, VALUES), scaled(weight, VALUES)
        ctx.save_for_backward(*left, *right)
        ctx.kinds = values.dtype, weight.dtype
        return product(left, right, kind) + bias.to(kind)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        numbers, scale, of_weight, weight_scale = ctx.saved_tensors
        kind = gradient.dtype
        given = scaled(gradient, GRADIENTS)
        for_values = product(given, turned(Scaled(of_weight, weight_scale)), kind)
        for_weight = product(turned(given), turned(Scaled(numbers, scale)), kind)
        of_values, of_parameters = ctx.kinds
        return (
            for_values.to(of_values),
            for_weight.to(of_parameters),
            gradient.sum(0, dtype=torch.float32).to(of_parameters),
            None,
        )


def fp8_linear(values: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype) -> Tensor:
    """values @ weight.T + bias: (n, k), (m, k) and (m,) to (n, m) of `kind`; k and m are multiples
    of 16."""
    found: Tensor = _Fp8Linear.apply(values, weight, bias, kind)
    return found
