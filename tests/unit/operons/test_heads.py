from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from glm.operons import heads

PAIRS = 6000


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Three heads: the operon matrix plus noise, the same shuffled, and one that never varies."""
    random = np.random.default_rng(5)
    unit = np.repeat(np.arange(PAIRS // 4), 4)
    same_operon = random.random(PAIRS // 4)[unit] < 0.3
    noise = 0.8
    head = same_operon + random.normal(0, noise, PAIRS)
    spread = np.sqrt(0.3 * 0.7)
    expected = spread / np.hypot(spread, noise)  # r of a signal plus independent noise
    columns = np.column_stack([head, random.permutation(head), np.full(PAIRS, 0.1)])
    return columns, same_operon, unit, float(expected)


def test_a_planted_head_gets_its_r_and_a_shuffled_one_does_not(
    planted: tuple[np.ndarray, np.ndarray, np.ndarray, float],
) -> None:
    columns, same_operon, unit, expected = planted
    found = heads.correlate(columns, same_operon, unit, rounds=400, seed=1)
    assert found["r"][0] == pytest.approx(expected, abs=0.03)
    assert found["lower"][0] < expected < found["upper"][0]
    assert found["adjusted_p"][0] < 1e-5
    assert abs(found["r"][1]) < 0.04
    assert found["lower"][1] < 0 < found["upper"][1]
    assert found["adjusted_p"][1] == pytest.approx(min(3 * found["p"][1], 1))
    assert heads.best(found).name == 0


def test_a_head_that_never_varies_has_no_r(
    planted: tuple[np.ndarray, np.ndarray, np.ndarray, float],
) -> None:
    columns, same_operon, unit, _ = planted
    found = heads.correlate(columns, same_operon, unit, rounds=20, seed=1)
    assert np.isnan(found["r"][2])
    assert found["adjusted_p"][2] == 1


def test_intervals_over_operons_are_wider_than_over_pairs(
    planted: tuple[np.ndarray, np.ndarray, np.ndarray, float],
) -> None:
    _, same_operon, unit, _ = planted
    # a head that is one number for each operon: its pairs say four times the same
    head = (np.random.default_rng(2).normal(size=PAIRS // 4)[unit] + same_operon)[:, None]
    wide = heads.correlate(head, same_operon, unit, 400, 1)
    narrow = heads.correlate(head, same_operon, np.arange(PAIRS), 400, 1)
    ratio = (wide["upper"] - wide["lower"])[0] / (narrow["upper"] - narrow["lower"])[0]
    assert 1.6 < ratio < 2.4  # the square root of four


def test_the_luckiest_of_many_heads_is_seen_through_and_a_true_one_is_not() -> None:
    random = np.random.default_rng(7)
    stretch = np.repeat([f"1:{number}" for number in range(10)], 60)
    same_operon, unit = random.random(600) < 0.4, np.arange(600) // 2
    lucky = random.normal(size=(600, 190))
    choosing = heads.every_other(stretch)
    assert (pd.Series(choosing).groupby(stretch).nunique() == 1).all()
    assert choosing.sum() == 300

    def chosen(attention: np.ndarray) -> pd.Series:
        of = attention, same_operon, unit
        found = heads.correlate(*of, 200, 1)
        joined = found.join(heads.measure_on_other_half(*of, choosing, 200, 1))
        return heads.best(joined, "chosen_by")

    by_chance = chosen(lucky)
    assert abs(by_chance["chosen_by"]) > 0.12  # of 190 heads one looks good
    assert by_chance["other_half_lower"] < 0 < by_chance["other_half_upper"]
    known = lucky.copy()
    known[:, 17] += same_operon
    of_truth = chosen(known)
    assert of_truth.name == 17
    expected = np.sqrt(0.24 / 1.24)
    assert of_truth["other_half_lower"] < expected < of_truth["other_half_upper"]
    assert of_truth["other_half_n"] == 300


def test_p_values_are_those_of_scipy() -> None:
    random = np.random.default_rng(3)
    x, y = random.random(50), random.random(50)
    expected = stats.pearsonr(x, y)
    assert heads.p_of_r(np.array([expected.statistic]), 50)[0] == pytest.approx(expected.pvalue)


def test_heads_are_named_as_the_paper_names_them() -> None:
    found = heads.correlate(
        np.random.default_rng(1).random((20, 190)), np.arange(20) < 5, np.arange(20), 2, 1
    )
    named = heads.name_heads(found, layers=19, heads=10)
    assert named["name"][16] == "L2-H7"
    assert (named["layer"][16], named["head"][16]) == (2, 7)
    assert named["name"].iloc[-1] == "L19-H10"
