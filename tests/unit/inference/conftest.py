"""Five subcontigs of unequal length over a small store, and a gLM of random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.plant import plant_subcontigs
from tests.random_model import random_model, write_fits

FEATURES = 12
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
    rng = np.random.default_rng(4)
    mean, deviation = rng.normal(size=FEATURES), rng.uniform(0.5, 2, FEATURES)
    write_fits(folder, mean, deviation, np.eye(4, FEATURES))
    random_model(FEATURES, components=4).save_pretrained(folder / "glm")
    return folder


def write_subcontigs(
    folder: Path, parts: list[np.ndarray], representative: np.ndarray, forward: np.ndarray
) -> None:
    plant_subcontigs(
        folder / "subcontigs.parquet",
        [representative[part] for part in parts],
        subcontig=10 * np.arange(len(parts)) + 7,
        forward=[forward[part] for part in parts],
        protein=[1000 + part for part in parts],
        row_group_size=2,
    )
