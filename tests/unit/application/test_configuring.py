from __future__ import annotations

import copy
import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.utils import update_config
from typer.testing import CliRunner

from glm import estimates
from glm.application.cli import app
from glm.application.configuring import make_configuration
from glm.application.gene_counts import count_genes
from glm.application.genome_list import list_genomes
from glm.configuration import complete, validate
from glm.errors import GlmError
from glm.estimates import Corpus, Machine

SMALL = Machine(cores=2, memory_gb=16, disk_gb=100, gpus=0)
LARGE = Machine(cores=16, memory_gb=128, disk_gb=4000, gpus=1)
WINDOWS = {"minimum_genes": 15, "maximum_genes": 30}
GFF = "##gff-version 3\n" + "".join(
    f"c{n // 50}\t.\t{kind}\t{n}\t{n + 9}\t.\t+\t0\tID=x{n}\n"
    for n in range(100)
    for kind in ("gene", "CDS")
)


@pytest.fixture
def folder(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's configuration, and 4.5 Mb of FASTA on ten contigs of which one is short."""
    (tmp_path / "config").symlink_to(root / "config")
    (tmp_path / "genomes").mkdir()
    with gzip.open(tmp_path / "genomes" / "a.fna.gz", "wt") as handle:
        for contig in range(9):
            handle.write(f">c{contig}\n" + ("A" * 100 + "\n") * 5000)
        handle.write(">short\n" + "A" * 9000 + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(root: Path, text: str) -> dict[str, Any]:
    """The paper's configuration with an overlay."""
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    update_config(config, yaml.safe_load(text))
    return complete(config)


def test_genes_are_counted_by_bases_and_by_rows(folder: Path) -> None:
    found = count_genes(list_genomes("genomes"), WINDOWS)
    assert found == Corpus(proteins=4509, subcontigs=9 * 17, bases_to_call=4_509_000)
    (folder / "b.gff").write_text(GFF + "##FASTA\n>c0\nACGT\n")
    record = "LOCUS       {}\nFEATURES\n" + "     CDS             1..9\n" * 40
    (folder / "c.gbk").write_text(record.format("one") + record.format("two"))
    assert count_genes(list_genomes(["b.gff"]), WINDOWS).subcontigs == 2 * 1 + 2 * 1
    assert count_genes(list_genomes(["c.gbk"]), WINDOWS) == Corpus(80, 2)


def test_the_file_is_valid_and_fits_the_hours(folder: Path, root: Path) -> None:
    text, lines = make_configuration(["genomes"], "mine", 8, machine=SMALL)
    config = read(root, text)
    validate(config)
    assert [line for line in text.splitlines() if line and "#" not in line[:-1]] == [
        "release:", "embedding:", "decontamination:", "training:", "  glm:", "contextualisation:",
    ]  # fmt: skip
    assert config["release"]["genomes"] == "genomes"
    assert config["embedding"]["model"] == "facebook/esm2_t30_150M_UR50D"
    assert config["training"]["precision"] == "fp32"
    assert config["training"]["glm"]["warmup_steps"] == config["training"]["glm"]["steps"] // 20
    assert config["training"]["bilstm"]["steps"] == config["training"]["glm"]["steps"]
    corpus = count_genes(list_genomes("genomes"), WINDOWS)
    assert sum(cost.hours for cost in estimates.costs(config, SMALL, corpus)) < 8
    [warned] = [line for line in lines if line.startswith("warning")]
    assert "153 subcontigs are fewer than a gLM learns anything from" in warned
    on_gpu = read(root, make_configuration(["genomes"], "mine", 8, machine=LARGE)[0])
    assert on_gpu["embedding"]["model"] == "facebook/esm2_t33_650M_UR50D"
    assert on_gpu["training"]["precision"] == "bf16"


def test_too_few_hours_are_said(folder: Path) -> None:
    _, lines = make_configuration(["genomes"], "mine", 0.01, machine=SMALL)
    assert "min are more than the 0.01 hours asked for (--hours)" in lines[-1]
    with gzip.open(folder / "genomes" / "b.fna.gz", "wt") as handle:
        handle.write(">b\n" + ("A" * 10000 + "\n") * 20000)
    _, lines = make_configuration(["genomes"], "mine", 0.5, machine=SMALL)
    assert "passes over the corpus here; take more (--hours), a GPU, or fewer" in lines[-1]


def test_too_few_genes_and_a_folder_that_is_no_checkout_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "b.gff").write_text(GFF)
    with pytest.raises(GlmError, match=r"100 genes make 4 subcontigs .* add genomes"):
        make_configuration(["b.gff"], "mine", 8, machine=SMALL)
    monkeypatch.chdir(folder / "genomes")
    with pytest.raises(GlmError, match="run glm init in a checkout"):
        make_configuration(["a.fna.gz"], "mine", 8, machine=SMALL)


def test_init_writes_the_file_and_says_what_it_takes(folder: Path) -> None:
    done = CliRunner().invoke(app, ["init", "genomes", "--output", "mine.yaml"])
    assert done.exit_code == 0
    assert yaml.safe_load(Path("mine.yaml").read_text())["run"] == "mine"
    assert "embed_proteins" in done.output
    again = CliRunner().invoke(app, ["init", "genomes", "--output", "mine.yaml"])
    assert "is there already" in str(again.exception)
    printed = CliRunner().invoke(app, ["init", "genomes"])
    assert yaml.safe_load(printed.stdout) == yaml.safe_load(Path("mine.yaml").read_text())


def test_the_papers_run_takes_what_the_docs_say(root: Path) -> None:
    """docs/paper-size.md: 87 hours of four A100 for the gLM, 79 GB of store."""
    config = read(root, "{}")
    of_paper = estimates.corpus_of(config)
    assert of_paper is not None
    found = {
        cost.stage: cost for cost in estimates.costs(config, Machine(64, 512, 100, 4), of_paper)
    }
    assert found["train_glm"].hours == pytest.approx(87, rel=0.1)
    assert 20 < found["train_glm"].memory_gb < 32
    assert found["embed_proteins"].disk_gb == pytest.approx(3 * 79, rel=0.1)
    said = estimates.warnings(list(found.values()), Machine(64, 512, 100, 4))
    assert any("train_glm would take 3.6 days here, more than a day" in line for line in said)
    assert any("GB of disk are needed, 100 are free" in line for line in said)
    slow = copy.deepcopy(config)
    slow["gpus"] = 0
    on_cores = {cost.stage: cost.hours for cost in estimates.costs(slow, SMALL, of_paper)}
    assert on_cores["train_glm"] > 24 * 365
    # docs/operons.md: 1.1e15 FLOP for K-12's couplings
    assert on_cores["extract_couplings"] * 3600 * SMALL.flops(0) == pytest.approx(1.1e15, rel=0.05)


def test_a_run_on_refseq_s_genomes_is_forecast_before_they_are_there(root: Path) -> None:
    config = read(root, (root / "config/refseq.yaml").read_text())
    corpus = estimates.corpus_of(config)
    assert corpus is not None
    assert corpus.proteins == config["release"]["refseq"]["number"] * 4314
    said = estimates.warnings(estimates.costs(config, SMALL, corpus), SMALL)
    assert any("embed_proteins would take 4.4 days here, more than a day" in line for line in said)
    named = {**config["release"]["refseq"], "accessions": ["GCF_000005845.2"], "number": None}
    config["release"] = {**config["release"], "refseq": named}
    assert estimates.corpus_of(config) == Corpus(4314, 144)
