"""What follows layer 1's detectors: a whitening projection, and the mean over the protein.

The mean activations of the detectors over a protein are standardised, turned to their principal
components and each component scaled to unit variance, all in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import EsmModel

from glm import logs
from glm.embedding.batching import embed_sequences
from glm.embedding.moments import Moments
from protein_model_training.detectors import FEATURES, DetectorEncoder

COMPONENTS = FEATURES - 2
"""Two features of the stream are kept for the constant that steadies layer 2's norm."""

STEADYING = 50.0
"""Size of that constant, +- in the last two features: it limits what one loud position can add."""

LOUDNESS = 1000.0
"""What layer 2 multiplies the mean with, so that single positions vanish beside it."""

PROTEINS_PER_BLOCK = 1024


@dataclass(frozen=True)
class Projection:
    """Component c of activations a is weights[c] @ a + bias[c]; (components, detectors) float64."""

    weights: np.ndarray
    bias: np.ndarray


def pooled_moments(
    model: EsmModel, proteins: list[str], threads: int, device: torch.device | str = "cpu"
) -> Moments:
    """Mean and covariance of the detectors' pooled activations over proteins, block by block."""
    encoder = DetectorEncoder(model, device)
    moments = Moments.empty(encoder.features, products=True)

    def blocks() -> Iterator[list[str]]:
        with logs.progress_bar(sum(map(len, proteins)), "residues") as bar:
            for start in range(0, len(proteins), PROTEINS_PER_BLOCK):
                part = proteins[start : start + PROTEINS_PER_BLOCK]
                yield part
                bar.update(sum(map(len, part)))

    for part in blocks():
        pooled = embed_sequences(encoder, part, threads=threads)
        moments += Moments.of(pooled, products=True)
    return moments


def fit_projection(moments: Moments, components: int = COMPONENTS) -> Projection:
    """The first principal components of standardised activations, each scaled to variance 1.

    Of a component's two directions the one is taken in which its largest weight is positive.
    """
    covariance = moments.scatter / moments.count
    deviation = np.sqrt(np.diagonal(covariance)) + 1e-6
    correlation = torch.from_numpy(covariance / np.outer(deviation, deviation))
    values, vectors = torch.linalg.eigh(correlation)
    values, directions = values.flip(0)[:components], vectors.flip(1)[:, :components].T
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    weights = (directions * largest.sign() / values.sqrt()[:, None]).numpy() / deviation
    return Projection(weights, -weights @ moments.mean)


@torch.no_grad()
def set_projection(model: EsmModel, projection: Projection) -> None:
    """Write the projection into layer 1, and into layer 2 the mean over the protein.

    Layer 1's output gives the components of each position. Layer 2's queries and keys are zero, so
    that it attends to all positions alike; its values are the components, its output LOUDNESS times
    their mean, less the steadying constant, which has done its work. Its feed-forward part is zero.
    """
    layers: Any = model.encoder.layer
    first, second = layers
    up_to = len(projection.bias)
    down = first.output.dense
    down.weight[:up_to] = torch.from_numpy(projection.weights)
    down.bias[:up_to] = torch.from_numpy(projection.bias)
    steadying = torch.tensor([STEADYING, -STEADYING])
    down.bias[COMPONENTS:] = steadying
    value, output = second.attention.self.value, second.attention.output.dense
    identity = torch.eye(FEATURES)
    identity[up_to:] = 0
    # A norm over a stream in which the constant dominates divides by this.
    value.weight.copy_(identity * STEADYING * math.sqrt(2 / FEATURES))
    output.weight.copy_(identity * LOUDNESS)
    output.bias[COMPONENTS:] = -steadying
