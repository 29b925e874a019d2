from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from glm.evaluation.estimates import estimate, margin


@pytest.mark.parametrize(("right", "genes"), [(0, 20), (1, 30), (137, 4314), (50, 50), (15, 30)])
def test_the_interval_of_right_and_wrong_is_wilsons(right: int, genes: int) -> None:
    found = estimate(np.arange(genes) < right)
    wilson = stats.binomtest(right, genes).proportion_ci(method="wilson")
    assert (found.lower, found.upper) == pytest.approx((wilson.low, wilson.high), abs=1e-12)
    assert found.value == right / genes
    assert found.n == genes
    assert found.standard_error == pytest.approx(
        math.sqrt(right / genes * (1 - right / genes) / genes)
    )


def test_scores_that_vary_less_have_a_narrower_interval() -> None:
    random = np.random.default_rng(1)
    scores = random.beta(20, 30, size=2000)  # mean .4, standard deviation .069
    found = estimate(scores)
    spread = stats.norm.interval(0.95, scores.mean(), scores.std() / math.sqrt(2000))
    assert (found.lower, found.upper) == pytest.approx(spread, abs=2e-4)


def test_the_mean_lies_in_its_interval_even_without_spread() -> None:
    found = estimate(np.full(100, 1 / 30))
    assert found.lower <= found.value <= found.upper
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_genes_that_stand_or_fall_together_count_once() -> None:
    random = np.random.default_rng(2)
    each = random.random(400) < 0.3
    scores, groups = np.repeat(each, 10).astype(float), np.repeat(np.arange(400), 10)
    found, alone = estimate(scores, groups), estimate(each.astype(float), np.arange(400))
    assert found == pytest.approx((*alone[:4], 4000))
    assert found.standard_error > 3 * estimate(scores).standard_error


def test_the_standard_error_over_groups_covers_what_is_planted() -> None:
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        share = random.beta(3, 7, size=60)  # of each genome
        groups = np.repeat(np.arange(60), random.integers(5, 40, 60))
        found = estimate((random.random(len(groups)) < share[groups]).astype(float), groups)
        inside += found.lower <= 0.3 <= found.upper
    assert 180 <= inside <= 198


@pytest.mark.parametrize("right", [0, 6, 12])
def test_one_subcontig_tells_no_more_than_one_gene(right: int) -> None:
    scores, together = (np.arange(12) < right).astype(float), np.zeros(12)
    found = estimate(scores, together)
    assert found.upper - found.lower > 0.75
    assert margin(np.ones(12), scores, together).standard_errors < 1.1 or right == 0


def test_where_none_is_found_the_groups_count_and_not_the_genes() -> None:
    found, alone = estimate(np.zeros(900), np.repeat(np.arange(30), 30)), estimate(np.zeros(30))
    assert found[:4] == alone[:4]


def test_no_gene_is_no_accuracy() -> None:
    with pytest.raises(ValueError, match="no gene was masked"):
        estimate(np.array([]))


def test_a_margin_is_paired() -> None:
    model = np.array([1, 1, 1, 0, 1, 0, 1, 1.0])
    other = np.array([1, 0, 0, 0, 1, 0, 1, 0.0])
    found = margin(model, other)
    test = stats.ttest_rel(model, other)
    assert found.difference == 3 / 8
    # scipy divides by n - 1
    assert found.standard_errors == pytest.approx(test.statistic * math.sqrt(8 / 7))
    assert found.n == 8


def test_equal_scores_are_no_standard_errors_apart() -> None:
    scores = np.array([1.0, 0.0, 1.0])
    assert margin(scores, scores) == (0.0, 0.0, 0.0, 3)
    assert margin(np.ones(3), np.zeros(3)).standard_errors == math.inf
