"""A matrix and its transpose in FP8 in one pass over it (Triton).

Triton comes with PyTorch for CUDA; its interpreter runs the kernels without a GPU.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from glm.model.fp8 import GRADIENTS, ROWS, VALUES

TILE = 128
OPTIONS = {"num_warps": 8}


@triton.jit
def cast_kernel(matrix, scale, numbers, turned, rows, columns, padded, tile: tl.constexpr):
    """One tile of the matrix, divided by the scale, there and in the transpose."""
    by = tl.load(scale)
    i = tl.program_id(0) * tile + tl.arange(0, tile)
    j = tl.program_id(1) * tile + tl.arange(0, tile)
    real = (i < rows)[:, None] & (j < columns)[None, :]
    place = i.to(tl.int64)[:, None] * columns + j[None, :]
    found = tl.load(matrix + place, mask=real, other=0.0).to(tl.float32) / by
    found = found.to(numbers.dtype.element_ty)
    tl.store(numbers + place, found, mask=real)
    place = j.to(tl.int64)[:, None] * padded + i[None, :]
    tl.store(turned + place, tl.trans(found), mask=(j < columns)[:, None] & (i < padded)[None, :])


@torch.library.custom_op("glm::to_fp8", mutates_args=())
def to_fp8(matrix: Tensor, scale: Tensor, gradients: bool) -> tuple[Tensor, Tensor]:
    """The numbers of a `Scaled` and their transpose: (rows, columns) in memory row by row, divided
    by the scale, in e5m2 or in e4m3."""
    rows, columns = matrix.shape
    numbers, turned = empty(matrix, scale, gradients)
    cast_kernel[(triton.cdiv(rows, TILE), triton.cdiv(columns, TILE))](
        matrix, scale, numbers, turned, rows, columns, turned.shape[1], TILE, **OPTIONS
    )
    return numbers, turned


@to_fp8.register_fake
def empty(matrix: Tensor, scale: Tensor, gradients: bool) -> tuple[Tensor, Tensor]:
    """Memory for what `to_fp8` returns."""
    rows, columns = matrix.shape
    kind = GRADIENTS if gradients else VALUES
    return (
        matrix.new_empty(rows, columns, dtype=kind),
        matrix.new_empty(columns, -(-rows // ROWS) * ROWS, dtype=kind),
    )
