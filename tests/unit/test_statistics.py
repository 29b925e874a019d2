from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score

from glm import statistics
from glm.comparison import draw_groups


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


def test_average_precision_is_that_of_scikit_learn_with_weights_and_ties(
    random: np.random.Generator,
) -> None:
    positive = random.random(300) < 0.3
    score = np.round(random.normal(size=300) + positive, 1)  # many ties
    weights = random.integers(0, 4, (5, 300))
    expected = [average_precision_score(positive, score, sample_weight=row) for row in weights]
    assert statistics.average_precision(positive, score, weights) == pytest.approx(expected)
    assert statistics.average_precision(positive, score)[0] == pytest.approx(
        average_precision_score(positive, score)
    )


def test_a_binary_rule_has_the_average_precision_of_one_threshold() -> None:
    positive = np.array([True, True, False, False])
    rule = np.array([1, 0, 1, 0])
    # precision 1/2 up to recall 1/2, then the base rate 1/2 for the rest
    assert statistics.average_precision(positive, rule)[0] == pytest.approx(0.5)


def test_without_a_positive_there_is_no_average_precision() -> None:
    assert np.isnan(statistics.average_precision(np.zeros(4, bool), np.arange(4.0))[0])


def test_pearson_is_that_of_scipy(random: np.random.Generator) -> None:
    x, y = 1000 + random.random((200, 3)), random.random(200) < 0.4
    expected = [stats.pearsonr(column, y.astype(float)).statistic for column in x.T]
    assert statistics.pearson(x, y)[0] == pytest.approx(expected)


def test_pearson_of_drawn_groups_is_that_of_the_records_repeated(
    random: np.random.Generator,
) -> None:
    x, y = random.random((60, 2)), random.random(60)
    groups = random.integers(0, 12, 60)
    weights = draw_groups(len(np.unique(groups)), 4, seed=3)
    _, place = np.unique(groups, return_inverse=True)
    for row, found in zip(weights, statistics.pearson(x, y, groups, weights), strict=True):
        chosen = np.repeat(np.arange(60), row[place])
        assert found == pytest.approx(statistics.pearson(x[chosen], y[chosen])[0])


def test_what_does_not_vary_has_no_correlation() -> None:
    assert np.isnan(statistics.pearson(np.full((5, 1), 0.1), np.arange(5.0))).all()


def test_calibration_tells_a_calibrated_score_from_an_overconfident_one(
    random: np.random.Generator,
) -> None:
    probability = random.random(20_000)
    positive = random.random(20_000) < probability
    honest = statistics.reliability(positive, probability)
    assert honest.count.sum() == 20_000
    assert honest.expected_error < 0.02
    overconfident = statistics.reliability(positive, np.where(probability > 0.5, 0.99, 0.01))
    assert overconfident.expected_error > 0.2
