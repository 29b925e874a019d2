"""A matrix and its transpose in FP8 in two passes over it (Triton): its largest number, the cast.

Triton comes with PyTorch for CUDA; its interpreter runs the kernels without a GPU.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from glm.model.fp8 import GRADIENTS, ROWS, SMALLEST, VALUES

PROGRAMS = 2048  # that look for the largest number: a power of two
BLOCK = 4096
TILE = 128
OPTIONS = {"num_warps": 8}


@triton.jit
def largest_kernel(matrix, parts, size, block: tl.constexpr):
    """The largest magnitude of each PROGRAMS-th block of the numbers."""
    place = tl.arange(0, block)
    largest = tl.zeros((block,), tl.float32)
    for part in range(tl.program_id(0), tl.cdiv(size, block), tl.num_programs(0)):
        begin = tl.cast(part, tl.int64) * block
        found = tl.load(matrix + begin + place, mask=begin + place < size, other=0.0)
        largest = tl.maximum(largest, tl.abs(found.to(tl.float32)))
    tl.store(parts + tl.program_id(0), tl.max(largest, 0))


@triton.jit
def cast_kernel(
    matrix, parts, numbers, turned, scale, rows, columns, padded, most, smallest,
    programs: tl.constexpr, tile: tl.constexpr,
):  # fmt: skip
    """One tile of the matrix, scaled to `most`, there and in the transpose."""
    largest = tl.max(tl.load(parts + tl.arange(0, programs)), 0)
    by = tl.maximum(largest, smallest) / most
    i = tl.program_id(0) * tile + tl.arange(0, tile)
    j = tl.program_id(1) * tile + tl.arange(0, tile)
    real = (i < rows)[:, None] & (j < columns)[None, :]
    place = i.to(tl.int64)[:, None] * columns + j[None, :]
    found = tl.load(matrix + place, mask=real, other=0.0).to(tl.float32) / by
    found = found.to(numbers.dtype.element_ty)
    tl.store(numbers + place, found, mask=real)
    place = j.to(tl.int64)[:, None] * padded + i[None, :]
    tl.store(turned + place, tl.trans(found), mask=(j < columns)[:, None] & (i < padded)[None, :])
    if (tl.program_id(0) == 0) & (tl.program_id(1) == 0):
        tl.store(scale, by)


@torch.library.custom_op("glm::to_fp8", mutates_args=())
def to_fp8(matrix: Tensor, gradients: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The parts of a `Scaled`: (rows, columns) in memory row by row, in e5m2 or in e4m3."""
    rows, columns = matrix.shape
    numbers, turned, scale = empty(matrix, gradients)
    parts = torch.empty(PROGRAMS, device=matrix.device)
    largest_kernel[(PROGRAMS,)](matrix, parts, matrix.numel(), BLOCK, **OPTIONS)
    cast_kernel[(triton.cdiv(rows, TILE), triton.cdiv(columns, TILE))](
        matrix, parts, numbers, turned, scale, rows, columns, turned.shape[1],
        torch.finfo(numbers.dtype).max, SMALLEST, PROGRAMS, TILE, **OPTIONS,
    )  # fmt: skip
    return numbers, turned, scale


@to_fp8.register_fake
def empty(matrix: Tensor, gradients: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Memory for the parts of a `Scaled`."""
    rows, columns = matrix.shape
    kind = GRADIENTS if gradients else VALUES
    return (
        matrix.new_empty(rows, columns, dtype=kind),
        matrix.new_empty(columns, -(-rows // ROWS) * ROWS, dtype=kind),
        matrix.new_empty((), dtype=torch.float32),
    )
