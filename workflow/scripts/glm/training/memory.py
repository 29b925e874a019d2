"""The memory that a training needs beside its data, counted."""

from __future__ import annotations

BYTES_A_PARAMETER = 16  # weights, gradients and two moments of AdamW in float32
ACTIVATIONS = {"fp32": 39.6e6, "bf16": 23.5e6, "fp16": 23.5e6}
"""Bytes of one subcontig of 30 genes at the published size (benchmarks/memory.py)."""
PUBLISHED_WIDTH = 19 * 1280  # layers x features of that size
FRAGMENTED = 1.1


def layer_weights(layers: int, hidden_size: int, feed_forward_size: int) -> int:
    """Weights of the gLM's layers: 4 H^2 + 2 H F each."""
    return layers * (4 * hidden_size**2 + 2 * hidden_size * feed_forward_size)


def training_bytes(weights: int, width: int, precision: str, subcontigs: int) -> float:
    """Bytes of weights, gradients, moments, and the activations of a micro-batch.

    width: layers x features of a gene.
    """
    activations = ACTIVATIONS[precision] * width / PUBLISHED_WIDTH
    return weights * BYTES_A_PARAMETER + FRAGMENTED * activations * subcontigs
