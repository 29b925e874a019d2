"""A gLM of random weights, and the tables of what stands around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tests.plant import plant

from glm import tables
from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.inference.reader import GeneReader
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig

HIDDEN = 24


def write_fits(
    folder: Path, mean: np.ndarray, deviation: np.ndarray, directions: np.ndarray, count: int = 0
) -> None:
    """What standardises the input (by feature), and labels along directions of variance 1.

    count: of the proteins that they are said to be fitted on.
    """
    plant(
        folder / "standardisation.parquet",
        tables.STANDARDISATION,
        feature=range(len(mean)),
        mean=mean,
        standard_deviation=deviation,
        count=count,
    )
    plant(
        folder / "label_components.parquet",
        tables.LABEL_COMPONENTS,
        component=range(len(directions)),
        direction=list(directions),
        variance=1.0,
        count=count,
    )


def random_model(features: int, components: int) -> GenomicLanguageModel:
    """Two thin layers, for windows of at most 30 genes; the same each time."""
    torch.manual_seed(3)
    config = GenomicLanguageModelConfig(
        embedding_size=features, hidden_size=HIDDEN, layers=2, heads=3, feed_forward_size=32,
        maximum_distance=30, label_components=components, initializer_range=0.3,
    )  # fmt: skip
    return GenomicLanguageModel(config).eval()


def random_reader(corpus: Corpus, features: int = 12) -> GeneReader:
    """What reads a corpus of 20 representatives with random embeddings, not standardised."""
    zeros, ones = torch.zeros(features), torch.ones(features)
    builder = FeatureBuilder(zeros, ones, torch.eye(features)[:4], zeros[:4], ones[:4])
    embeddings = np.random.default_rng(1).normal(size=(20, features)).astype(np.float16)
    genes = Genes(corpus, EmbeddingStore.held(embeddings), builder)
    return GeneReader(random_model(features, components=4), genes)


def write_model(run: Path, embeddings: np.ndarray, components: int = 6) -> None:
    """Both, where a run has them."""
    deviation = embeddings.std(0) + 1e-6
    directions = np.eye(len(deviation))[:components]
    write_fits(run / "embedding", embeddings.mean(0), deviation, directions)
    random_model(embeddings.shape[1], components).save_pretrained(run / "glm")
