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
BACKWARD_OPTIONS = {"num_warps": 8, "num_stages": 1}


def usable(longest: int, head_size: int) -> bool:
    """Whether the kernels take subcontigs of at most `longest` genes and heads of this size."""
    return longest <= GENES and head_size in HEAD_SIZES


@triton.jit
def softmax_of_scores(q, k, e, real, scale, tile: tl.constexpr):
    """Weights of (tile, tile) float32, a query a row; e: rows of distances from -tile on."""
    i = tl.arange(0, tile)
    distance = i[:, None] - i[None, :] + tile
    scores = tl.dot(q, tl.trans(k))
    scores += tl.gather(tl.dot(q, tl.trans(e)), distance, 1)
    scores += tl.trans(tl.gather(tl.dot(k, tl.trans(e)), tl.trans(distance), 1))
    scores = tl.where(real[None, :], scores * scale, float("-inf"))
    weights = tl.exp(scores - tl.max(scores, 1)[:, None])
    return weights / tl.sum(weights, 1)[:, None]


@triton.jit
def not_dropped(seed, item, drop, tile: tl.constexpr):
    """Which weights of one head of one subcontig stay, by the seed and by where they are."""
    i = tl.arange(0, tile)
    return tl.rand(seed, item * tile * tile + i[:, None] * tile + i[None, :]) >= drop


@triton.jit
def distances(table, middle, rows, tile: tl.constexpr, size: tl.constexpr):
    """Rows of the table for distances -tile to tile - 1, zero where it has none."""
    d = tl.arange(0, size)
    row = tl.arange(0, 2 * tile) - tile + middle
    there = (row >= 0) & (row < rows)
    return tl.load(table + row[:, None] * size + d[None, :], mask=there[:, None], other=0.0)


@triton.jit
def diagonals(scores, i, shift, tile: tl.constexpr):
    """(tile, tile) scores by distance, (tile, 2 tile): column m of row i is at i + shift(m)."""
    j = i[:, None] + shift[None, :]
    inside = (j >= 0) & (j < tile)
    return tl.where(inside, tl.gather(scores, tl.minimum(tl.maximum(j, 0), tile - 1), 1), 0.0)


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
    e = distances(table, middle, rows, tile, size).to(q.dtype)
    weights = softmax_of_scores(q, k, e, real, scale, tile)
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
    i, d, m = tl.arange(0, tile), tl.arange(0, size), tl.arange(0, 2 * tile)
    e = distances(table, middle, rows, tile, size).to(qkv.dtype.element_ty)
    of_table = tl.zeros((2 * tile, size), tl.float32)
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
        weights = softmax_of_scores(q, k, e, real, scale, tile)
        for_weights = tl.dot(given, tl.trans(v))
        used = weights
        if dropping:
            stay = not_dropped(tl.load(seed), item, drop, tile)
            used = tl.where(stay, weights / (1 - drop), 0.0)
            for_weights = tl.where(stay, for_weights / (1 - drop), 0.0)
        for_value = tl.dot(tl.trans(used.to(given.dtype)), given)
        tl.store(for_qkv + offset + 2 * heads * size, for_value.to(given.dtype), mask=real[:, None])
        total = tl.sum(weights * for_weights, 1)
        for_scores = (weights * (for_weights - total[:, None]) * scale).to(given.dtype)
        turned = tl.trans(for_scores)
        by_query = diagonals(for_scores, i, tile - m, tile).to(given.dtype)
        by_key = diagonals(turned, i, m - tile, tile).to(given.dtype)
        for_query = tl.dot(by_query, e, tl.dot(for_scores, k))
        tl.store(for_qkv + offset, for_query.to(given.dtype), mask=real[:, None])
        for_key = tl.dot(by_key, e, tl.dot(turned, q))
        tl.store(for_qkv + offset + heads * size, for_key.to(given.dtype), mask=real[:, None])
        of_table = tl.dot(tl.trans(by_query), q, of_table)
        of_table = tl.dot(tl.trans(by_key), k, of_table)
    to = for_table + first * (2 * tile * size) + m[:, None] * size + d[None, :]
    tl.store(to, of_table)


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
