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
SMALLEST = 1e-12  # of the largest number of a tensor


class Scaled(NamedTuple):
    """A matrix in FP8, (n, m), and what its numbers are to be multiplied by.

    turned: its transpose as rows in memory, (m, n and zeros up to a multiple of ROWS): tensor cores
    sum FP8 along rows only.
    """

    numbers: Tensor
    turned: Tensor
    scale: Tensor


def scaled(matrix: Tensor, kind: torch.dtype) -> Scaled:
    """A matrix in FP8 with its largest number at the largest that the type has.

    Float32 is rounded to bf16 before: Triton 3.6 turns tiles of four-byte numbers wrongly (H200).
    """
    from glm.model import performance  # which imports this module

    matrix = matrix.to(torch.bfloat16) if matrix.dtype == torch.float32 else matrix
    if matrix.is_cuda and performance.kernels:  # glm.model.fp8_kernel
        return Scaled(*torch.ops.glm.to_fp8(matrix.contiguous(), kind == GRADIENTS))
    scale = matrix.abs().amax().float().clamp(min=SMALLEST) / torch.finfo(kind).max
    numbers = (matrix.float() / scale).to(kind)
    padded = F.pad(numbers.view(torch.uint8), (0, 0, 0, -len(matrix) % ROWS)).view(kind)
    return Scaled(numbers, padded.T.contiguous(), scale)


def product(
    left: Tensor, right: Tensor, scales: tuple[Tensor, Tensor], kind: torch.dtype,
    bias: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """left @ right.T + bias, (n, k) and (m, k) to (n, m) of `kind`; k is a multiple of ROWS.

    Forward, where there is a bias, sums are the tensor core's own; gradients' are float32's.
    """
    found: Tensor = torch._scaled_mm(
        left, right.T, *scales, bias=bias, out_dtype=kind, use_fast_accum=bias is not None
    )
    return found


class _Fp8Linear(torch.autograd.Function):
    """`linear` and its gradients as FP8 products."""

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype
    ) -> Tensor:
        left, right = scaled(values, VALUES), scaled(weight, VALUES)
        ctx.save_for_backward(left.turned, left.scale, right.turned, right.scale)
        ctx.kinds = values.dtype, weight.dtype
        scales = left.scale, right.scale
        return product(left.numbers, right.numbers, scales, kind, bias.to(kind))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        values, values_scale, weight, weight_scale = ctx.saved_tensors
        kind = gradient.dtype
        given = scaled(gradient, GRADIENTS)
        for_values = product(given.numbers, weight, (given.scale, weight_scale), kind)
        for_weight = product(given.turned, values, (given.scale, values_scale), kind)
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
