"""Time and memory saved where torch's own way costs more; the model is the same without it.

- `linear`: oneDNN's matrix product. torch's own in float32 is MKL's, which on AMD processors
  reaches half its rate (88 against 187 GFLOP/s on one EPYC core, at the sizes of this model), and
  products are nine tenths of a training step on a processor. Both round in float32.
- `dropout`: on a processor torch spends more on its random numbers than on LayerNorm, GELU and
  softmax together; this draws four times fewer.
- `fused_attention` and `add_norm`: on a GPU in half precision, attention of short subcontigs is one
  kernel each way, and so is dropout, addition and LayerNorm (docs/performance.md).
- `PromptAdamW`: at the published size 1.1 GB less at the peak of a step.

With `enabled` false, linear and dropout are torch's; with `kernels` false, the others are.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glm.model.fp8 import fp8_linear

enabled = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
kernels = torch.cuda.is_available() and importlib.util.find_spec("triton") is not None
if kernels:  # Triton comes with torch for CUDA
    from glm import norm_kernel  # noqa: F401  (operators are registered)
    from glm.model import attention_kernel, fp8_kernel  # noqa: F401
ALIGNED = 8  # numbers of two bytes
LEVELS = 1 << 16  # probabilities of dropout are rounded to 1 / 65,536: 0.1 becomes 0.100006


def fused_attention(packed: Tensor, longest: int, head_size: int) -> bool:
    """Whether attention over these (genes, 3 x hidden size) is done by one kernel."""
    # the kernel's offsets are of 32 bits, and tensor cores would round float32 to TF32
    fits = packed.numel() < 2**31 and packed.dtype != torch.float32
    return kernels and packed.is_cuda and fits and attention_kernel.usable(longest, head_size)


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
    if values.is_cuda:
        values, weight = aligned(values), aligned(weight)
    return F.linear(values, weight, bias)


def aligned(rows: Tensor) -> Tensor:
    """Rows with zeros behind, of whole 16 bytes in half precision, as tensor cores want them: the
    gLM's 1,281 inputs become 1,288."""
    odd = -rows.shape[-1] % ALIGNED
    return F.pad(rows, (0, odd)) if odd else rows


class Linear(nn.Linear):
    """A `torch.nn.Linear` for packed rows, (n, k) to (n, m), that chooses the faster product.

    With `in_fp8` it is one of FP8 numbers under autocast.
    """

    in_fp8 = False

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        kind = values.device.type
        if self.in_fp8 and torch.is_autocast_enabled(kind):
            return fp8_linear(values, self.weight, self.bias, torch.get_autocast_dtype(kind))
        return linear(values, self.weight, self.bias)


class LayerNorm(nn.LayerNorm):
    """A `torch.nn.LayerNorm` that can stay in half precision under autocast.

    Statistics are of float32 in any case. With `stays_half`, what comes in and goes out is of its
    type, and so is the sum that the next layer adds to: half the memory moved between products.
    """

    stays_half = False

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        kind = values.device.type
        if not self.stays_half or not torch.is_autocast_enabled(kind):
            return super().forward(values)
        values = values.to(torch.get_autocast_dtype(kind))
        with torch.autocast(kind, enabled=False):
            weight, bias = self.weight.to(values.dtype), self.bias.to(values.dtype)
            return F.layer_norm(values, self.normalized_shape, weight, bias, self.eps)


class _CpuDropout(torch.autograd.Function):
    """Zero each element with 16 random bits of its own; keep one byte for the way back."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, threshold: int) -> Tensor:
        # four elements from each 64-bit draw: torch's own bernoulli_ draws 64 bits for every one
        bits = torch.empty(-(-values.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = (bits.view(torch.int16)[: values.numel()] >= threshold - LEVELS // 2).view(
            values.shape
        )
        ctx.scale = LEVELS / (LEVELS - threshold)
        ctx.save_for_backward(kept)
        return (values * kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return (gradient * kept).mul_(ctx.scale), None


def dropout(values: Tensor, probability: float, training: bool) -> Tensor:
    """Zero elements with `probability` and scale the rest up, when `training`; any shape."""
    if not training or probability <= 0:
        return values
    if not enabled or values.device.type != "cpu" or torch.compiler.is_compiling():
        return F.dropout(values, probability, True)
    return _CpuDropout.apply(values, round(probability * LEVELS))


def add_norm(
    state: Tensor, added: Tensor, norm: LayerNorm, probability: float, training: bool
) -> Tensor:
    """`norm(state + dropout(added))`, (rows, features) each; in one pass where all stays half."""
    kind = state.device.type
    if kernels and state.is_cuda and norm.stays_half and torch.is_autocast_enabled(kind):
        half = torch.get_autocast_dtype(kind)
        seed = torch.randint(2**31 - 1, (1,), device=state.device)
        found: Tensor = torch.ops.glm.add_norm(
            state.to(half), added.to(half), norm.weight, norm.bias, seed,
            probability if training else 0.0, norm.eps,
        )[0]  # fmt: skip
        return found
    return norm(state + dropout(added, probability, training))


class PromptAdamW(torch.optim.AdamW):
    """A fused AdamW that need not hold all gradients at once.

    Inside `with optimiser.during_backward():` each parameter is updated when its gradient is
    complete, and the gradient is freed; the numbers are bit for bit those of `backward()` and then
    `step()`. Outside of it, and in its state, this is torch's own AdamW.

    Not for a step that must see all gradients before any is used: clipping of their norm, fp16
    with a GradScaler, an exchange with other processes. With gradient accumulation, only the last
    micro-batch's backward pass goes inside, and little is gained. On a GPU it costs time: a kernel
    a parameter.
    """

    def __init__(self, parameters: Any, **options: Any) -> None:
        """As `torch.optim.AdamW`; parameters or groups of them."""
        super().__init__(parameters, fused=True, **options)
        self._prompt = False
        for index, group in enumerate(self.param_groups):
            for parameter in group["params"]:
                parameter.register_post_accumulate_grad_hook(self._updater(index))

    @contextmanager
    def during_backward(self, active: bool = True) -> Iterator[None]:
        """Update in the backward passes that run inside; not, if not `active`."""
        self._prompt = active
        try:
            yield
        finally:
            self._prompt = False

    def _updater(self, index: int) -> Callable[[Tensor], None]:
        """The hook of the parameters of one group."""

        def update(parameter: Tensor) -> None:
            if not self._prompt:
                return
            groups = self.param_groups
            self.param_groups = [{**groups[index], "params": [parameter]}]
            try:
                self.step()
            finally:
                self.param_groups = groups
            parameter.grad = None

        return update
