"""Addition, dropout before it and LayerNorm after it in one pass each way (Triton).

What a layer adds to is read and written once, where torch's own operations go through it twice and
compiled ones spend most of their time on random numbers. Triton comes with PyTorch for CUDA; its
interpreter runs the kernels without a GPU.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

PROGRAMS = 1056  # eight for each of an H100's processors; each sums its rows in a fixed order
OPTIONS = {"num_warps": 4}


@triton.jit
def mixed_bits(number):
    """32 bits of which each depends on all of the number's (the constants are lowbias32's)."""
    number = (number ^ (number >> 16)) * 0x7FEB352D
    number = (number ^ (number >> 15)) * 0x846CA68B
    return number ^ (number >> 16)


@triton.jit
def not_dropped(seed, row, place, drop):
    """Which elements of a row stay, by the seed and by where they are."""
    of_row = mixed_bits(tl.cast(row, tl.uint32) + mixed_bits(seed.to(tl.uint32)))
    bits = mixed_bits(of_row + place.to(tl.uint32) * 0x9E3779B9)
    return bits.to(tl.float32) >= drop * 4294967296.0


@triton.jit
def add_norm_kernel(
    state, added, weight, bias, seed, total, out, rows, features, epsilon, drop,
    block: tl.constexpr, dropping: tl.constexpr,
):  # fmt: skip
    """Each PROGRAMS-th row: the sum goes to `total`, its LayerNorm to `out`."""
    place = tl.arange(0, block)
    inside = place < features
    kind = total.dtype.element_ty
    by = tl.load(weight + place, mask=inside, other=0.0).to(tl.float32)
    moved = tl.load(bias + place, mask=inside, other=0.0).to(tl.float32)
    for row in range(tl.program_id(0), rows, tl.num_programs(0)):
        begin = tl.cast(row, tl.int64) * features
        more = tl.load(added + begin + place, mask=inside, other=0.0).to(tl.float32)
        if dropping:
            stay = not_dropped(tl.load(seed), row, place, drop)
            more = tl.where(stay, more / (1 - drop), 0.0)
        summed = tl.load(state + begin + place, mask=inside, other=0.0).to(tl.float32) + more
        summed = summed.to(kind)
        tl.store(total + begin + place, summed, mask=inside)
        summed = summed.to(tl.float32)  # the norm is of what is stored
        centred = tl.where(inside, summed - tl.sum(summed, 0) / features, 0.0)
        scale = tl.rsqrt(tl.sum(centred * centred, 0) / features + epsilon)
        tl.store(out + begin + place, (centred * scale * by + moved).to(kind), mask=inside)


@triton.jit
def add_norm_backward_kernel(
    gradient, total, weight, seed, for_state, for_added, parts, rows, features, epsilon, drop,
    block: tl.constexpr, dropping: tl.constexpr,
):  # fmt: skip
    """Gradients of each PROGRAMS-th row, and their part of weight's and bias's."""
    first = tl.program_id(0)
    place = tl.arange(0, block)
    inside = place < features
    kind = for_state.dtype.element_ty
    by = tl.load(weight + place, mask=inside, other=0.0).to(tl.float32)
    for_weight = tl.zeros((block,), tl.float32)
    for_bias = tl.zeros((block,), tl.float32)
    for row in range(first, rows, tl.num_programs(0)):
        begin = tl.cast(row, tl.int64) * features
        summed = tl.load(total + begin + place, mask=inside, other=0.0).to(tl.float32)
        given = tl.load(gradient + begin + place, mask=inside, other=0.0).to(tl.float32)
        centred = tl.where(inside, summed - tl.sum(summed, 0) / features, 0.0)
        scale = tl.rsqrt(tl.sum(centred * centred, 0) / features + epsilon)
        normed = centred * scale
        for_weight += given * normed
        for_bias += given
        given *= by
        given -= tl.sum(given, 0) / features + normed * (tl.sum(given * normed, 0) / features)
        given *= scale
        tl.store(for_state + begin + place, given.to(kind), mask=inside)
        if dropping:
            stay = not_dropped(tl.load(seed), row, place, drop)
            given = tl.where(stay, given / (1 - drop), 0.0)
            tl.store(for_added + begin + place, given.to(kind), mask=inside)
    to = parts + first * 2 * features + place
    tl.store(to, for_weight, mask=inside)
    tl.store(to + features, for_bias, mask=inside)


def add_norm_into(
    total: Tensor, state: Tensor, added: Tensor, weight: Tensor, bias: Tensor, epsilon: float,
    seed: Tensor | None = None, drop: float = 0.0,
) -> Tensor:  # fmt: skip
    """Write state + dropout(added) into `total`, which may be the state, and return its LayerNorm.

    state, added, total: (rows, features) of one type. seed: (1,) int64, needed where drop is not 0.
    """
    out, (rows, features) = torch.empty_like(total), total.shape
    add_norm_kernel[(min(PROGRAMS, rows),)](
        state, added.contiguous(), weight, bias, seed, total, out, rows, features, epsilon, drop,
        triton.next_power_of_2(features), drop > 0, **OPTIONS,
    )  # fmt: skip
    return out


@torch.library.custom_op("glm::add_norm", mutates_args=())
def add_norm(
    state: Tensor, added: Tensor, weight: Tensor, bias: Tensor, seed: Tensor, drop: float,
    epsilon: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """LayerNorm of state + dropout(added), and that sum: (rows, features) each, of one type.

    seed: (1,) int64, of dropout.
    """
    total = torch.empty_like(state)
    return add_norm_into(total, state, added, weight, bias, epsilon, seed, drop), total


@torch.library.custom_op("glm::add_norm_backward", mutates_args=())
def add_norm_backward(
    gradient: Tensor, total: Tensor, weight: Tensor, seed: Tensor, drop: float, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of what was dropped from and added, (2, rows, features), of weight and of bias."""
    rows, features = total.shape
    programs = min(PROGRAMS, rows)
    found = total.new_empty(2 if drop > 0 else 1, rows, features)
    parts = torch.empty(programs, 2, features, device=total.device)
    add_norm_backward_kernel[(programs,)](
        gradient, total, weight, seed, found[0], found[-1], parts, rows, features, epsilon, drop,
        triton.next_power_of_2(features), drop > 0, **OPTIONS,
    )  # fmt: skip
    for_weight, for_bias = parts.sum(0).to(weight.dtype)
    return found, for_weight.clone(), for_bias.clone()


@add_norm.register_fake
def _(
    state: Tensor, added: Any, weight: Any, bias: Any, seed: Any, drop: float, epsilon: float
) -> tuple[Tensor, Tensor]:
    return torch.empty_like(state), torch.empty_like(state)


@add_norm_backward.register_fake
def _(
    gradient: Any, total: Tensor, weight: Tensor, seed: Any, drop: float, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    found = total.new_empty(2 if drop > 0 else 1, *total.shape)
    return found, torch.empty_like(weight), torch.empty_like(weight)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    _, _, weight, _, seed, ctx.drop, ctx.epsilon = inputs
    ctx.save_for_backward(output[1], weight, seed)


def _backward(ctx: Any, gradient: Tensor, _: Any) -> tuple[Tensor | None, ...]:
    found, for_weight, for_bias = add_norm_backward(
        gradient.contiguous(), *ctx.saved_tensors, ctx.drop, ctx.epsilon
    )
    return found[0], found[-1], for_weight, for_bias, None, None, None


add_norm.register_autograd(_backward, setup_context=_save)
