"""Model directories: what belongs together is loaded, what does not is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard
from tests.unit.application.conftest import fit, small_model
from transformers import AutoModel

from glm import embed_genome, load_model
from glm.corpus.genome_tables import Genome
from glm.data.features import Preprocessing
from glm.embedding.protein_model import WEIGHTS, Identity
from glm.errors import GlmError
from glm.model import for_transformers
from glm.model.card import describe
from glm.model.directory import FIXES


@pytest.mark.parametrize("name", FIXES)
def test_a_missing_piece_is_named(model_copy: Path, name: str) -> None:
    (model_copy / name).unlink()
    with pytest.raises(GlmError, match=f"has no {name}: "):
        load_model(model_copy)
    if name != "config.json":
        assert describe(model_copy)["missing"] == [name]


def test_inputs_are_made_as_the_configuration_says(model_copy: Path) -> None:
    config = json.loads((model_copy / "config.json").read_text())
    (model_copy / "config.json").write_text(json.dumps(config | {"input_clip": None}))
    assert load_model(model_copy).builder.preprocessing == Preprocessing(input_clip=None)


def test_torn_weights_are_named(model_copy: Path) -> None:
    with (model_copy / "model.safetensors").open("r+b") as handle:
        handle.truncate(100)
    with pytest.raises(GlmError, match=r"model\.safetensors: torn .* Copy the whole folder again"):
        load_model(model_copy)


def test_a_folder_that_is_no_model_directory(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="no such folder"):
        load_model(tmp_path / "nowhere")
    (tmp_path / "config.json").write_text('{"model_type": "esm"}')
    with pytest.raises(GlmError, match="is a esm model, not a gLM"):
        load_model(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(GlmError, match="not the configuration of a gLM"):
        load_model(tmp_path)


def test_another_standardisation_is_refused(
    model_copy: Path, protein_embeddings: np.ndarray
) -> None:
    fit(model_copy, protein_embeddings + 1)
    with pytest.raises(GlmError, match=r"standardisation.parquet: not the one that this gLM was"):
        load_model(model_copy)


def test_a_standardisation_of_another_size_is_refused(
    model_copy: Path, protein_embeddings: np.ndarray
) -> None:
    fit(model_copy, protein_embeddings[:, :100])
    with pytest.raises(GlmError, match="fitted on 100 features, but the gLM reads 192"):
        load_model(model_copy)


def test_another_protein_model_is_refused_by_name(
    model_copy: Path, genome: Genome, protein_model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(protein_model, other)
    with (other / WEIGHTS).open("ab") as handle:
        handle.write(b"0")
    model = load_model(model_copy, protein_model=other)
    with pytest.raises(GlmError, match=r"another protein model .* \(demo-encoder, 192 features\)"):
        embed_genome(model, genome)
    (other / WEIGHTS).unlink()
    with pytest.raises(GlmError, match="no protein model"):
        embed_genome(model, genome)


def test_a_protein_model_that_is_nowhere(model_copy: Path, genome: Genome) -> None:
    (model_copy.parent / "protein_model").unlink()
    with pytest.raises(GlmError, match="name its folder with --protein-model"):
        embed_genome(load_model(model_copy), genome)


def test_a_protein_model_as_the_hub_lays_it_out(
    model_copy: Path, genome: Genome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without identity.json its weights say whether it is the one that is wanted."""
    monkeypatch.setenv("GLM_CACHE", str(tmp_path / "cache"))
    laid_out = shutil.copytree(model_copy.parent / "protein_model", tmp_path / "laid out")
    (laid_out / "identity.json").unlink()
    (model_copy.parent / "protein_model").unlink()
    embedded = embed_genome(load_model(model_copy, laid_out), genome)
    assert len(embedded.genes) == len(genome.genes)
    assert not (laid_out / "identity.json").exists()


