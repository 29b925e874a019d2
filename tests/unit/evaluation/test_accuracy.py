from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.plant import plant_subcontigs
from tests.unit.evaluation.planted import identity_builder

from glm.data.corpus import read_corpus
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.errors import GlmError
from glm.evaluation.accuracy import accuracy_rows, groups_of, margin_rows
from glm.evaluation.estimates import CLOSEST, MOST_LIKELY
from glm.evaluation.judging import CHANCE
from glm.inference.opening import load_model
from glm.model import BidirectionalLSTM, BidirectionalLSTMConfig

SCORES = {
    (CHANCE, MOST_LIKELY): np.full(4, 0.25),
    ("glm", MOST_LIKELY): np.array([1.0, 1.0, 0.0, 0.0]),
    ("glm", CLOSEST): np.array([1.0, 1.0, 1.0, 0.0]),
    ("bilstm", MOST_LIKELY): np.array([1.0, 0.0, 0.0, 0.0]),
    ("bilstm", CLOSEST): np.array([1.0, 0.0, 0.0, 0.0]),
}


def test_the_two_readings_are_measures_of_their_own() -> None:
    rows = accuracy_rows(SCORES, np.arange(4), "reference", "pseudo_accuracy")
    assert set(rows.genes_of) == {"reference"}
    assert set(rows.n) == {4}
    of_glm = rows[rows.model == "glm"].set_index("measure").value.to_dict()
    assert of_glm == {"pseudo_accuracy": 0.5, "pseudo_accuracy_closest": 0.75}


def test_margins_compare_like_with_like() -> None:
    rows = margin_rows(SCORES, np.arange(4), "heldout", "pseudo_accuracy").set_index(
        ["model", "other", "measure"]
    )
    assert rows.difference.to_dict() == {
        ("glm", CHANCE, "pseudo_accuracy"): 0.25,
        ("glm", "bilstm", "pseudo_accuracy"): 0.25,
        ("glm", "bilstm", "pseudo_accuracy_closest"): 0.5,
        ("bilstm", CHANCE, "pseudo_accuracy"): 0.0,
        ("bilstm", "glm", "pseudo_accuracy"): -0.25,
        ("bilstm", "glm", "pseudo_accuracy_closest"): -0.5,
    }


@pytest.mark.parametrize(("genomes", "drawn"), [(3, 12), (12, 12), (1, 12)])
def test_genomes_are_drawn_where_there_are_enough(tmp_path: Path, genomes: int, drawn: int) -> None:
    names = [f"genome {number % genomes}" for number in range(12)]
    path = plant_subcontigs(tmp_path / "s.parquet", [[0, -1, 1]] * 12, assembly=names)
    corpus = read_corpus(path, 2)
    genes = Genes(corpus, EmbeddingStore.held(np.zeros((2, 2), np.float16)), identity_builder(2))
    groups = groups_of(genes, path)
    assert len(groups) == 24, "of the genes with representative"
    assert len(np.unique(groups)) == drawn


def test_a_model_of_other_embeddings_is_refused(tmp_path: Path) -> None:
    config = BidirectionalLSTMConfig(embedding_size=5, hidden_size=8, layers=1, label_components=2)
    BidirectionalLSTM(config).save_pretrained(tmp_path / "bilstm")
    with pytest.raises(GlmError, match=r"embeddings of 5 features .* here are 2 and 2"):
        load_model(tmp_path / "bilstm", identity_builder(2))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"nothing.*not a trained model"):
        load_model(tmp_path / "nothing", identity_builder(2))


def test_torn_weights_are_named(tmp_path: Path) -> None:
    config = BidirectionalLSTMConfig(embedding_size=2, hidden_size=8, layers=1, label_components=2)
    BidirectionalLSTM(config).save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(GlmError, match=r"model\.safetensors: torn .* Remove it and run again"):
        load_model(tmp_path, identity_builder(2))
