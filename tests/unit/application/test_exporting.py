"""A gLM as a hub takes it: exported, published on a local hub, found there by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import ModelCard
from tests.hub import Hub, ask
from tests.plant import plant, plant_subcontigs
from typer.testing import CliRunner

from glm import embed_genome, files, load_model, tables
from glm.application.cli import app
from glm.application.exporting import export_model, without_folders
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError
from glm.model.exported import FILES, SUMS
from glm.provenance import fingerprint

NAME = "somebody/glm-small"
FORBIDDEN = ("weights.bin", "tables.pkl", "setup.py")


@pytest.fixture
def run(model_copy: Path) -> Path:
    """The folder of a run: its gLM, protein model, operon predictor and accuracies."""
    run = model_copy.parent
    table, kind = model_copy / "label_components.parquet", tables.LABEL_COMPONENTS
    tables.write(tables.read(table, kind), table, kind, {"inputs": {f"{run}/0.parquet": "0"}})
    provenance = json.loads((model_copy / "provenance.json").read_text())
    used = {name: digest for name, digest in provenance["inputs"].items() if table.name not in name}
    used[str(table)] = fingerprint(table)
    (model_copy / "provenance.json").write_text(json.dumps({**provenance, "inputs": used}))
    predictor = {"kind": "any", "stamp": {"inputs": {f"{run}/genes.parquet": "0"}}}
    (run / "operons").mkdir()
    (run / "operons/predictor.json").write_text(json.dumps(predictor))
    plant(
        run / "evaluation/pseudo_accuracy.parquet", tables.ACCURACY,
        model=["glm", "baseline.nearest_context"], genes_of="reference", measure="pseudo_accuracy",
        value=[0.086, 0.356], lower=[0.075, 0.33], upper=[0.097, 0.38], n=4314,
        stamp={"parameters": {"mask_rate": 0.15}},
    )  # fmt: skip
    plant_subcontigs(run / "reference/subcontigs.parquet", [[0, 1]], assembly="Escherichia")
    plant(
        run / "decontamination/removed_by_assembly.parquet", tables.REMOVED_BY_ASSEMBLY,
        assembly=["Vibrio", "Escherichia"], subcontigs=[9, 7], removed=[0, 7], train=[8, 0],
        validation=[1, 0],
    )  # fmt: skip
    return run


@pytest.fixture
def exported(run: Path, tmp_path: Path) -> Path:
    export_model(run, tmp_path / "exported", "cc-by-4.0", NAME)
    return tmp_path / "exported"


def test_the_folder_holds_what_embedding_takes_and_no_path_of_the_machine(
    exported: Path, run: Path
) -> None:
    there = {str(path.relative_to(exported)) for path in exported.rglob("*") if path.is_file()}
    assert there == {*FILES, SUMS, "README.md"} - {"metrics.parquet"}
    for name in there:
        assert str(run.parent).encode() not in (exported / name).read_bytes(), name
    for line in (exported / SUMS).read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert files.sha256(exported / name) == digest
    assert (exported / "model.safetensors").read_bytes() == (
        run / "glm/model.safetensors"
    ).read_bytes()


def test_its_card_says_data_licence_accuracies_and_limits(exported: Path) -> None:
    card = ModelCard.load(exported / "README.md")
    assert card.data.license == "cc-by-4.0"
    for words in (
        "8 subcontigs of 1 assemblies",
        "They are: Vibrio.",
        "7 left out as like the reference genome",
        "| gLM | 8.6 ± 1.1 |",
        "Masked genes (15% of a subcontig at a time) that were found",
        "The reference is Escherichia.",
        "(their terms are not stated)",
        "Looking the nearest training context up finds more",
        "must not be used for",
        "Research: its protein model is a demo's",
        f"--model {NAME}",
    ):
        assert words in card.text
    assert "not in this folder" not in card.text


def test_what_may_not_be_passed_on_or_would_replace_something_is_refused(
    run: Path, exported: Path, tmp_path: Path
) -> None:
    with pytest.raises(GlmError, match="no SPDX identifier"):
        export_model(run, tmp_path / "other", "free for all", NAME)
    with pytest.raises(GlmError, match="is there already"):
        export_model(run, exported, "mit", NAME)
    provenance = json.loads((run / "glm/provenance.json").read_text())
    (run / "glm/provenance.json").write_text(json.dumps({**provenance, "published": {}}))
    with pytest.raises(GlmError, match="licence forbids"):
        export_model(run, tmp_path / "other", "mit", NAME)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/me/run/genes.parquet", "genes.parquet"),
        ("file:///home/me/esm2.pt (SHA-256 12)", "esm2.pt (SHA-256 12)"),
        ("results/demo/genes.parquet", "results/demo/genes.parquet"),
        ("https://huggingface.co/a/b at 12", "https://huggingface.co/a/b at 12"),
    ],
)
def test_folders_of_the_machine_are_cut_off(text: str, expected: str) -> None:
    assert without_folders({text: [text]}) == {expected: [expected]}


@pytest.fixture
def hub(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has the folder, and beside it what must not be fetched."""
    for name in FORBIDDEN:
        (exported / name).write_text("harm")
    with Hub(exported, NAME) as made:
        ask(made, tmp_path / "cache", monkeypatch)
        yield made


def test_a_published_model_is_found_by_its_name_and_reads_the_same(
    hub: Hub, run: Path, genome: Genome, phage: Path, tmp_path: Path
) -> None:
    expected = embed_genome(load_model(run / "glm", threads=1), genome).contextual_embeddings
    found = load_model(NAME, threads=1)
    assert np.array_equal(embed_genome(found, genome).contextual_embeddings, expected)
    fetched = {path.name for path in (tmp_path / "cache").rglob("*")}
    assert "model.safetensors" in fetched
    assert not fetched & set(FORBIDDEN)
    output = tmp_path / "genes.parquet"
    arguments = ["embed", str(phage), "-m", NAME, "-o", str(output), "--threads", "1"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    with pytest.raises(GlmError, match=r"cannot be fetched from the hub"):
        load_model("somebody/else")


def change(folder: Path, name: str) -> None:
    (folder / name).write_text((folder / name).read_text() + " ")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / SUMS).unlink(), "was not made by `glm export`"),
        (lambda folder: change(folder, "config.json"), "config.json has SHA-256"),
        (lambda folder: (folder / "predictor.json").unlink(), "has no predictor.json, which"),
        (lambda folder: (folder / "metrics.parquet").touch(), "not in SHA256SUMS"),
        (
            lambda folder: (folder / SUMS).write_text(f"{'0' * 64}  ../../weights.bin\n"),
            "line 1: .* is no file of a gLM",
        ),
    ],
)
def test_a_published_folder_that_is_not_as_it_was_exported_is_refused(
    hub: Hub, spoil: object, message: str
) -> None:
    spoil(hub.folder)  # type: ignore[operator]
    with pytest.raises(GlmError, match=message):
        load_model(NAME)


def test_weights_that_are_not_what_the_hub_says_are_refused(hub: Hub) -> None:
    hub.damaged = True
    with pytest.raises(GlmError, match="the hub says"):
        load_model(NAME)


def test_a_path_that_is_not_there_is_not_looked_for_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GlmError, match="results/demoo: no such folder"):
        load_model("results/demoo")
