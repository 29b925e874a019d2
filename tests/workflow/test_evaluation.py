"""The rules of evaluation and report, run by snakemake on real genes with untrained models."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.plant import STAMP, plant, plant_splits
from tests.random_model import write_fits
from tests.workflow.small_run import (
    make_checkout,
    snakemake,
    write_metagenomes,
    write_reference,
)

from glm import tables
from glm.model import (
    BidirectionalLSTM,
    BidirectionalLSTMConfig,
    GenomicLanguageModel,
    GenomicLanguageModelConfig,
)

RULES = [
    "evaluate_accuracy",
    "plot_training",
    "build_report",
]
TARGETS = ["results/small/report/index.html"]
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
FEATURES, COMPONENTS = len(AMINO_ACIDS), 4


def compositions(representatives: Path) -> np.ndarray:
    """Amino-acid composition of each representative: a real, if poor, embedding."""
    sequences = tables.read(representatives, tables.REPRESENTATIVES)["sequence"].to_pylist()
    return np.array(
        [
            [sequence.count(letter) / len(sequence) for letter in AMINO_ACIDS]
            for sequence in sequences
        ]
    )


def write_embeddings(results: Path) -> None:
    """Both stores, and the fits on the training corpus."""
    found = {name: compositions(results / name / "representatives.parquet") for name in CORPORA}
    for name, embeddings in found.items():
        np.save(results / name / "embedding_store.npy", embeddings.astype(np.float16))
    training = found["metagenomes"]
    _, directions = np.linalg.eigh(np.cov(((training - training.mean(0)) / training.std(0)).T))
    write_fits(
        results / "embedding", training.mean(0), training.std(0), directions.T[::-1][:COMPONENTS]
    )


CORPORA = ("metagenomes", "reference")


def write_models(results: Path) -> None:
    """An untrained gLM and biLSTM, with metrics of two steps."""
    torch.manual_seed(1)
    sizes = {"embedding_size": FEATURES, "label_components": COMPONENTS, "hidden_size": 16}
    glm = GenomicLanguageModelConfig(
        **sizes, layers=1, heads=2, feed_forward_size=16, maximum_distance=30
    )
    GenomicLanguageModel(glm).save_pretrained(results / "glm")
    bilstm = BidirectionalLSTMConfig(**sizes, layers=1)
    BidirectionalLSTM(bilstm).save_pretrained(results / "bilstm")
    rows = {"split": "reference", "step": [1, 2], "subcontigs": [3, 6]}
    rows["pseudo_accuracy"] = [0.03, 0.04]
    stamp = {"parameters": {"training": {"alpha": 1e-4, "steps": 2}}}
    for model in ("glm", "bilstm"):
        plant(results / model / "metrics.parquet", tables.METRICS, stamp, **rows)


def write_splits(folder: Path, names: Sequence[str]) -> None:
    """Splits of as many subcontigs, and what the scorecard reads beside them."""
    plant_splits(folder / "splits.parquet", names)
    counts = {name: names.count(name) for name in ("removed", "train", "validation")}
    by_assembly = folder / "removed_by_assembly.parquet"
    plant(by_assembly, tables.REMOVED_BY_ASSEMBLY, assembly=["A"], subcontigs=len(names), **counts)
    plant(folder / "leakage.parquet", tables.LEAKAGE)


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A run that is trained, and not yet judged: 6 training subcontigs, 2 held out, 4 of K-12."""
    checkout = make_checkout(root, tmp_path)
    results = checkout / "results" / "small"
    write_metagenomes(results / "metagenomes", windows=5)
    write_reference(results / "reference", windows=4)
    write_splits(
        results / "decontamination", ["removed", "removed", *["train"] * 6, *["validation"] * 2]
    )
    write_embeddings(results)
    write_models(results)
    manifest = tables.MANIFEST.schema().empty_table()
    path = results / "metagenomes" / "release" / "manifest.parquet"
    tables.write(manifest, path, tables.MANIFEST, STAMP)
    (results / "protein_model").mkdir()
    identity = {"name": "composition", "weights": "trained", "is_demo": True}
    (results / "protein_model" / "identity.json").write_text(json.dumps(identity))
    return checkout


def test_a_trained_run_is_judged_and_reported(checkout: Path) -> None:
    """Every predictor on the same genes; untrained models are at chance; the scorecard says it."""
    made = snakemake(checkout, TARGETS, RULES, analyses=["bilstm"])
    assert made.returncode == 0, made.stderr
    folder = checkout / "results" / "small" / "evaluation"
    pseudo = tables.read(folder / "pseudo_accuracy.parquet", tables.ACCURACY).to_pandas()
    assert set(pseudo[pseudo.genes_of == "reference"].n) == {120}
    assert set(pseudo[pseudo.genes_of == "heldout"].n) == {60}
    of = pseudo[pseudo.measure == "pseudo_accuracy"].set_index(["genes_of", "model"])
    assert set(of.loc["reference"].index) == {
        "glm",
        "glm_inputs_replaced",
        "bilstm",
        "baseline.chance",
        "baseline.copy_neighbour",
        "baseline.nearest_context",
    }
    assert of.value["reference", "baseline.chance"] == pytest.approx(1 / 30)
    untrained = of.loc["reference", "glm"]
    assert untrained.lower <= 1 / 30 <= untrained.upper
    closest = pseudo[pseudo.measure == "pseudo_accuracy_closest"].set_index(["genes_of", "model"])
    assert closest.value["reference", "glm"] >= untrained.value - 0.05
    absolute = tables.read(folder / "absolute_accuracy.parquet", tables.ACCURACY).to_pandas()
    chance = absolute[absolute.model == "baseline.chance"].iloc[0]
    assert (chance.value, chance.n) == (pytest.approx(1 / 120), 120)
    assert (folder / "training_curves.pdf").stat().st_size > 5000

    report = checkout / "results" / "small" / "report"
    scorecard = tables.read(report / "scorecard.parquet", tables.SCORECARD).to_pandas()
    status = scorecard.set_index("id").status
    assert status["decontamination.identity"] == "same setting"
    assert status["glm.alpha"] == "other setting"  # the demo has 0.1
    assert status["glm.layers"] == "other setting"
    assert status["glm.reference_pseudo_accuracy"] == "not comparable"
    assert status["operons.operons"] == "not run"
    note = scorecard.set_index("id").note["glm.reference_pseudo_accuracy"]
    assert "no substitute for esm2_t33_650M_UR50D" in note
    assert "standard errors" in note
    assert (report / "scorecard.md").read_text().startswith("# Scorecard of run small")
    page = (report / "index.html").read_text()
    assert "Validation accuracy while training" in page
    assert "the biLSTM saw 1.00 of the subcontigs that the gLM saw" in page
    assert "evaluate_accuracy" in page[page.index('id="costs"') :]
    assert "../evaluation/training_curves.parquet" in page
    # Snakemake's own report of the same figure, with its caption
    reported = snakemake(checkout, [*TARGETS, "--report", "report.zip"], RULES, analyses=["bilstm"])
    assert reported.returncode == 0, reported.stderr
    with zipfile.ZipFile(checkout / "report.zip") as archive:
        pages = b"".join(archive.read(name) for name in archive.namelist()).decode(
            "utf8", "replace"
        )
    assert "Pseudo-accuracy of gLM (A) and biLSTM (B)" in pages
    # what the lead's hook prints at the end
    assert "Masked genes that were found" in made.stdout + made.stderr
