"""ESM-2's passes over memory, each as one (Triton): rotation, and addition with LayerNorm.

Between its products a layer only moves memory. In torch's own operations a rotation in half
precision is three passes over numbers twice as wide, and an addition and the LayerNorm after it
read the state twice. Triton comes with PyTorch for CUDA; its interpreter runs both without a GPU.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor


@triton.jit
def rotate_kernel(values, cosines, sines, stride, heads: tl.constexpr, half: tl.constexpr,
                  block: tl.constexpr):  # fmt: skip
    """Rotate neighbouring pairs of one token's heads, in place."""
    token = tl.program_id(0).to(tl.int64)
    pair, both = tl.arange(0, block), tl.arange(0, 2 * block)
    cosine = tl.load(cosines + token * half + pair % half, mask=pair < heads * half)
    sine = tl.load(sines + token * half + pair % half, mask=pair < heads * half)
    at = values + token * stride + both
    inside = both < 2 * heads * half
    found = tl.load(at, mask=inside, other=0.0).to(tl.float32)
    even, odd = tl.split(tl.reshape(found, (block, 2)))
    turned = tl.join(even * cosine - odd * sine, even * sine + odd * cosine)
    tl.store(at, tl.reshape(turned, (2 * block,)).to(values.dtype.element_ty), mask=inside)


@triton.jit
def add_norm_kernel(state, added, weight, bias, out, features, epsilon, block: tl.constexpr):
    """One token: the sum takes the state's place, its LayerNorm goes to `out`."""
    token = tl.program_id(0).to(tl.int64) * features
    place = tl.arange(0, block)
    inside = place < features
    kind = state.dtype.element_ty
    total = tl.load(state + token + place, mask=inside, other=0.0).to(tl.float32)
    total += tl.load(added + token + place, mask=inside, other=0.0).to(tl.float32)
    total = total.to(kind).to(tl.float32)  # the norm is of what is stored
    tl.store(state + token + place, total.to(kind), mask=inside)
    centred = tl.where(inside, total - tl.sum(total, 0) / features, 0.0)
    scaled = centred * tl.rsqrt(tl.sum(centred * centred, 0) / features + epsilon)
    scaled *= tl.load(weight + place, mask=inside, other=0.0).to(tl.float32)
    scaled += tl.load(bias + place, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + token + place, scaled.to(kind), mask=inside)


def rotate(query_key: Tensor, cosines: Tensor, sines: Tensor) -> None:
    """Rotate (tokens, heads x head size) in place, rows any stride apart.

    cosines, sines: (tokens, head size / 2) float32, of each token's angles; pairs lie side by side.
    """
    half = cosines.shape[1]
    heads = query_key.shape[1] // (2 * half)
    rotate_kernel[(len(query_key),)](
        query_key, cosines, sines, query_key.stride(0), heads, half,
        triton.next_power_of_2(heads * half), num_warps=4,
    )  # fmt: skip


def add_norm(state: Tensor, added: Tensor, norm: tuple[Tensor, Tensor], epsilon: float) -> Tensor:
    """Add to the state in place, and return the sum's LayerNorm: (tokens, features) each."""
    out = state.new_empty(state.shape)
    features = state.shape[1]
    add_norm_kernel[(len(state),)](
        state, added.contiguous(), *norm, out, features, epsilon,
        triton.next_power_of_2(features), num_warps=4,
    )  # fmt: skip
    return out
