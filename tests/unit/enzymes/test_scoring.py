from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from glm.enzymes import scoring
from glm.enzymes.scoring import bootstrap_average_precision, class_f1, micro_average_precision


def drawn(n: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, n)
    scores = random.random((n, classes))
    scores[np.arange(n), truth] += 0.5 * random.random(n)
    return scores, truth


def test_micro_average_precision_is_scikit_learns() -> None:
    scores, truth = drawn(200, 7)
    expected = average_precision_score(np.eye(7)[truth], scores, average="micro")
    assert micro_average_precision(scores, truth)[0] == pytest.approx(expected)
    rounded = np.round(scores, 1)  # many ties
    expected = average_precision_score(np.eye(7)[truth], rounded, average="micro")
    assert micro_average_precision(rounded, truth)[0] == pytest.approx(expected)


def test_weights_are_repeated_proteins() -> None:
    scores, truth = drawn(40, 5)
    weights = np.random.default_rng(1).integers(0, 4, (3, 40))
    found = micro_average_precision(scores, truth, weights)
    for value, weight in zip(found, weights, strict=True):
        again = np.repeat(np.arange(40), weight)
        assert value == pytest.approx(micro_average_precision(scores[again], truth[again])[0])


def test_fewer_classes_in_the_rounds_hardly_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, truth = drawn(300, 60, seed=2)
    scores = np.exp(8 * scores)  # as sure as a softmax is
    weights = np.random.default_rng(1).multinomial(300, np.full(300, 1 / 300), 20)
    exact = micro_average_precision(scores, truth, weights)
    monkeypatch.setattr(scoring, "KEPT_CLASSES", 20)
    near = bootstrap_average_precision(scores, truth, weights)
    assert np.abs(near - exact).max() < 0.005


def test_f1_is_scikit_learns_class_by_class() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.integers(0, 6, 80), random.integers(0, 6, 80)
    expected = f1_score(truth, predicted, average=None, labels=range(6))
    np.testing.assert_allclose(class_f1(predicted, truth, 6)[0], expected)
    weights = random.integers(0, 3, (4, 80))
    for found, weight in zip(class_f1(predicted, truth, 6, weights), weights, strict=True):
        expected = f1_score(truth, predicted, average=None, labels=range(6), sample_weight=weight)
        np.testing.assert_allclose(found, expected)


def test_a_class_that_is_nowhere_has_no_f1() -> None:
    assert np.isnan(class_f1(np.array([0]), np.array([0]), 2)[0, 1])
