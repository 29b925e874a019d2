from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.report.planted_run import write_accuracy

from glm import tables
from glm.report.summary import read_evaluation
from glm.report.trained import next_commands, verdict


@pytest.mark.parametrize(
    ("own", "other", "n", "judged"),
    [
        (0.4, 0.3, 1000, "the gLM has learned more than that"),
        (0.3, 0.4, 1000, "the gLM is worse: train longer, or on more genomes"),
        (0.31, 0.3, 1000, "no clear difference"),
        (0.9, 0.1, 20, "too few genes to say more"),
    ],
)
def test_a_training_is_judged_beside_what_needs_none(
    tmp_path: Path, own: float, other: float, n: int, judged: str
) -> None:
    write_accuracy(tmp_path, own, other, n)
    folder = tmp_path / "evaluation"
    read = [read_evaluation(folder, each) for each in (tables.ACCURACY, tables.MARGINS)]
    [said] = verdict(*read)
    assert f"Of {n:,} masked genes (held-out)" in said
    assert f"looking the context up {100 * other:.1f} %: {judged}" in said


def test_without_an_evaluation_nothing_is_said(tmp_path: Path) -> None:
    read = [read_evaluation(tmp_path, each) for each in (tables.ACCURACY, tables.MARGINS)]
    assert verdict(*read) == []


def test_operons_are_next_where_there_is_a_predictor(tmp_path: Path) -> None:
    assert not any(line.startswith("glm operons") for line in next_commands(tmp_path))
    (tmp_path / "operons").mkdir()
    (tmp_path / "operons" / "predictor.json").touch()
    assert f"glm operons GENOME --model {tmp_path}/glm" in next_commands(tmp_path)[1]
