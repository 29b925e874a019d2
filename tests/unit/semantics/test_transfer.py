from __future__ import annotations

import json

import numpy as np
import pytest

from glm.semantics import transfer
from glm.semantics.transfer import Proteins, calibrate, label, measure, nearest_annotated

FAMILIES, MEMBERS = 40, 10


def planted(share_near: float) -> tuple[np.ndarray, Proteins]:
    """Tight named families, and unnamed proteins of which a known share lies in one of them."""
    rng = np.random.default_rng(1)
    centres = 10 * rng.normal(size=(FAMILIES, 6))
    named = np.repeat(centres, MEMBERS, axis=0) + 0.05 * rng.normal(size=(400, 6))
    near = centres[rng.integers(0, FAMILIES, 200)] + 0.05 * rng.normal(size=(200, 6))
    far = 100 + 30 * rng.normal(size=(200, 6))
    unnamed = np.where((np.arange(200) < 200 * share_near)[:, None], near, far)
    labels = np.append(np.repeat(np.arange(FAMILIES), MEMBERS), np.full(200, -1))
    return np.concatenate([named, unnamed]), Proteins(labels >= 0, labels, np.arange(600) // 5)


def test_the_nearest_other_annotated_protein_is_found() -> None:
    points = np.array([[0.0], [1.0], [1.5], [5.0], [5.2]])
    found = nearest_annotated(points, np.array([0, 2, 3]))
    assert found.which.tolist() == [2, 2, 0, 2, 3]
    assert found.distance == pytest.approx([1.5, 0.5, 1.5, 3.5, 0.2])


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    points, proteins = planted(0.5)
    whole = nearest_annotated(points, np.flatnonzero(proteins.annotated))
    monkeypatch.setattr(transfer, "BLOCK_BYTES", 8 * 400 * 7)
    parts = nearest_annotated(points, np.flatnonzero(proteins.annotated))
    assert (whole.which == parts.which).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.8])
def test_the_potential_is_the_planted_share(share: float) -> None:
    points, proteins = planted(share)
    found = measure([points] * 3, proteins, target=0.9, rounds=200, seed=1)
    assert found.row["potential"] == pytest.approx(share, abs=0.04)
    assert found.row["potential_lower"] <= found.row["potential"] <= found.row["potential_upper"]
    assert found.row["precision"] == pytest.approx(1, abs=0.02)
    assert found.row["hidden"] == found.row["calibration"] == 200
    assert found.row["unannotated"] == 200
    assert found.row["seeds"] == 3
    assert found.row["potential_deviation"] < 0.02


def test_labels_without_meaning_promise_nothing() -> None:
    points, proteins = planted(0.8)
    labels = proteins.label.copy()
    labels[:400] = np.random.default_rng(2).permutation(labels[:400])
    found = measure([points], Proteins(proteins.annotated, labels, proteins.unit), 0.9, 100, 1)
    assert np.isnan(found.row["radius"])
    assert found.row["potential"] == 0
    assert found.row["nearest_precision"] < 0.15


def test_the_radius_keeps_its_promise_on_hidden_labels() -> None:
    """Tight and loose families: the precision on hidden labels is the target, not far from it."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(60), 30)
    spread = np.linspace(0.1, 6, 60)[labels, None]
    points = 4 * rng.normal(size=(60, 4))[labels] + spread * rng.normal(size=(1800, 4))
    annotated = np.arange(1800) % 6 > 0
    proteins = Proteins(annotated, np.where(annotated, labels, -1), np.arange(1800) // 3)
    found = measure([points], proteins, target=0.8, rounds=100, seed=1)
    assert np.isfinite(found.row["radius"])
    assert found.row["precision"] == pytest.approx(0.8, abs=0.06)
    assert found.row["nearest_precision"] < found.row["precision"] - 0.1


def test_calibration_takes_the_largest_good_radius_and_equal_distances_together() -> None:
    distance = np.arange(40.0)
    right = np.arange(40) < 20
    assert calibrate(distance, right, 0.8) == 24  # 20 of 25
    assert np.isnan(calibrate(distance[:5], right[:5], 0.8))  # too few to believe
    tied = np.repeat([1.0, 2.0], 20)
    assert calibrate(tied, np.tile([True, False], 20), 0.4) == 2
    assert np.isnan(calibrate(tied, np.tile([True, False], 20), 0.6))


def test_gains_are_over_the_reference_on_the_same_draws() -> None:
    (points, proteins), (others, _) = planted(0.25), planted(0.8)
    poor = measure([points], proteins, target=0.9, rounds=200, seed=1)
    rich = measure([others], proteins, target=0.9, rounds=200, seed=1)
    found = transfer.table({
        "context-free": poor, "contextualised": rich, "shuffled context": poor,
        "context-free, equal dimension": rich, "contextualised, equal dimension": poor,
        "protein + gLM, equal dimension": rich,
    })  # fmt: skip
    rows = found.set_index("representation")
    assert rows.loc["context-free", ["gain", "gain_lower", "gain_upper"]].tolist() == [0, 0, 0]
    assert rows.loc["contextualised", "gain"] == pytest.approx(0.55, abs=0.05)
    assert rows.loc["contextualised", "gain_lower"] > 0.3
    assert rows.loc["contextualised, equal dimension", "gain_upper"] < -0.3
    said = {row["id"]: row for row in transfer.numbers(found)}
    assert said["context_transfer.gain"]["lower"] > 0.3
    assert said["context_transfer.gain_at_equal_dimension"]["upper"] < -0.3
    for same in ("beside_protein", "with_shuffled_context"):
        assert json.loads(said[f"context_transfer.gain_{same}"]["value"]) == 0


def test_replicates_are_averaged_and_their_spread_is_reported() -> None:
    """Two seeds of a control whose potentials are planted 0.25 and 0.8."""
    (points, proteins), (others, _) = planted(0.25), planted(0.8)
    found = measure([points, others], proteins, target=0.9, rounds=200, seed=1).row
    assert found["potential"] == pytest.approx((0.25 + 0.8) / 2, abs=0.04)
    assert found["potential_deviation"] == pytest.approx(np.std([0.25, 0.8], ddof=1), abs=0.04)
    assert found["potential_lower"] < found["potential"] < found["potential_upper"]
    one = measure([points], proteins, target=0.9, rounds=200, seed=1).row
    assert np.isnan(one["potential_deviation"])


def test_a_seed_without_a_radius_counts_as_no_potential() -> None:
    points, proteins = planted(0.8)
    noise = np.random.default_rng(9).normal(size=points.shape)
    found = measure([points, noise], proteins, target=0.9, rounds=100, seed=1).row
    assert found["potential"] == pytest.approx(0.4, abs=0.03)
    assert found["precision"] == pytest.approx(1, abs=0.02)  # of the seed that has one


def test_labels_forget_what_qualifies_them() -> None:
    assert label("Putative ABC transporter, permease protein") == "abc transporter permease"
    assert label("ABC transporter permease") == "abc transporter permease"
    assert label("Transposase IS66 family") != label("Transposase IS3 family")


def test_too_few_proteins_are_a_reason() -> None:
    few = Proteins(np.repeat([True, False], [10, 90]), np.zeros(100, int), np.arange(100))
    assert "10 annotated and 90 unannotated" in str(few.reason_against)
    assert planted(0.5)[1].reason_against is None
