"""What follows layer 1's detectors: a projection that tells families apart, and the protein's mean.

The mean activations of the detectors over a protein are standardised, turned to the directions in
which proteins differ most beside what homologues differ by, and each of these scaled to unit
variance, all in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.linalg import eigh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import laplacian
from transformers import EsmModel

from glm import logs
from glm.embedding.batching import embed_sequences
from protein_model_training.detectors import DETECTORS, FEATURES, DetectorEncoder
from protein_model_training.release import Homologues

COMPONENTS = FEATURES - 2
"""Two features of the stream are kept for the constant that steadies layer 2's norm."""

STEADYING = 50.0
"""Size of that constant, +- in the last two features: it limits what one loud position can add."""

LOUDNESS = 1000.0
"""What layer 2 multiplies the mean with, so that single positions vanish beside it."""

SHRINKAGE = 3.0
"""Variance added to what homologues differ by, in every direction alike: theirs is of some families
only, and with less of it families never seen are told apart worse."""

PROTEINS_PER_BLOCK = 1024


@dataclass(frozen=True)
class Projection:
    """Component c of activations a is weights[c] @ a + bias[c]; (components, detectors) float64."""

    weights: np.ndarray
    bias: np.ndarray


def pooled_activations(
    model: EsmModel, proteins: list[str], threads: int, device: torch.device | str = "cpu"
) -> np.ndarray:
    """The detectors' mean activations over each protein, (proteins, DETECTORS) float32."""
    encoder = DetectorEncoder(model, device)
    pooled = np.empty((len(proteins), DETECTORS), np.float32)
    with logs.progress_bar(sum(map(len, proteins)), "residues") as bar:
        for start in range(0, len(proteins), PROTEINS_PER_BLOCK):
            part = proteins[start : start + PROTEINS_PER_BLOCK]
            pooled[start : start + len(part)] = embed_sequences(encoder, part, threads=threads)
            bar.update(sum(map(len, part)))
    return pooled


def covariance_within(values: np.ndarray, homologues: Homologues) -> np.ndarray:
    """Half the mean outer product of what homologues differ by: (features, features).

    The weighted sum over pairs is that of the pairs' graph: values.T @ laplacian @ values.
    """
    count = len(values)
    graph = coo_matrix((homologues.weights, tuple(homologues.pairs.T)), (count, count)).tocsr()
    return values.T @ (laplacian(graph + graph.T) @ values) / homologues.weights.sum() / 2


def fit_projection(
    activations: np.ndarray, homologues: Homologues, components: int = COMPONENTS
) -> Projection:
    """A linear discriminant of families (Fisher 1936), from pairs of homologues.

    Components are the uncorrelated directions of standardised activations with the largest ratio of
    variance to what homologues differ by, each scaled to variance 1. Of a component's two
    directions the one is taken in which its largest weight is positive.
    """
    mean, deviation = activations.mean(0, np.float64), activations.std(0, np.float64) + 1e-6
    standardised = (activations - mean) / deviation
    total = standardised.T @ standardised / len(standardised)
    within = covariance_within(standardised, homologues) + SHRINKAGE * np.eye(len(total))
    directions = eigh(total, within)[1][:, ::-1][:, :components].T
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    variance = np.einsum("cd,de,ce->c", directions, total, directions)[:, None]
    weights = directions * np.sign(largest) / np.sqrt(variance) / deviation
    return Projection(weights, -weights @ mean)


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
