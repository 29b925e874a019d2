from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from glm.semantics import separation
from glm.semantics.separation import (
    MEASURES,
    Labels,
    measure,
    nearest,
    purity,
    rand_index,
    silhouettes,
)

SETTINGS = {"neighbours": 5, "rounds": 200, "permutations": 199, "seed": 3}


def planted(distance: float, per_group: int = 30, groups: int = 3) -> tuple[np.ndarray, Labels]:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(groups), per_group)
    points = rng.normal(size=(len(group), 8))
    points[np.arange(len(group)), group] += distance
    return points, Labels.of(group, np.arange(len(group)))


def distances(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def test_silhouettes_are_scikit_learns() -> None:
    points, labels = planted(2.0)
    found = silhouettes(distances(points), labels.group[None], labels.count)[:, 0]
    np.testing.assert_allclose(found, silhouette_samples(points, labels.group), atol=1e-9)


def test_a_group_of_one_and_equal_points_have_no_silhouette() -> None:
    group = np.array([0, 0, 1])
    points = np.array([[0.0], [1.0], [5.0]])
    assert silhouettes(distances(points), group[None], 2)[2, 0] == 0
    assert (silhouettes(np.zeros((3, 3)), group[None], 2) == 0).all()


def test_the_rand_index_is_scikit_learns_with_weights_too() -> None:
    rng = np.random.default_rng(5)
    group, cluster = rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    cluster[:20] = group[:20]
    assert rand_index(group, cluster)[0] == pytest.approx(adjusted_rand_score(group, cluster))
    once = rng.random(60) < 0.5  # points that are left out
    found = rand_index(group, cluster, once[None].astype(float))[0]
    assert found == pytest.approx(adjusted_rand_score(group[once], cluster[once]))
    assert rand_index(np.zeros(5, int), np.zeros(5, int))[0] == 0


def test_points_drawn_twice_do_not_flatter_the_rand_index() -> None:
    rng = np.random.default_rng(6)
    group, cluster = rng.integers(0, 4, 80), rng.integers(0, 4, 80)
    weights = rng.multinomial(80, np.full(80, 1 / 80), size=2000)
    assert rand_index(group, cluster, weights).mean() == pytest.approx(
        rand_index(group, cluster)[0], abs=0.01
    )


def test_ties_among_neighbours_are_broken_by_chance() -> None:
    """All points equal: purity is the share of the group among the others, not the file's order."""
    group = np.repeat([0, 1], 50)
    found = [purity(nearest(np.zeros((100, 100)), 10, seed), group).mean() for seed in range(20)]
    assert np.mean(found) == pytest.approx(49 / 99, abs=0.03)
    assert (nearest(np.zeros((100, 100)), 99, 1) != np.arange(100)[:, None]).all()


def test_distances_come_in_blocks_and_equal_points_are_equal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = (50 + np.random.default_rng(4).normal(size=(40, 6))).astype(np.float32)
    points[7] = points[31]
    monkeypatch.setattr(separation, "BLOCK_BYTES", 8 * 40 * 7)
    blocks = list(separation.distance_blocks(points))
    assert [len(block) for _, block in blocks] == [7] * 5 + [5]
    whole = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(whole, distances(points.astype(float)), atol=1e-9)
    assert whole[7, 31] == 0 == whole[12, 12]


def test_blocks_do_not_change_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels = planted(1.0)
    whole = measure([points, points], labels, **SETTINGS)
    monkeypatch.setattr(separation, "BLOCK_BYTES", 8 * len(points) * 11)
    monkeypatch.setattr(separation, "AT_ONCE", 13)
    parts = measure([points, points], labels, **SETTINGS)
    for name in MEASURES:
        assert parts[name].value == pytest.approx(whole[name].value, abs=1e-9)
        assert parts[name].chance == pytest.approx(whole[name].chance, abs=1e-6)
        assert parts[name].interval == pytest.approx(whole[name].interval, abs=1e-9)


def test_the_rand_index_of_units_is_that_of_their_points() -> None:
    rng = np.random.default_rng(8)
    group, cluster, unit = (rng.integers(0, k, 60) for k in (3, 3, 12))
    weights = rng.multinomial(12, np.full(12, 1 / 12), size=50)
    by_unit = rand_index(group, cluster, weights, unit)
    assert by_unit == pytest.approx(rand_index(group, cluster, weights[:, unit]))


def test_groups_far_apart_are_found_and_significant() -> None:
    points, labels = planted(12.0)
    found = measure([points, points], labels, **SETTINGS)
    assert found["adjusted Rand index"].value == pytest.approx(1)
    assert found["neighbour purity"].value == pytest.approx(1)
    assert found["silhouette"].value > 0.6
    for name in MEASURES:
        lower, upper = found[name].interval
        assert lower <= found[name].value <= upper
        assert found[name].p == pytest.approx(1 / 200)


def test_labels_without_meaning_are_not_significant() -> None:
    points, labels = planted(0.0)
    found = measure([points], labels, **SETTINGS)
    for name in MEASURES:
        assert found[name].p > 0.02
        assert found[name].value == pytest.approx(found[name].chance, abs=0.1)


def test_units_with_one_label_are_permuted_whole() -> None:
    unit = np.repeat(np.arange(6), 10)
    labels = Labels.of(np.repeat([0, 1], 30), unit)
    other = labels.permuted(np.random.default_rng(0))
    assert all(len(set(other[unit == number])) == 1 for number in range(6))
    mixed = Labels.of(np.tile([0, 1], 30), unit).permuted(np.random.default_rng(0))
    assert sorted(mixed) == [0] * 30 + [1] * 30


def test_few_units_give_wide_intervals_however_many_points() -> None:
    """A unit's points lie together: an interval over points would pretend to know more."""
    rng = np.random.default_rng(2)
    unit = np.repeat(np.arange(8), 25)
    group = unit % 2
    centre = rng.normal(size=(8, 4)) + group[::25, None] * 2.0
    points = centre[unit] + 0.1 * rng.normal(size=(200, 4))
    by_unit = measure([points], Labels.of(group, unit), **SETTINGS)["silhouette"]
    by_point = measure([points], Labels.of(group, np.arange(200)), **SETTINGS)["silhouette"]

    def width(measured: object) -> float:
        lower, upper = measured.interval  # type: ignore[attr-defined]
        return upper - lower

    assert width(by_unit) > 2 * width(by_point)
    assert by_unit.p > by_point.p