def test_a_published_protein_model_is_fetched_by_its_identity() -> None:
    from glm.application.loading import fetchable

    hub = "https://huggingface.co/facebook/esm2_t33_650M_UR50D at 255893e6608ab942fb16da47f62667c3"
    of_hub = Identity("facebook/esm2_t33_650M_UR50D", hub, "0", 1280, 33)
    assert fetchable(of_hub) == (of_hub.name, "255893e6608ab942fb16da47f62667c3")
    fair = Identity("esm2_t33_650M_UR50D", "https://dl.example/x.pt (SHA-256 1)", "0", 1280, 33)
    assert fetchable(fair) == ("esm2_t33_650M_UR50D.pt", None)
    assert fetchable(Identity("mine", "my folder", "0", 4, 1)) is None


def test_transformers_loads_the_directory_without_remote_code(model_directory: Path) -> None:
    """In a process that imports what the model card says."""
    code = (
        "import glm.model.for_transformers, sys; from transformers import AutoModel\n"
        "model = AutoModel.from_pretrained(sys.argv[1], trust_remote_code=False)\n"
        "print(type(model).__name__, sum(p.numel() for p in model.parameters()))"
    )
    scripts = Path(sys.modules["glm"].__file__ or "").parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(model_directory)],
        capture_output=True, text=True, cwd=scripts, check=True,
    )  # fmt: skip
    parameters = sum(p.numel() for p in small_model(192).parameters())
    assert "import glm.model.for_transformers" in (model_directory / "README.md").read_text()
    assert done.stdout.split() == ["GenomicLanguageModel", str(parameters)]


def test_a_saved_copy_is_the_same_model_bit_for_bit(model_directory: Path, tmp_path: Path) -> None:
    """What transformers and huggingface_hub do when a user publishes it."""
    first = AutoModel.from_pretrained(model_directory, trust_remote_code=False)
    first.save_pretrained(tmp_path / "copy")
    second = AutoModel.from_pretrained(tmp_path / "copy", trust_remote_code=False)
    assert type(first) is type(second) is for_transformers.GenomicLanguageModel
    assert first.config.to_diff_dict() == second.config.to_diff_dict()
    weights = second.state_dict()
    assert set(weights) == set(first.state_dict())
    for name, values in first.state_dict().items():
        assert torch.equal(values, weights[name]), name
    features, lengths = torch.randn(45, 193), torch.tensor([30, 15])
    with torch.no_grad():
        states = [model.eval()(features, lengths).hidden for model in (first, second)]
    assert torch.equal(*states)


def test_the_command_that_publishes_a_model_exists(root: Path) -> None:
    reported = (root / "docs" / "own-genomes.md").read_text()
    assert "hf upload OWNER/MODEL DIR" in reported
    hf = Path(sys.executable).with_name("hf")
    done = subprocess.run([hf, "upload", "--help"], capture_output=True, text=True, check=True)
    for part in ("REPO_ID", "LOCAL_PATH"):
        assert part in done.stdout


def test_the_cards_front_matter_is_what_a_hub_reads(model_directory: Path) -> None:
    card = ModelCard.load(model_directory / "README.md")
    assert card.data.to_dict() == {
        "library_name": "transformers",
        "tags": ["biology", "genomics", "genomic-language-model"],
    }
    assert ModelCard(str(card)).data.to_dict() == card.data.to_dict()
    assert not card.text.startswith("---")


def test_the_model_card_says_what_the_model_is(model_directory: Path) -> None:
    card = ModelCard.load(model_directory / "README.md")
    assert card.data.library_name == "transformers"
    identity = json.loads((model_directory / "protein_model.json").read_text())["protein_model"]
    for text in (
        identity["sha256"],
        "demo-encoder (192 features, 4 layers)",
        "stretches of 15 to 30 genes",
        "label components fitted on | 62 proteins",
        "steps 7.",
        "Seed 5.",
        "glm embed genome.fna.gz --model DIR",
        "protein model's weights are not in this folder",
        "`snakemake operons --cores all --configfile`",
    ):
        assert text in card.text
