from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.evaluation.planted import corpus_of, identity_builder, store_of

from glm.data.genes import Genes
from glm.evaluation.predictors import TrainingContexts
from glm.paralogs.lookup import look_up

# 0 to 2 and 3 to 4 are subcontigs; 3 and 4 lie on the reverse strand
EMBEDDINGS = [[0, 9], [9, 0], [5, 5], [-9, 0], [0, -9]]
SUBCONTIGS = [[0, 1, 2], [3, 4]]
FORWARD = [[True, True, True], [False, False]]


def test_the_neighbours_of_the_most_similar_training_protein_are_predicted(tmp_path: Path) -> None:
    builder = identity_builder(2)
    store = store_of(tmp_path / "store.npy", EMBEDDINGS)
    contexts = TrainingContexts(Genes(corpus_of(SUBCONTIGS, FORWARD), store, builder))
    queries = torch.tensor([[8.5, 0.5], [-8.5, 0.5]])  # like 1; like 3, read backwards
    candidates = store_of(tmp_path / "c.npy", [[5.0, 5.1], [0.0, -9.1]])  # like 2; like 4
    labels = Genes.of_proteins(candidates, builder).labels.numpy()
    calls = look_up(contexts, queries, labels)
    assert calls.prediction[0, :, :2].tolist() == [[0, 9], [5, 5]]
    # forward, 4 stands before 3; 3 has nothing after it
    assert calls.prediction[1].tolist() == [[0, -9, labels[0, -1]], [0, 0, 0]]
    assert calls.nearest[:, 1].tolist()[0] == 0
    assert calls.nearest[1, 0] == 1
    # of the two neighbours the one that is like a candidate is trusted
    assert calls.confidence[0].argmax() == 1
    assert calls.confidence[1].argmax() == 0
    assert calls.confidence[0, 1] == pytest.approx(-0.01, abs=1e-3)
    assert np.isneginf(calls.confidence[1, 1])
