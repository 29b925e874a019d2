from __future__ import annotations

import numpy as np
import pytest

from glm.comparison import bootstrap_weights
from glm.paralogs import scoring
from glm.paralogs.prediction import Calls, by_cosine, call, judge, squared_distances

PAIRS, SIZE = 40, 6


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(PAIRS, SIZE))


def test_predictions_that_are_the_labels_are_all_right(labels: np.ndarray) -> None:
    found = call(np.stack([labels, -labels], 1), np.ones((PAIRS, 2)), labels)
    assert (found.nearest[:, 0] == np.arange(PAIRS)).all()
    assert (found.rank[:, 0] == 1).all()
    assert (found.rank[:, 1] > PAIRS / 4).mean() > 0.9
    clusters = np.arange(PAIRS)
    assert scoring.hits(found.nearest, clusters).exact.all()  # one of the two calls is enough


def test_predictions_of_other_pairs_are_all_wrong_but_right_by_cluster(labels: np.ndarray) -> None:
    swapped = labels.reshape(-1, 2, SIZE)[:, ::-1].reshape(-1, SIZE)
    found = call(np.stack([swapped, swapped], 1), np.ones((PAIRS, 2)), labels)
    judged = scoring.hits(found.nearest, np.arange(PAIRS) // 2)
    assert not judged.exact.any()
    assert judged.same_cluster.all()


def test_a_tie_with_the_partner_is_right() -> None:
    nearest, rank = judge(np.array([[1.0, 1.0, 3.0], [0.5, 1.0, 1.0]]), np.array([1, 2]))
    assert nearest.tolist() == [1, 0]
    assert rank.tolist() == [1, 2]


def test_distances(labels: np.ndarray) -> None:
    expected = np.sum((labels[:, None] - labels[None]) ** 2, 2)
    assert squared_distances(labels, labels) == pytest.approx(expected, abs=1e-9)


def calls(labels: np.ndarray) -> Calls:
    return call(np.stack([labels, labels], 1), np.ones((PAIRS, 2)), labels)


def test_standard_normal_chance_is_that_of_a_simulation_by_hand(labels: np.ndarray) -> None:
    rounds = 400
    found = scoring.random_nearest(scoring.NORMAL, calls(labels), labels, rounds, seed=2)
    assert found.shape == (rounds, PAIRS, 2)
    drawn = np.random.default_rng(9).normal(size=(60_000, SIZE))
    by_hand = np.bincount(squared_distances(drawn, labels).argmin(1), minlength=PAIRS) / 60_000
    share = np.bincount(found.ravel(), minlength=PAIRS) / found.size
    assert share == pytest.approx(by_hand, abs=0.01)
    # labels far from the centre are hardly ever nearest: this chance is not 1 / n for each
    assert share.max() > 2 / PAIRS


def test_chance_by_label_density_is_one_of_n_and_the_share_of_the_cluster(
    labels: np.ndarray,
) -> None:
    found = scoring.random_nearest(scoring.DENSITY, calls(labels), labels, 2000, seed=2)
    clusters = np.repeat([0, 1, 2, 3], 10)
    judged = scoring.hits(found, clusters)
    assert judged.exact.mean() == pytest.approx(1 - (1 - 1 / PAIRS) ** 2, abs=0.003)
    assert judged.same_cluster.mean() == pytest.approx(1 - 0.75**2, abs=0.01)


def test_dealt_predictions_keep_what_the_model_says(labels: np.ndarray) -> None:
    constant = call(np.repeat(labels[:1, None], 2, 1).repeat(PAIRS, 0), np.ones((PAIRS, 2)), labels)
    found = scoring.random_nearest(scoring.DEALT, constant, labels, 50, seed=1)
    assert (found == constant.nearest[0, 0]).all()
    # a model that always says the same is right once, and so is its chance
    judged = scoring.hits(found, np.arange(PAIRS))
    assert (judged.exact.sum(1) == 1).all()


def test_chance_rows_say_how_often_chance_does_as_well(labels: np.ndarray) -> None:
    clusters = np.arange(PAIRS)
    perfect = scoring.hits(calls(labels).nearest, clusters)
    drawn = scoring.hits(
        scoring.random_nearest(scoring.DENSITY, calls(labels), labels, 99, 1), clusters
    )
    observed = scoring.both_directions(perfect, perfect)
    rows = scoring.chance_rows("x", scoring.both_directions(drawn, drawn), observed)
    assert (rows["p"] == 0.01).all()
    worst = scoring.Hits(~perfect.exact, ~perfect.same_cluster)
    rows = scoring.chance_rows(
        "x", scoring.both_directions(drawn, drawn), scoring.both_directions(worst, worst)
    )
    assert (rows["p"] == 1).all()


def test_recall_counts_the_more_confident_call(labels: np.ndarray) -> None:
    right_when_sure = np.stack([np.full(PAIRS, 0.9), np.full(PAIRS, 0.3)], 1)
    found = call(np.stack([labels, -labels], 1), right_when_sure, labels)
    recalls = scoring.recalls(found)
    assert list(recalls) == [f"recall@{k}" for k in (1, 5, 10, 50)]
    assert recalls["recall@1"].all()
    wrong = found._replace(confidence=right_when_sure[:, ::-1])
    recalls = scoring.recalls(wrong)
    assert recalls["recall@1"].mean() < 0.1
    assert recalls["recall@50"].all()  # fifty of forty


def test_the_cosine_baseline_pairs_parallel_vectors(labels: np.ndarray) -> None:
    assert (by_cosine(labels, 3 * labels).rank == 1).all()


def test_confidence_of_right_and_wrong_calls() -> None:
    random = np.random.default_rng(3)
    right = random.random(400) < 0.3
    values = np.where(right, 0.8, 0.5) + random.normal(0, 0.05, 400)
    weights = bootstrap_weights(np.arange(400), 200, 1)
    sure = scoring.confidence(values, right, weights)
    assert sure.mean == pytest.approx(0.8, abs=0.02)
    assert sure.interval.lower < 0.8 < sure.interval.upper
    assert scoring.confidence(values, ~right, weights).mean == pytest.approx(0.5, abs=0.02)
    nothing = scoring.confidence(values, np.zeros(400, bool), weights)
    assert np.isnan([nothing.mean, *nothing.interval]).all()
    assert nothing.calls == 0
