"""Whether this GPU's kernels compute what the model's plain layers do."""

from __future__ import annotations

import logging
from typing import cast

import torch
from torch import Tensor, nn

from glm.model import performance
from glm.model.genomic import GenomicLanguageModel, Layer
from glm.model.layout import Layout

logger = logging.getLogger("glm")
DEVICES = ("cuda",)
LARGEST_ERROR = 0.05  # half precision differs by thousandths, FP8 by a hundredth


def check_kernels(model: nn.Module) -> None:
    """Hold a gLM's layer by the kernels against one without, on a GPU, forward and all gradients.

    Where it fails or differs, by a driver or a card that nobody has tried, a warning says so and
    this process does without the kernels. Other models (the biLSTM) have none.
    """
    if not isinstance(model, GenomicLanguageModel):
        return
    layer = cast(Layer, model.layers[0])
    device = layer.attention.query_key_value.weight.device
    if not performance.kernels or device.type not in DEVICES:
        return
    lengths = torch.tensor([30, 15, 32, 1]).clamp(max=model.config.maximum_distance)
    given = torch.randn(int(lengths.sum()), model.config.hidden_size, device=device)
    weights, layout = torch.randn_like(given), Layout.of(lengths, device)
    leaves = [given.requires_grad_(), *(p for p in layer.parameters() if p.requires_grad)]

    def numbers() -> list[Tensor]:
        with torch.enable_grad(), torch.autocast(device.type, torch.float16):
            found, _ = layer(given, layout)
            return [found, *torch.autograd.grad((found.float() * weights).sum(), leaves)]

    was_training = layer.training
    layer.eval()
    try:
        found = numbers()
        performance.kernels = False
        errors = [
            ((mine.float() - other.float()).norm() / other.float().norm()).item()
            for mine, other in zip(found, numbers(), strict=True)
        ]
        performance.kernels = max(errors) < LARGEST_ERROR
        fault = f"its result differs by {max(errors):.2g}"
    except Exception as raised:  # whatever Triton or the driver raises
        performance.kernels, fault = False, f"{type(raised).__name__}: {raised}"
    layer.train(was_training)
    if not performance.kernels:
        logger.warning("the kernels are not used on this GPU: %s", fault)
