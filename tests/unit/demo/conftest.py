"""Real proteins of the embedded corpus, and a model fitted on a few hundred of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import EsmModel

from protein_model_training.detectors import build_detectors
from protein_model_training.projection import fit_projection, pooled_activations, set_projection
from protein_model_training.release import Homologues, Release, read_release

COMPONENTS_FITTED = 60


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
def proteins(release: Release) -> list[str]:
    """Short real proteins, 51-120 residues, of all species."""
    short = [s for s in release.sequences.values() if 51 <= len(s) <= 120]
    return short[:: len(short) // 300][:300]


@pytest.fixture(scope="session")
def scores() -> np.ndarray:
    """Match +5, mismatch -1: enough to tell a pattern from what it is not."""
    return 6 * np.eye(20) - 1


@pytest.fixture(scope="session")
def detectors(proteins: list[str], scores: np.ndarray) -> EsmModel:
    """A model with its first layer done."""
    return build_detectors(proteins, proteins[:10], scores, seed=3)


@pytest.fixture(scope="session")
def activations(detectors: EsmModel, proteins: list[str]) -> np.ndarray:
    return pooled_activations(detectors, proteins, threads=1)


@pytest.fixture(scope="session")
def neighbours(proteins: list[str]) -> Homologues:
    """Every other protein and the next: mostly no homologues, enough to fit on."""
    rows = np.arange(len(proteins) // 2 * 2).reshape(-1, 2)
    return Homologues(rows, np.ones(len(rows)))


@pytest.fixture(scope="session")
def fitted(detectors: EsmModel, activations: np.ndarray, neighbours: Homologues) -> EsmModel:
    """The model whole, with as many components as a few hundred proteins can carry."""
    set_projection(detectors, fit_projection(activations, neighbours, COMPONENTS_FITTED))
    return detectors
