from __future__ import annotations

import numpy as np
import pytest

from glm.comparison import (
    Measured,
    bootstrap_weights,
    chance_p,
    compare,
    draw_groups,
    interval,
    mean_by_unit,
    measure,
    measure_mean,
    weighted_mean,
)


def test_groups_are_drawn_whole_and_as_many_as_there_are() -> None:
    groups = np.array(["a", "b", "a", "c"])
    weights = bootstrap_weights(groups, 50, seed=1)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 1, 3]].sum(1) == 3).all()
    assert (weights == bootstrap_weights(groups, 50, seed=1)).all()


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    covered = 0
    for seed in range(200):
        values = random.normal(size=80)
        weights = bootstrap_weights(np.arange(80), 400, seed)
        lower, upper = interval(weights @ values / 80)
        covered += lower <= 0 <= upper
    assert 0.89 <= covered / 200 <= 0.99


def test_an_interval_of_nothing_is_unknown() -> None:
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_each_column_has_its_interval() -> None:
    draws = np.random.default_rng(1).normal(size=(300, 3))
    draws[:, 2] = np.nan
    ends = interval(draws)
    assert (ends.lower[1], ends.upper[1]) == interval(draws[:, 1])
    assert np.isnan([ends.lower[2], ends.upper[2]]).all()


def test_drawn_units_have_the_mean_of_their_records() -> None:
    random = np.random.default_rng(2)
    values, unit, among = random.random(90), np.arange(90) % 7, random.random(90) < 0.6
    drawn = draw_groups(7, 20, seed=1)
    expected = weighted_mean(values[among], drawn[:, unit[among]])
    assert mean_by_unit(values, unit, drawn, among) == pytest.approx(expected)


def test_differences_are_paired_on_the_same_draws() -> None:
    """Two methods of one noise, which is a hundred times what tells them apart."""
    random = np.random.default_rng(3)
    noise = random.normal(size=200)
    seeds = {"plain": [noise], "better": [noise + 0.01, noise + 0.03]}
    weights = bootstrap_weights(np.arange(200), 300, seed=1)
    methods = {name: measure_mean(scores, weights) for name, scores in seeds.items()}
    rows = compare(methods, "method", {"gain": "plain"}).set_index("method")
    better = rows.loc["better"]
    assert better["lower"] < 0 < better["upper"]
    assert better[["gain", "gain_lower", "gain_upper"]].tolist() == pytest.approx([0.02] * 3)
    assert better["deviation"] == pytest.approx(np.std([0.01, 0.03], ddof=1))
    assert rows.loc["plain", ["gain", "gain_lower", "gain_upper"]].tolist() == [0, 0, 0]
    assert np.isnan(rows.loc["plain", "deviation"])
    unpaired = compare(methods, "method", {"gain": "plain"}, itself=False)
    assert unpaired["gain"].isna().tolist() == [True, False]


def test_any_statistic_is_measured_over_its_replicates() -> None:
    def largest(values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
        rounds = np.ones((1, len(values))) if weights is None else weights
        return np.where(rounds > 0, values, -np.inf).max(1)

    found = measure(largest, [np.arange(5.0), np.arange(5.0) + 2], np.eye(5, dtype=int)[:2])
    assert found.value == 5
    assert found.draws.tolist() == [1, 2]
    named = compare({("a", "b"): found}, ("one", "other"))
    assert named.loc[0, ["one", "other", "value"]].tolist() == ["a", "b", 5]


def test_chance_that_does_as_well_counts() -> None:
    assert chance_p(0.5, np.array([0.1, 0.5, 0.9])) == 0.75
    assert np.isnan(Measured(1.0).interval).all()


def test_of_one_group_there_is_no_interval() -> None:
    scores = np.append(np.ones(30), np.zeros(20))
    found = measure_mean([scores], bootstrap_weights(np.zeros(50), 100, seed=1))
    assert found.value == 0.6
    assert np.isnan(found.interval).all()
