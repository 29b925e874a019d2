from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.unit.evaluation.planted import corpus_of

from glm.data.features import MASKED, FeatureBuilder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.errors import GlmError
from glm.evaluation.predictors import TrainingContexts
from glm.inference.reader import GeneReader
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, GenomicOutput
from glm.paralogs.analysis import LOOKED_UP, TRAINED, Analysis, Rounds, analyse, plain
from glm.paralogs.prediction import predict
from glm.projection import project

PAIRS, SIZE = 30, 8
TRAINED_ON = 10  # pairs that stand side by side in training
SETTINGS = Rounds(chance_rounds=99, bootstrap_rounds=50, projection="pca", seed=3)
ABOUT = {"source": "genomes", "listed": 50, "clusters": 60}


@pytest.fixture(scope="module")
def builder() -> FeatureBuilder:
    return FeatureBuilder(
        torch.zeros(SIZE), torch.ones(SIZE), torch.eye(SIZE), torch.zeros(SIZE), torch.ones(SIZE)
    )


@pytest.fixture(scope="module")
def embeddings() -> torch.Tensor:
    """Of A, then of C."""
    return torch.randn(2 * PAIRS, SIZE, generator=torch.Generator().manual_seed(1)).half()


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    number = np.arange(PAIRS)
    return pd.DataFrame(
        {
            "pair": number,
            "a_representative": number.astype(np.int32),
            "c_representative": (number + PAIRS).astype(np.int32),
            "a_cluster": number,
            "c_cluster": number + PAIRS,
        }
    )


@pytest.fixture(scope="module")
def proteins(builder: FeatureBuilder, embeddings: torch.Tensor) -> Genes:
    return Genes.of_proteins(EmbeddingStore.held(embeddings.numpy()), builder)


@pytest.fixture(scope="module")
def contexts(proteins: Genes) -> TrainingContexts:
    corpus = corpus_of([[number, number + PAIRS] for number in range(TRAINED_ON)])
    return TrainingContexts(Genes(corpus, proteins.store, proteins.builder))


class Oracle:
    """A model that knows the partner, and is as sure of it as it should be."""

    def __init__(self, embeddings: torch.Tensor, knows: float) -> None:
        self.embeddings, self.knows = embeddings.float(), knows

    def __call__(self, features: torch.Tensor, lengths: torch.Tensor, masked: torch.Tensor) -> Any:
        contigs = features.view(-1, 3, SIZE + 1)
        assert (contigs[:, [0, 2]] == MASKED).all()
        query = torch.cdist(contigs[:, 1, :-1], self.embeddings).argmin(1)
        partner = self.embeddings[(query + PAIRS) % (2 * PAIRS)]
        known = query % PAIRS < self.knows * PAIRS
        label = torch.where(known[:, None], partner, -3 * partner)
        label = torch.cat([label, torch.full((len(label), 1), 0.5)], 1).repeat_interleave(2, 0)
        sure = torch.where(known, 3.0, 0.1).repeat_interleave(2)
        predictions = torch.stack([torch.zeros_like(label), label], 1)
        likelihoods = torch.stack([torch.zeros_like(sure), sure], 1)
        return GenomicOutput(label, predictions, likelihoods)


def run(model: Any, proteins: Genes, pairs: pd.DataFrame, contexts: TrainingContexts) -> Analysis:
    return analyse({TRAINED: GeneReader(model, proteins)}, pairs, ABOUT, SETTINGS, contexts)


def value(found: Analysis, method: str, measure: str, direction: str = "either") -> float:
    rows = found.results.set_index(["method", "measure", "direction"])
    return float(rows.loc[(method, measure, direction), "value"])


