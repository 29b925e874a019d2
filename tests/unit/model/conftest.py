"""A small gLM whose every weight matters."""

from __future__ import annotations

import pytest
import torch

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(7)


@pytest.fixture
def model() -> GenomicLanguageModel:
    """Three layers, four heads, biases and LayerNorms away from zero and one, no dropout."""
    made = GenomicLanguageModel(
        GenomicLanguageModelConfig(
            embedding_size=12,
            hidden_size=32,
            layers=3,
            heads=4,
            feed_forward_size=24,
            maximum_distance=40,
            label_components=5,
        )
    ).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            spread = 0.3 if "distance" in name or "bias" in name else 0.2
            value.copy_(torch.randn_like(value) * spread + ("norm.weight" in name))
    return made
