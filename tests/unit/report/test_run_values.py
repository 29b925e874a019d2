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
    """A run with three subcontigs, one of them removed."""
    root = tmp_path / "demo"
    genes = [[0] * (length - 1) + [-1] for length in (15, 20, 30)]
    plant_subcontigs(root / "metagenomes/subcontigs.parquet", genes)
    plant(root / "decontamination/flags.parquet", tables.FLAGS, removed=[True, False, False])
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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("corpus.truncated_proteins", "missing demo/metagenomes/embeddings"),
        ("glm.layers", "missing demo/glm/config.json"),
    ],
)
def test_what_was_not_run_is_named(run: RunFiles, name: str, reason: str) -> None:
    with pytest.raises(NotRunError, match=reason):
        READERS[name](run)