def test_a_model_that_knows_half_is_right_in_half(
    embeddings: torch.Tensor, proteins: Genes, pairs: pd.DataFrame, contexts: TrainingContexts
) -> None:
    found = run(Oracle(embeddings, 0.5), proteins, pairs, contexts)
    assert 0.5 <= value(found, TRAINED, "exact") < 0.6
    assert value(found, TRAINED, "recall@1", "A to C") >= 0.5
    assert value(found, "embedding cosine", "exact") < 0.3
    chance = found.results[found.results["method"].str.startswith("chance")]
    assert set(chance["method"]) == {
        "chance: standard normal",
        "chance: labels at random",
        "chance: other queries' predictions",
    }
    assert (chance.loc[chance["measure"] == "exact", "p"] == 0.01).all()
    # what stood side by side in training is looked up, the rest by chance alone
    looked_up = value(found, LOOKED_UP, "exact")
    assert TRAINED_ON / PAIRS <= looked_up < 0.5
    numbers = pd.DataFrame(found.numbers).set_index("id")
    left = numbers.loc["paralogs.exact_where_the_look_up_fails"]
    assert left["n"] == PAIRS - round(looked_up * PAIRS)
    assert 0 < int(left["value"]) <= PAIRS // 2 - TRAINED_ON + 1
    by_chance = chance[chance["direction"] == "either"]
    assert (by_chance["hits"] % 1 > 0).any()  # means of rounds, reported as such
    for row in by_chance.itertuples():
        reported = numbers.loc[f"paralogs.{row.measure}.{plain(row.method)}", "value"]
        assert float(reported) == row.hits
    right, wrong = (
        float(numbers.loc[f"paralogs.mean_confidence_when_{kind}", "value"])
        for kind in ("right", "wrong")
    )
    assert right > 0.9 > 0.6 > wrong
    assert numbers.loc["paralogs.exact", "n"] == PAIRS
    assert numbers.loc["paralogs.pairs_listed", "value"] == "50"


def test_a_model_that_knows_nothing_is_no_better_than_chance(
    embeddings: torch.Tensor, proteins: Genes, pairs: pd.DataFrame, contexts: TrainingContexts
) -> None:
    found = run(Oracle(embeddings, 0.0), proteins, pairs, contexts)
    assert value(found, TRAINED, "exact") <= 0.15
    chance = found.results[found.results["method"] == "chance: labels at random"]
    assert (chance["p"] > 0.05).all()


def test_the_tables_have_one_row_for_each_call_and_label(
    embeddings: torch.Tensor, proteins: Genes, pairs: pd.DataFrame, contexts: TrainingContexts
) -> None:
    found = run(Oracle(embeddings, 0.5), proteins, pairs, contexts)
    assert found.calls.groupby("method").size().eq(4 * PAIRS).all()
    kinds = found.coordinates["kind"].value_counts()
    assert kinds["label"] == 2 * PAIRS
    assert kinds["prediction"] == 4 * PAIRS
    assert np.isfinite(found.coordinates[["x", "y"]]).all().all()


def test_a_real_model_sees_the_query_and_nothing_else(
    proteins: Genes,
) -> None:
    torch.manual_seed(1)
    config = GenomicLanguageModelConfig(
        embedding_size=SIZE, hidden_size=16, layers=1, heads=2, feed_forward_size=16,
        maximum_distance=4, label_components=SIZE,
    )  # fmt: skip
    model = GenomicLanguageModel(config).eval()
    reader = GeneReader(model, proteins)
    together, confidence = predict(reader, np.arange(2 * PAIRS))
    alone, _ = predict(reader, np.array([4]))
    assert together.shape == (2 * PAIRS, 2, SIZE + 1)
    assert together[4] == pytest.approx(alone[0], abs=1e-5)
    assert ((confidence >= 0.25) & (confidence <= 1)).all()


def test_one_pair_is_too_few(
    embeddings: torch.Tensor, proteins: Genes, pairs: pd.DataFrame, contexts: TrainingContexts
) -> None:
    with pytest.raises(GlmError, match="nothing to choose from"):
        run(Oracle(embeddings, 1), proteins, pairs[:1], contexts)


def test_the_projection_finds_the_plane_that_points_lie_in() -> None:
    random = np.random.default_rng(1)
    plane = random.normal(size=(50, 2)) * [3, 1]
    turned = plane @ np.linalg.qr(random.normal(size=(5, 5)))[0][:2]
    found = project(turned, "pca", 1)
    gaps = np.linalg.norm(found[:, None] - found[None], axis=2)
    expected = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    assert gaps == pytest.approx(expected, abs=1e-8)
    assert (project(turned, "pca", 2) == found).all()
