"""ESM-2's rotation in one pass over memory (Triton).

In torch's own operations a rotation in half precision is three passes over numbers twice as wide.
Triton comes with PyTorch for CUDA; its interpreter runs this without a GPU.
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
