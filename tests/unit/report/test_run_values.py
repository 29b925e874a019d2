from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from glm import tables
from glm.report.run_files import NotRunError, RunFiles
from glm.report.run_values import READERS

STAMP = {"producer": "test"}


@pytest.fixture
def run(tmp_path: Path) -> RunFiles:
    """A run with three subcontigs, one of them removed, and an accuracy."""
    rows = [
        {
            "subcontig": number,
            "contig": number,
            "first_rank": 0,
            "assembly": "A",
            "biome": None,
            "representative": [0] * (length - 1) + [-1],
            "forward": [True] * length,
            "protein": [1] * length,
        }
        for number, length in enumerate((15, 20, 30))
    ]
    root = tmp_path / "demo"
    tables.write(
        pd.DataFrame(rows), root / "metagenomes/subcontigs.parquet", tables.SUBCONTIGS, STAMP
    )
    flags = pd.DataFrame(
        {
            "subcontig": range(3),
            "genes": 20,
            "genes_like_reference": 0,
            "share": 0.0,
            "removed": [True, False, False],
        }
    )
    tables.write(flags, root / "decontamination/flags.parquet", tables.FLAGS, STAMP)
    accuracy = {
        "model": "glm",
        "genes_of": "reference",
        "measure": "pseudo_accuracy",
        "value": 0.1,
        "lower": 0.08,
        "upper": 0.12,
        "standard_error": 0.01,
        "n": 4000,
    }
    path = root / "evaluation/pseudo_accuracy.parquet"
    tables.write(pd.DataFrame([accuracy]), path, tables.ACCURACY, STAMP)
    margin = {
        "model": "glm",
        "other": "baseline.copy_neighbour",
        "genes_of": "reference",
        "measure": "pseudo_accuracy",
        "difference": 0.04,
        "standard_error": 0.008,
        "standard_errors": 5.0,
        "n": 4000,
    }
    path = root / "evaluation/pseudo_accuracy_margins.parquet"
    tables.write(pd.DataFrame([margin]), path, tables.MARGINS, STAMP)
    return RunFiles(root)


def test_the_corpus_is_counted(run: RunFiles) -> None:
    assert READERS["corpus.subcontigs"](run).value == 3
    assert READERS["corpus.genes_per_subcontig"](run).value == [15, 30]
    missing = READERS["corpus.genes_without_representative"](run)
    assert (missing.value, missing.n) == (3 / 65, 65)
    removed = READERS["decontamination.removed"](run)
    assert (removed.value, removed.note) == (1 / 3, "1 of 3 subcontigs")


def test_an_accuracy_comes_with_its_margin(run: RunFiles) -> None:
    found = READERS["glm.reference_pseudo_accuracy"](run)
    assert (found.value, found.lower, found.upper, found.n) == (0.1, 0.08, 0.12, 4000)
    assert found.note == "+4.0 points against baseline.copy_neighbour, 5.0 standard errors"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("glm.heldout_pseudo_accuracy", "has no row glm, heldout"),
        ("glm.reference_absolute_accuracy", "missing demo/evaluation/absolute_accuracy.parquet"),
        ("corpus.truncated_proteins", "missing demo/metagenomes/embeddings"),
        ("glm.layers", "missing demo/glm/config.json"),
    ],
)
def test_what_was_not_run_is_named(run: RunFiles, name: str, reason: str) -> None:
    with pytest.raises(NotRunError, match=reason):
        READERS[name](run)
