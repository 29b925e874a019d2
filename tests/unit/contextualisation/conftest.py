"""Five subcontigs of unequal length over a small store, and a gLM of random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from glm import tables
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig

FEATURES, HIDDEN, COMPONENTS = 12, 24, 4
LENGTHS = (5, 3, 4, 8, 6)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run: subcontigs.parquet, store.npy, glm/ and the fitted tables."""
    folder = tmp_path_factory.mktemp("run")
    rng = np.random.default_rng(2)
    genes = sum(LENGTHS)
    np.save(folder / "store.npy", rng.normal(size=(40, FEATURES)).astype(np.float16))
    parts = np.split(np.arange(genes), np.cumsum(LENGTHS)[:-1])
    representative = rng.permutation(40)[:genes].astype(np.int32)
    representative[2] = -1
    forward = rng.random(genes) < 0.5
    write_subcontigs(folder, parts, representative, forward)
    write_fits(folder)
    torch.manual_seed(3)
    config = GenomicLanguageModelConfig(
        embedding_size=FEATURES, hidden_size=HIDDEN, layers=2, heads=3, feed_forward_size=32,
        maximum_distance=8, label_components=COMPONENTS, initializer_range=0.3,
    )  # fmt: skip
    GenomicLanguageModel(config).save_pretrained(folder / "glm")
    return folder


def write_subcontigs(
    folder: Path, parts: list[np.ndarray], representative: np.ndarray, forward: np.ndarray
) -> None:
    data = pd.DataFrame(
        {
            "subcontig": 10 * np.arange(len(parts)) + 7,
            "contig": np.arange(len(parts)),
            "first_rank": 0,
            "assembly": "A",
            "biome": None,
            "representative": [representative[part] for part in parts],
            "forward": [forward[part] for part in parts],
            "protein": [1000 + part for part in parts],
        }
    )
    path = folder / "subcontigs.parquet"
    tables.write(data, path, tables.SUBCONTIGS, {"producer": "test"}, row_group_size=2)


def write_fits(folder: Path) -> None:
    rng = np.random.default_rng(4)
    fitted = pd.DataFrame(
        {
            "feature": np.arange(FEATURES),
            "mean": rng.normal(size=FEATURES),
            "standard_deviation": rng.uniform(0.5, 2, FEATURES),
            "count": 40,
        }
    )
    path = folder / "standardisation.parquet"
    tables.write(fitted, path, tables.STANDARDISATION, {"producer": "test"})
    components = pd.DataFrame(
        {
            "component": np.arange(COMPONENTS),
            "direction": list(np.eye(FEATURES)[:COMPONENTS]),
            "centre": 0.0,
            "variance": 1.0,
            "variance_share": 1 / FEATURES,
            "count": 40,
        }
    )
    path = folder / "label_components.parquet"
    tables.write(components, path, tables.LABEL_COMPONENTS, {"producer": "test"})
