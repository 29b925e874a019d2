from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from tests.unit.evaluation.planted import identity_builder, store_of

from glm.evaluation import nearest
from glm.evaluation.nearest import nearest_rows


def test_the_nearest_rows_are_those_of_scikit_learn_in_any_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "CHUNK", 7)
    monkeypatch.setattr(nearest, "QUERIES", 5)
    random = np.random.default_rng(1)
    store = store_of(tmp_path / "store.npy", random.normal(size=(100, 6)).tolist())
    queries = torch.from_numpy(random.normal(size=(23, 6))).half()
    rows = random.permutation(100)[:61]
    found, distance = nearest_rows(queries, store, rows, identity_builder(6))
    reference = NearestNeighbors(n_neighbors=1).fit(store.embeddings[torch.from_numpy(rows)])
    expected, index = reference.kneighbors(queries.float())
    assert found.tolist() == rows[index[:, 0]].tolist()
    assert distance == pytest.approx(expected[:, 0], abs=1e-3)


def test_distances_are_taken_in_standardised_space(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store.npy", [[100, 0], [0, 1]])
    builder = identity_builder(2)
    query = torch.tensor([[0.0, 0.0]])
    assert nearest_rows(query, store, np.array([0, 1]), builder)[0] == [1]
    builder.standard_deviation[:] = torch.tensor([1000.0, 1.0])
    assert nearest_rows(query, store, np.array([0, 1]), builder)[0] == [0]
