"""The file of docs/train.md, run as it stands on a few genomes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.workflow.small_run import (
    ESCHERICHIA_DH1,
    STAPHYLOCOCCUS_N315,
    genes_of,
    make_checkout,
    run_snakemake,
    sequences,
    write_genbank,
)

from glm import tables
from glm.model.evidence import accuracy_section, gather

pytestmark = pytest.mark.usefixtures("mmseqs")
GENES = {"coli": (ESCHERICHIA_DH1, 150), "aureus": (STAPHYLOCOCCUS_N315, 165)}


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout with a folder of genomes: two annotated, one whose genes are called."""
    folder = make_checkout(root, tmp_path)
    (folder / "genomes").mkdir()
    for name, (assembly, count) in GENES.items():
        genes = genes_of(assembly)[300 : 300 + count]
        proteins = [(sequences()[protein], forward) for protein, forward in genes]
        write_genbank(folder / "genomes" / f"{name}.gbk", proteins)
    shutil.copy(root / "tests" / "data" / "lambda_phage.fna.gz", folder / "genomes")
    page = (root / "docs" / "train.md").read_text()
    [text] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (folder / "mine.yaml").write_text(text)
    return folder


def test_the_file_of_the_page_trains_a_model(checkout: Path) -> None:
    """Without reference genome, baseline, analyses or network; up to the report."""
    done = run_snakemake(checkout, "--configfile", "mine.yaml", "--cores", "2")
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-4000:]
    run = checkout / "results" / "mine"
    rows = tables.read(run / "metagenomes/subcontigs.parquet", tables.SUBCONTIGS).to_pylist()
    windows = sorted((row["assembly"], len(row["representative"])) for row in rows)
    cut = {"aureus": [15] + [30] * 5, "coli": [30] * 5, "lambda_phage": [30, 30]}
    assert windows == [(name, size) for name, sizes in cut.items() for size in sizes]
    splits = tables.read(run / "decontamination/splits.parquet", tables.SPLITS)["split"]
    held_out = splits.to_pylist().count("validation")
    assert set(splits.to_pylist()) == {"train", "validation"}
    accuracy = tables.read(run / "evaluation/pseudo_accuracy.parquet", tables.ACCURACY).to_pandas()
    assert set(accuracy.genes_of) == {"heldout"}
    assert "bilstm" not in set(accuracy.model)
    assert not (run / "evaluation" / "absolute_accuracy.parquet").exists()
    card = (run / "glm" / "README.md").read_text()
    assert f"| validation | {held_out} | 60 |" in card
    assert "as like the reference genome" not in card
    said = "\n".join(accuracy_section(gather(run)))
    assert "| gLM | " in said
    assert "reference" not in said
    assert "fewer than a gLM learns anything from" in printed
    assert "Forecast for " in printed
    for needless in ("Select jobs", "Execute ", "extract_couplings"):
        assert needless not in printed
    verdict = printed[printed.index("Trained gLM: ") : printed.index("next: glm info")]
    assert "masked genes (held-out)" in verdict
    again = run_snakemake(checkout, "--configfile", "mine.yaml", "--cores", "2")
    assert "Nothing to be done" in again.stderr
    assert verdict in again.stdout
    status = tables.read(run / "report/scorecard.parquet", tables.SCORECARD).to_pandas()
    notes = status.set_index("id").note
    assert "needs a reference genome" in notes["glm.reference_pseudo_accuracy"]
    assert "was not asked for" in notes["bilstm.layers"]


def test_what_cannot_run_is_refused_before_the_first_job(checkout: Path) -> None:
    def refused(*arguments: str) -> str:
        done = run_snakemake(checkout, "--configfile", "mine.yaml", "--cores", "1", *arguments)
        assert done.returncode == 1
        assert not (checkout / "results" / "mine").exists()
        return done.stdout + done.stderr

    gone = refused("--config", "embedding={model: genomes/esm}")
    assert "embedding.model: genomes/esm: no such folder" in gone
    many = refused("--config", "gpus=99")
    assert "embed_proteins, evaluate_accuracy, train_glm: gpus is 99, but torch sees" in many
    absent = refused("--config", "release={genomes: [genomes/coli.gbk, gone.fna]}")
    assert "release.genomes: gone.fna: no such file or folder" in absent
