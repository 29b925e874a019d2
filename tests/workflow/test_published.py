"""config/published.yaml by snakemake, at small size: artefacts of the published forms with random
weights, the first genes of K-12, and services of the internet on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.conftest import require
from tests.published import PROTEIN_MODEL, write_published
from tests.refseq import write_refseq
from tests.small_source import write_reference
from tests.workflow.small_run import make_checkout, run_snakemake
from tests.workflow.test_services import EACH_SIDE, address, write_list

from glm import tables
from glm.application.importing import import_checkpoint
from glm.corpus.refseq import read_feature_table

__all__ = ["address"]  # a fixture
GENES = 600  # of K-12


def write_overlay(checkout: Path, address: str) -> None:
    """Addresses of this machine, and what makes the run small."""
    entry = {
        "name": "if1_by_host", "title": "IF-1", "group_by": "assembly",
        "genomes": "genomes.tsv", "groups": "genomes.tsv", "genes_each_side": EACH_SIDE,
        "sets": [{"name": "IF-1", "queries": f"{address}/file/queries/if1.faa"}],
    }  # fmt: skip
    refseq = str(checkout / "refseq")
    small = {
        "reference": {"address": "reference"},
        "gpus": 0,
        "embedding": {"precision": "fp32", "allow_random_weights": True},
        "contextualisation": {"precision": "fp32"},
        "operons": {"source": (checkout / "operon.annot").as_uri(), "bootstrap_rounds": 50},
        "semantics": {"datasets": f"{address}/datasets", "entries": [entry], "minimum_group": 2,
                      "neighbours": 2, "bootstrap_rounds": 50, "permutations": 19, "seeds": 2,
                      "projection": "pca"},
        "taxonomy": {"refseq": refseq, "taxdump": refseq, "shards": 2, "folds": 2, "seeds": 2,
                     "bootstrap_rounds": 50, "projection": "pca"},
    }  # fmt: skip
    (checkout / "small.yaml").write_text(yaml.safe_dump(small))
    write_list(checkout / "genomes.tsv")
    (checkout / "refseq").mkdir()
    write_refseq(checkout / "refseq")
    write_reference(checkout / "reference", GENES)
    table = next((checkout / "reference").glob("*_feature_table.txt.gz"))
    symbols = [row["symbol"] or row["locus_tag"] for _, row in read_feature_table(table)]
    genes = [
        f"{n}\t{symbol}\tprotein\t{f'op{n // 3}' if n % 7 else 'None'}\tNone\n"
        for n, symbol in enumerate(symbols, 1)
    ]
    (checkout / "operon.annot").write_text("".join(genes))


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory, address: str) -> Path:
    """A checkout with models/published and all that the configuration asks for."""
    require("diamond")
    folder = make_checkout(root, tmp_path_factory.mktemp("published"))
    given, models = write_published(folder / "given"), folder / "models"
    models.mkdir()
    import_checkpoint(str(given), models / "published", any_size=True)
    (given / PROTEIN_MODEL).rename(models / "published" / PROTEIN_MODEL)
    write_overlay(folder, address)
    return folder


def test_the_published_model_gives_all_that_needs_no_corpus(checkout: Path) -> None:
    options = ["--configfile", "config/published.yaml", "small.yaml", "--cores", "2"]
    done = run_snakemake(checkout, *options)
    assert done.returncode == 0, done.stderr[-4000:]
    run = checkout / "results/published"
    accuracy = tables.read(run / "evaluation/pseudo_accuracy.parquet", tables.ACCURACY).to_pandas()
    assert set(accuracy["genes_of"]) == {"reference"}
    assert set(accuracy["model"]) == {"glm", "baseline.chance", "baseline.copy_neighbour"}
    scorecard = tables.read(run / "report/scorecard.parquet", tables.SCORECARD).to_pandas()
    rows = scorecard.set_index("id")
    for name in (
        "corpus.subcontigs",
        "decontamination.removed",
        "annotation.without_annotation",
    ):
        assert rows.loc[name, "status"] == "not run"
        assert "needs the corpus" in rows.loc[name, "note"]
    assert "not trained here" in rows.loc["glm.steps", "note"]
    for name in ("glm.reference_absolute_accuracy", "operons.best_head"):
        assert rows.loc[name, "status"] != "not run", name
    assert pd.notna(rows.loc["glm.parameters", "value"])
    assert (run / "report/index.html").is_file()
    again = run_snakemake(checkout, *options, "--dry-run", "--quiet")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_an_analysis_of_the_corpus_says_why_it_cannot_run(checkout: Path) -> None:
    done = run_snakemake(checkout, "enzymes", "--configfile", "config/published.yaml", "--dry-run")
    assert done.returncode != 0
    assert "enzymes needs the corpus (release.source)" in done.stdout + done.stderr


def test_a_corpus_is_read_with_a_model_that_is_there(checkout: Path) -> None:
    (checkout / "own.yaml").write_text(
        yaml.safe_dump({"run": "own", "glm": {"pretrained": "models/published"}})
    )
    done = run_snakemake(
        checkout, "--configfile", "config/demo.yaml", "own.yaml", "--dry-run", "--cores", "2"
    )
    assert done.returncode == 0, done.stderr
    planned = set(re.findall(r"^rule (\w+):", done.stdout, re.MULTILINE))
    assert not {"train_glm", "train_bilstm", "fit_features", "plot_training"} & planned
    assert {"download_pretrained_model", "split_subcontigs", "classify_enzymes",
            "measure_context_variance", "evaluate_accuracy"} <= planned  # fmt: skip
