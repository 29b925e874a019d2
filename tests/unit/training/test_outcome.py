from __future__ import annotations

from pathlib import Path

import pytest
from tests.plant import plant
from tests.unit.report.planted_run import write_accuracy

from glm import tables
from glm.training.outcome import next_commands, verdict


@pytest.mark.parametrize(
    ("own", "other", "n", "judged"),
    [
        (0.4, 0.3, 1000, "the gLM has learned more than that"),
        (0.3, 0.4, 1000, "the gLM is worse than looking the context up: more genomes would help"),
        (0.31, 0.3, 1000, "no clear difference"),
        (0.9, 0.1, 20, "too few genes to say more"),
    ],
)
def test_a_training_is_judged_beside_what_needs_none(
    tmp_path: Path, own: float, other: float, n: int, judged: str
) -> None:
    write_accuracy(tmp_path, own, other, n)
    [said] = verdict(tmp_path)
    assert f"Of {n:,} masked genes (held-out)" in said
    assert f"looking the context up {100 * other:.1f} %: {judged}" in said


def test_without_an_evaluation_nothing_is_said(tmp_path: Path) -> None:
    assert verdict(tmp_path) == []


@pytest.mark.parametrize(
    ("last", "more"), [(0.3, "longer training, or more genomes"), (0.2, ": more")]
)
def test_longer_training_is_advised_while_validation_rises(
    tmp_path: Path, last: float, more: str
) -> None:
    write_accuracy(tmp_path, 0.3, 0.4, 1000)
    plant(
        tmp_path / "glm/metrics.parquet", tables.METRICS, step=[10, 20, 30, 40],
        split="validation", pseudo_accuracy=[0.1, 0.2, 0.2, last],
    )  # fmt: skip
    assert more in verdict(tmp_path)[0]


def test_operons_are_next_where_there_is_a_predictor(tmp_path: Path) -> None:
    assert not any(line.startswith("glm operons") for line in next_commands(tmp_path))
    (tmp_path / "operons").mkdir()
    (tmp_path / "operons" / "predictor.json").touch()
    assert f"glm operons GENOME --model {tmp_path}/glm" in next_commands(tmp_path)[1]
