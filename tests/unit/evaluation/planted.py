"""Small corpora whose labels are known: two features, standardised and whitened already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore


def identity_builder(features: int) -> FeatureBuilder:
    """A builder that leaves embeddings as they are: labels are the embedding and the strand."""
    ones, zeros = torch.ones(features), torch.zeros(features)
    return FeatureBuilder(zeros, ones, torch.eye(features), zeros, ones)


def corpus_of(
    subcontigs: Sequence[Sequence[int]], forward: Sequence[Sequence[bool]] | None = None
) -> Corpus:
    """Subcontigs of these representatives, all forward unless said otherwise."""
    lengths = [len(found) for found in subcontigs]
    strands = forward or [[True] * length for length in lengths]
    return Corpus(
        subcontig=np.arange(len(subcontigs)),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        representative=np.concatenate(subcontigs).astype(np.int32),
        forward=np.concatenate(strands).astype(bool),
    )


def store_of(path: Path, embeddings: Sequence[Sequence[float]]) -> EmbeddingStore:
    """An embedding store on disk."""
    np.save(path, np.array(embeddings, dtype=np.float16))
    return EmbeddingStore(path)


def genes_of(
    path: Path,
    subcontigs: Sequence[Sequence[int]],
    embeddings: Sequence[Sequence[float]],
    forward: Sequence[Sequence[bool]] | None = None,
) -> Genes:
    """Genes with labels, from planted embeddings."""
    builder = identity_builder(len(embeddings[0]))
    return Genes(corpus_of(subcontigs, forward), store_of(path, embeddings), builder)


def label_oracle(labels: Tensor, masked: Tensor, predictions: int = 1) -> tuple[Tensor, Tensor]:
    """Predictions that are the labels themselves: every accuracy of a sound metric is then 1.

    Returns predictions (m, predictions, size) and likelihoods (m, predictions).
    """
    right = labels[masked][:, None].expand(-1, predictions, -1)
    return right, torch.zeros_like(right[..., 0])
