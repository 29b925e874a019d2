"""A gLM of random weights, and the tables of what stands around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from glm import tables
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig

HIDDEN = 24
STAMP = {"producer": "test"}


def write_fits(folder: Path, mean: np.ndarray, deviation: np.ndarray, components: int) -> None:
    """What standardises the input (by feature), and labels that are its first features."""
    features = len(mean)
    standardisation = pd.DataFrame(
        {
            "feature": np.arange(features),
            "mean": mean,
            "standard_deviation": deviation,
            "count": 40,
        }
    )
    path = folder / "standardisation.parquet"
    tables.write(standardisation, path, tables.STANDARDISATION, STAMP)
    labels = pd.DataFrame(
        {
            "component": np.arange(components),
            "direction": list(np.eye(features)[:components]),
            "centre": 0.0,
            "variance": 1.0,
            "variance_share": 1 / features,
            "count": 40,
        }
    )
    tables.write(labels, folder / "label_components.parquet", tables.LABEL_COMPONENTS, STAMP)


def write_weights(folder: Path, features: int, components: int) -> None:
    """A gLM of two thin layers, for windows of at most 30 genes; the same each time."""
    torch.manual_seed(3)
    config = GenomicLanguageModelConfig(
        embedding_size=features, hidden_size=HIDDEN, layers=2, heads=3, feed_forward_size=32,
        maximum_distance=30, label_components=components, initializer_range=0.3,
    )  # fmt: skip
    GenomicLanguageModel(config).save_pretrained(folder)


def write_model(run: Path, embeddings: np.ndarray, components: int = 6) -> None:
    """Both, where a run has them."""
    deviation = embeddings.std(0) + 1e-6
    write_fits(run / "embedding", embeddings.mean(0), deviation, components)
    write_weights(run / "glm", embeddings.shape[1], components)
