"""Attention with relative positions in one kernel each way (Triton), for at most 32 genes.

One program reads the queries, keys and values of one head of one subcontig from the packed product,
and writes the mixed values where they belong: nothing is padded, shifted or permuted, and no scores
are written. The backward pass computes the weights again. Dropout draws by counter, so no mask is
kept, and the gradient of the distance table is summed in a fixed order.

`usable` says where it can stand for `RelativeAttention`'s own way, which is what it is tested
against; Triton comes with PyTorch for CUDA, and its interpreter runs the kernels without a GPU.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

GENES = 32  # of a tile: subcontigs are not longer
HEAD_SIZES = (16, 32, 64, 128)
PROGRAMS = 528  # of the backward pass, four for each of an H100's processors: a sum in fixed order
FORWARD_OPTIONS = {"num_warps": 4}
BACKWARD_OPTIONS = {"num_warps": 2, "num_stages": 1}


def usable(longest: int, head_size: int) -> bool:
    """Whether the kernels take subcontigs of at most `longest` genes and heads of this size."""
    return longest <= GENES and head_size in HEAD_SIZES


@triton.jit
def rolled(matrix, forward: tl.constexpr, tile: tl.constexpr):
    """Element (i, c) is (i, i - c) of the matrix, or (i, i + c) if forward, modulo the tile."""
    i, c = tl.arange(0, tile)[:, None], tl.arange(0, tile)[None, :]
    return tl.gather(matrix, (i + c if forward else i - c + tile) % tile, 1)


@triton.jit
def relative_scores(q, k, before, after, tile: tl.constexpr):
    """q.k and both terms of the distance i - j, queries in rows, (tile, tile) float32.

    before, after: (tile, head size), rows of the distances -tile to -1 and 0 to tile - 1. Column c
    of a product with them is of distance c or c - tile: only one of both lies within the tile.
    """
    i, c = tl.arange(0, tile)[:, None], tl.arange(0, tile)[None, :]
    of_query = tl.where(c > i, tl.dot(q, tl.trans(before)), tl.dot(q, tl.trans(after)))
    of_key = tl.where(i + c >= tile, tl.dot(k, tl.trans(before)), tl.dot(k, tl.trans(after)))
    return tl.dot(q, tl.trans(k), rolled(of_query, False, tile)) + tl.trans(
        tl.gather(of_key, (c - i + tile) % tile, 1)
    )


@triton.jit
def softmax_of_scores(q, k, before, after, real, scale, tile: tl.constexpr):
    """Weights of (tile, tile) float32, a query a row."""
    scores = relative_scores(q, k, before, after, tile)
    scores = tl.where(real[None, :], scores * scale, float("-inf"))
    weights = tl.exp(scores - tl.max(scores, 1)[:, None])
    return weights / tl.sum(weights, 1)[:, None]


@triton.jit
def not_dropped(seed, item, drop, tile: tl.constexpr):
    """Which weights of one head of one subcontig stay, by the seed and by where they are."""
    i = tl.arange(0, tile)
    return tl.rand(seed, item * tile * tile + i[:, None] * tile + i[None, :]) >= drop


@triton.jit
def distances(table, first, rows, tile: tl.constexpr, size: tl.constexpr):
    """Rows of the table from `first` on, zero where it has none."""
    row, d = first + tl.arange(0, tile), tl.arange(0, size)
    there = (row >= 0) & (row < rows)
    return tl.load(table + row[:, None] * size + d[None, :], mask=there[:, None], other=0.0)


@triton.jit
def forward_kernel(
    qkv, table, starts, seed, out, middle, rows, scale, drop,
    heads: tl.constexpr, size: tl.constexpr, tile: tl.constexpr, dropping: tl.constexpr,
):  # fmt: skip
    """Mixed values of one head of one subcontig."""
    item = tl.program_id(0)
    subcontig, head = item // heads, item % heads
    begin = tl.load(starts + subcontig)
    genes = tl.load(starts + subcontig + 1) - begin
    i, d = tl.arange(0, tile), tl.arange(0, size)
    real = i < genes
    place = qkv + (begin + i)[:, None] * (3 * heads * size) + head * size + d[None, :]
    q = tl.load(place, mask=real[:, None], other=0.0)
    k = tl.load(place + heads * size, mask=real[:, None], other=0.0)
    before = distances(table, middle - tile, rows, tile, size).to(q.dtype)
    after = distances(table, middle, rows, tile, size).to(q.dtype)
    weights = softmax_of_scores(q, k, before, after, real, scale, tile)
    if dropping:
        stay = not_dropped(tl.load(seed), item, drop, tile)
        weights = tl.where(stay, weights / (1 - drop), 0.0)
    v = tl.load(place + 2 * heads * size, mask=real[:, None], other=0.0)
    mixed = tl.dot(weights.to(v.dtype), v)
    to = out + (begin + i)[:, None] * (heads * size) + head * size + d[None, :]
    tl.store(to, mixed.to(v.dtype), mask=real[:, None])


@triton.jit
def backward_kernel(
    qkv, table, starts, seed, gradient, for_qkv, for_table, middle, rows, scale, drop, items,
    heads: tl.constexpr, size: tl.constexpr, tile: tl.constexpr, dropping: tl.constexpr,
):  # fmt: skip
    """Gradients of each PROGRAMS-th head of a subcontig, and its part of the table's."""
    first = tl.program_id(0)
    i, d = tl.arange(0, tile), tl.arange(0, size)
    row, column = i[:, None], i[None, :]
    kind = qkv.dtype.element_ty
    before = distances(table, middle - tile, rows, tile, size).to(kind)
    after = distances(table, middle, rows, tile, size).to(kind)
    of_before = tl.zeros((tile, size), tl.float32)
    of_after = tl.zeros((tile, size), tl.float32)
    for item in range(first, items, tl.num_programs(0)):
        subcontig, head = item // heads, item % heads
        begin = tl.load(starts + subcontig)
        genes = tl.load(starts + subcontig + 1) - begin
        real = i < genes
        offset = (begin + i)[:, None] * (3 * heads * size) + head * size + d[None, :]
        q = tl.load(qkv + offset, mask=real[:, None], other=0.0)
        k = tl.load(qkv + offset + heads * size, mask=real[:, None], other=0.0)
        v = tl.load(qkv + offset + 2 * heads * size, mask=real[:, None], other=0.0)
        place = (begin + i)[:, None] * (heads * size) + head * size + d[None, :]
        given = tl.load(gradient + place, mask=real[:, None], other=0.0)
        weights = softmax_of_scores(q, k, before, after, real, scale, tile)
        for_weights = tl.dot(given, tl.trans(v))
        used = weights
        if dropping:
            stay = not_dropped(tl.load(seed), item, drop, tile)
            used = tl.where(stay, weights / (1 - drop), 0.0)
            for_weights = tl.where(stay, for_weights / (1 - drop), 0.0)
        for_value = tl.dot(tl.trans(used.to(kind)), given)
        tl.store(for_qkv + offset + 2 * heads * size, for_value.to(kind), mask=real[:, None])
        total = tl.sum(weights * for_weights, 1)
        for_scores = (weights * (for_weights - total[:, None]) * scale).to(kind)
        turned = tl.trans(for_scores)
        # by distance: column c of a gene's row is of distance c - tile, or of distance c
        of_query = rolled(for_scores, False, tile)
        query_before = tl.where(column > row, of_query, 0.0).to(kind)
        query_after = tl.where(column > row, 0.0, of_query).to(kind)
        of_key = rolled(turned, True, tile)
        key_before = tl.where(row + column >= tile, of_key, 0.0).to(kind)
        key_after = tl.where(row + column >= tile, 0.0, of_key).to(kind)
        for_query = tl.dot(for_scores, k)
        for_query = tl.dot(query_before, before, for_query)
        for_query = tl.dot(query_after, after, for_query)
        tl.store(for_qkv + offset, for_query.to(kind), mask=real[:, None])
        for_key = tl.dot(turned, q)
        for_key = tl.dot(key_before, before, for_key)
        for_key = tl.dot(key_after, after, for_key)
        tl.store(for_qkv + offset + heads * size, for_key.to(kind), mask=real[:, None])
        of_before = tl.dot(tl.trans(query_before), q, of_before)
        of_before = tl.dot(tl.trans(key_before), k, of_before)
        of_after = tl.dot(tl.trans(query_after), q, of_after)
        of_after = tl.dot(tl.trans(key_after), k, of_after)
    to = for_table + first * (2 * tile * size) + i[:, None] * size + d[None, :]
    tl.store(to, of_before)
    tl.store(to + tile * size, of_after)


