"""Real proteins of the embedded corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from protein_model_training.release import (
    AMINO_ACIDS,
    FittingSet,
    Homologues,
    Release,
    read_release,
)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def demo() -> Path:
    return Path(__file__).resolve().parents[3] / "resources" / "demo"


@pytest.fixture(scope="session")
def release(demo: Path) -> Release:
    return read_release(demo / "release")


@pytest.fixture(scope="session")
def chosen(release: Release) -> FittingSet:
    """200 real proteins of 51-120 residues; the first ten are homologues of one another."""
    short = [name for name, s in release.sequences.items() if 51 <= len(s) <= 120]
    names = short[:: len(short) // 200][:200]
    pairs = np.array([(i, j) for i in range(10) for j in range(10) if i != j])
    # match +5, mismatch -1, and leucine for isoleucine nearly as good as a match
    scores = 6.0 * np.eye(20) - 1
    leucine, isoleucine = AMINO_ACIDS.index("L"), AMINO_ACIDS.index("I")
    scores[leucine, isoleucine] = scores[isoleucine, leucine] = 4
    return FittingSet(
        {name: release.sequences[name] for name in names},
        [],
        scores,
        Homologues(pairs, np.ones(len(pairs))),
    )
