from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from rich.console import Console
from tests.plant import STAMP, plant
from tests.unit.report.planted_run import write_benchmark

from glm import tables
from glm.report.costs import read_stages
from glm.report.scorecard import build
from glm.report.summary import SHOWN_RULES, clock, show


def shown(run: Path) -> str:
    """What is printed on a terminal 100 characters wide."""
    console = Console(width=100, record=True, file=io.StringIO())
    show(run, console)
    return console.export_text()


def write_benchmarks(run: Path) -> None:
    """Two shards of one rule, and a later rule without a memory."""
    write_benchmark(run, "embed_proteins/metagenomes/0", "60.5", "900.4")
    write_benchmark(run, "embed_proteins/metagenomes/1", "70.5", "300")
    os.utime(write_benchmark(run, "split_subcontigs", "0.4", "-"), (2**33, 2**33))


def test_shards_of_a_rule_are_summed_in_the_order_in_which_rules_ended(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    stages = read_stages(tmp_path / "benchmarks")
    assert [(stage.rule, stage.jobs) for stage in stages] == [
        ("embed_proteins", 2),
        ("split_subcontigs", 1),
    ]
    assert (stages[0].seconds, stages[0].memory) == (131.0, 900.4)


def test_the_summary_says_what_ran_how_good_and_where(tmp_path: Path) -> None:
    run = tmp_path / "demo"
    write_benchmarks(run)
    value = np.array([0.0333, 0.412, 0.123])
    plant(
        run / "evaluation/pseudo_accuracy.parquet",
        tables.ACCURACY,
        model=["baseline.chance", "glm", "glm"],
        genes_of=["heldout", "heldout", "reference"],
        measure="pseudo_accuracy",
        value=value,
        lower=value - 0.01,
        upper=value + 0.01,
    )
    plant(
        run / "decontamination/removed_by_assembly.parquet",
        tables.REMOVED_BY_ASSEMBLY,
        assembly=["DH1", "N315"],
        subcontigs=[144, 85],
        removed=[144, 0],
    )
    tables.write(build(run), run / "report/scorecard.parquet", tables.SCORECARD, STAMP)
    (run / "evaluation/training_curves.png").touch()
    (run / "reference").mkdir()
    (run / "metagenomes/release").mkdir(parents=True)
    (run / "metagenomes/release/assemblies.tsv").write_text("assembly\tname\nDH1\tE. coli DH1\n")
    text = shown(run)
    assert "embed_proteins" in text
    assert "0:02:11" in text
    words = [line.replace("│", " ").split() for line in text.splitlines()]
    assert ["E.", "coli", "DH1", "144", "144"] in words
    assert ["N315", "0", "85"] in words
    assert ["all", "144", "229"] in words
    assert "41.2 ± 1.0" in text
    assert "12.3 ± 1.0" in text
    assert text.index("gLM") < text.index("chance")
    assert "Protein model: unknown" in text
    assert "not run" in text
    assert f"Figures: 1 in {run / 'evaluation'}/ (PNG, PDF)" in text


def test_a_run_that_has_nothing_yet_says_so(tmp_path: Path) -> None:
    assert "holds no results yet" in shown(tmp_path)


def test_seconds_are_written_as_a_clock() -> None:
    assert [clock(seconds) for seconds in (0.4, 59.6, 3725)] == ["0:00:00", "0:01:00", "1:02:05"]


def test_the_longest_rules_stand_first_and_short_ones_together(tmp_path: Path) -> None:
    """A run of fifty rules keeps its accuracies on the screen."""
    for number in range(SHOWN_RULES + 3):
        write_benchmark(tmp_path, f"rule_{number:02}", str(number + 1), "100")
    text = shown(tmp_path)
    words = [line.replace("│", " ").split() for line in text.splitlines()]
    assert [f"rule_{SHOWN_RULES + 2:02}", "1", "0:00:18", "100", "MB"] in words
    assert ["3", "others", "3", "0:00:06", "100", "MB"] in words
    assert "rule_02" not in text