@torch.library.custom_op("glm::relative_attention", mutates_args=())
def relative_attention(
    qkv: Tensor, table: Tensor, starts: Tensor, seed: Tensor, heads: int, drop: float
) -> Tensor:
    """Mix the values of each subcontig's genes.

    qkv: (genes, 3 x heads x head size), queries, keys and values of packed genes. table:
    (2 x largest distance - 1, head size), the middle row is distance 0. starts: (subcontigs + 1,)
    int32, where each begins among the genes. seed: (1,) int64, of dropout. Returns (genes, heads x
    head size). Each subcontig has at most GENES genes.
    """
    size = table.shape[1]
    out = qkv.new_empty(len(qkv), heads * size)
    forward_kernel[((len(starts) - 1) * heads,)](
        qkv, table, starts, seed, out, table.shape[0] // 2, table.shape[0], size**-0.5, drop,
        heads, size, GENES, drop > 0, **FORWARD_OPTIONS,
    )  # fmt: skip
    return out


@torch.library.custom_op("glm::relative_attention_backward", mutates_args=())
def relative_attention_backward(
    gradient: Tensor, qkv: Tensor, table: Tensor, starts: Tensor, seed: Tensor, heads: int,
    drop: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Gradients of qkv and of the table, shapes as theirs."""
    size, middle = table.shape[1], table.shape[0] // 2
    items = (len(starts) - 1) * heads
    programs = min(PROGRAMS, items)
    for_qkv = torch.empty_like(qkv)
    parts = torch.empty(programs, 2 * GENES, size, device=qkv.device)
    backward_kernel[(programs,)](
        qkv, table, starts, seed, gradient, for_qkv, parts, middle, table.shape[0], size**-0.5,
        drop, items, heads, size, GENES, drop > 0, **BACKWARD_OPTIONS,
    )  # fmt: skip
    for_table = torch.zeros_like(table)
    low, high = max(middle - GENES, 0), min(middle + GENES, table.shape[0])
    reached = parts.sum(0)[low - middle + GENES : high - middle + GENES]
    for_table[low:high] = reached.to(table.dtype)
    return for_qkv, for_table


@relative_attention.register_fake
def _(qkv: Tensor, table: Tensor, starts: Any, seed: Any, heads: int, drop: float) -> Tensor:
    return qkv.new_empty(qkv.shape[0], heads * table.shape[1])


@relative_attention_backward.register_fake
def _(
    gradient: Any, qkv: Tensor, table: Tensor, starts: Any, seed: Any, heads: int, drop: float
) -> tuple[Tensor, Tensor]:
    return torch.empty_like(qkv), torch.empty_like(table)


def _save(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    qkv, table, starts, seed, ctx.heads, ctx.drop = inputs
    ctx.save_for_backward(qkv, table, starts, seed)


def _backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    found = relative_attention_backward(
        gradient.contiguous(), *ctx.saved_tensors, ctx.heads, ctx.drop
    )
    return *found, None, None, None, None


relative_attention.register_autograd(_backward, setup_context=_save)
