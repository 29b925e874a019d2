from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.plant import plant, plant_subcontigs

from glm import tables
from glm.report.paper import paper_values
from glm.report.run_files import NotRunError, RunFiles
from glm.report.run_values import READERS, settings


@pytest.fixture
def run(tmp_path: Path) -> RunFiles:
    """A run with three subcontigs, one of them removed, and an accuracy."""
    root = tmp_path / "demo"
    genes = [[0] * (length - 1) + [-1] for length in (15, 20, 30)]
    plant_subcontigs(root / "metagenomes/subcontigs.parquet", genes)
    plant(root / "decontamination/flags.parquet", tables.FLAGS, removed=[True, False, False])
    of = {"genes_of": "reference", "measure": "pseudo_accuracy", "n": 4000}
    accuracy = {"model": ["glm", "bilstm", "baseline.chance"], "value": [0.1, 0.05, 0.03]}
    accuracy |= {"lower": [0.08, 0.04, 0.03], "upper": [0.12, 0.06, 0.03]}
    plant(root / "evaluation/pseudo_accuracy.parquet", tables.ACCURACY, **of, **accuracy)
    path = root / "evaluation/pseudo_accuracy_margins.parquet"
    margin = {"other": "baseline.copy_neighbour", "difference": 0.04, "standard_errors": 5.0}
    plant(path, tables.MARGINS, model=["glm", "bilstm"], **of, **margin)
    for model, seen in (("glm", [0, 3200, 6400]), ("bilstm", [0, 1600])):
        plant(root / model / "metrics.parquet", tables.METRICS, subcontigs=seen)
    return RunFiles(root)


def test_the_corpus_is_counted(run: RunFiles) -> None:
    assert READERS["corpus.subcontigs"](run).value == 3
    missing = READERS["corpus.genes_without_representative"](run)
    assert (missing.value, missing.n) == (3 / 65, 65)
    removed = READERS["decontamination.removed"](run)
    assert (removed.value, removed.note) == (1 / 3, "1 of 3 subcontigs")


def test_settings_are_those_of_the_configuration(root: Path) -> None:
    config = yaml.safe_load((root / "config/config.yaml").read_text())
    found = settings(config)
    assert all(number.setting for number in found.values())
    others = {name for name, number in found.items() if number.value != paper_values()[name].value}
    assert others == {"bilstm.steps"}, "the paper's configuration, but for the table's misprint"
    assert found["glm.gpus"].value == 4


def test_an_accuracy_comes_with_its_margin(run: RunFiles) -> None:
    found = READERS["glm.reference_pseudo_accuracy"](run)
    assert (found.value, found.lower, found.upper, found.n) == (0.1, 0.08, 0.12, 4000)
    assert found.chance == 0.03
    margin = "+4.0 points against baseline.copy_neighbour, 5.0 standard errors"
    assert found.note == margin
    of_less = READERS["bilstm.reference_pseudo_accuracy"](run).note
    assert of_less == f"the biLSTM saw 0.25 of the subcontigs that the gLM saw; {margin}"


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
