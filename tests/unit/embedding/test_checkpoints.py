from __future__ import annotations

import functools
import http.server
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from tests.hub import COMMIT, NAME, Hub, ask
from tests.servers import LocalServer
from transformers import EsmForMaskedLM, EsmModel

from glm import files
from glm.embedding import checkpoints
from glm.embedding.checkpoints import FairEsm, fetch_protein_model
from glm.embedding.protein_model import load_model, read_identity
from glm.errors import GlmError


def test_a_folder_is_copied_and_checked(model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="random weights"):
        fetch_protein_model(str(model_folder), tmp_path / "out")
    output = tmp_path / "out"
    assert not output.exists()
    identity = fetch_protein_model(str(model_folder), output, allow_random_weights=True)
    assert identity == read_identity(output)
    names = ["config.json", "identity.json", "model.safetensors", "vocab.txt"]
    assert sorted(path.name for path in output.iterdir()) == names
    assert (output / "vocab.txt").read_text().startswith("<cls>\n<pad>\n<eos>\n<unk>\nL\n")


def test_a_folder_whose_weights_are_others_is_refused(model_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model_folder, tmp_path / "model")
    identity = (copy / "identity.json").read_text()
    digest = files.sha256(copy / "model.safetensors")
    (copy / "identity.json").write_text(identity.replace(digest, "0" * 64))
    with pytest.raises(GlmError, match=r"identity\.json says 0000"):
        fetch_protein_model(str(copy), tmp_path / "out", allow_random_weights=True)
    assert not (tmp_path / "out").exists()


def test_a_fair_esm_file_is_converted(checkpoint: Path, tmp_path: Path) -> None:
    identity = fetch_protein_model(str(checkpoint), tmp_path / "out")
    assert (identity.name, identity.features, identity.layers) == ("esm2_tiny", 64, 3)
    assert identity.sha256 == files.sha256(tmp_path / "out" / "model.safetensors")
    assert load_model(tmp_path / "out").config.token_dropout is True


def test_names_that_are_nothing_are_refused(tmp_path: Path) -> None:
    for name in ("no such thing", "esm2_unknown.pt", str(tmp_path / "esm2_t33_650M_UR50D.pt")):
        with pytest.raises(GlmError, match=r"embedding\.model is"):
            fetch_protein_model(name, tmp_path / "out")


def test_a_file_that_is_no_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (Path.touch, (tmp_path / "harmed",))  # type: ignore[return-value]

    torch.save({"cfg": Harm(), "model": {}}, tmp_path / "esm2_evil.pt")
    with pytest.raises(GlmError, match=r"it names .*; nothing of it was run"):
        fetch_protein_model(str(tmp_path / "esm2_evil.pt"), tmp_path / "out")
    (tmp_path / "esm2_text.pt").write_bytes(pickle.dumps("text"))
    with pytest.raises(GlmError, match="not a torch checkpoint"):
        fetch_protein_model(str(tmp_path / "esm2_text.pt"), tmp_path / "out")
    torch.save({"epoch": 1}, tmp_path / "esm2_other.pt")
    with pytest.raises(GlmError, match="no fair-esm ESM-2 checkpoint"):
        fetch_protein_model(str(tmp_path / "esm2_other.pt"), tmp_path / "out")
    assert not (tmp_path / "harmed").exists()


def test_missing_weights_are_named(checkpoint: Path, tmp_path: Path) -> None:
    with torch.serialization.safe_globals([checkpoints.argparse.Namespace]):
        held = torch.load(checkpoint, weights_only=True)
    del held["model"]["encoder.sentence_encoder.layers.2.fc1.weight"]
    torch.save(held, tmp_path / "esm2_half.pt")
    with pytest.raises(GlmError, match=r"lacks the weights encoder\.layer\.2\.intermediate"):
        fetch_protein_model(str(tmp_path / "esm2_half.pt"), tmp_path / "out")


@pytest.fixture
def server(checkpoint: Path) -> Iterator[str]:
    """A real server that offers the checkpoint."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(checkpoint.parent)
    )
    with LocalServer(handler) as made:
        yield made.url


def test_a_published_checkpoint_is_fetched_and_its_checksum_verified(
    server: str, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = FairEsm(
        f"{server}/{checkpoint.name}", checkpoint.stat().st_size, files.sha256(checkpoint)
    )
    monkeypatch.setitem(checkpoints.FAIR_ESM, checkpoint.name, known)
    identity = fetch_protein_model(checkpoint.name, tmp_path / "out")
    assert known.url in identity.source
    assert known.sha256 in identity.source
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    wrong = FairEsm(known.url, known.size, "0" * 64)
    monkeypatch.setitem(checkpoints.FAIR_ESM, checkpoint.name, wrong)
    with pytest.raises(GlmError, match="wrong checksum: SHA-256"):
        fetch_protein_model(checkpoint.name, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    mine = shutil.copy(checkpoint, tmp_path / checkpoint.name)
    with pytest.raises(GlmError, match="compare it with the publisher's"):
        fetch_protein_model(str(mine), tmp_path / "other")
    assert Path(mine).read_bytes() == checkpoint.read_bytes()  # a user's own file stays


@pytest.fixture
def published(esm_model: EsmModel, tmp_path: Path) -> Path:
    """A folder as the hub lays ESM-2 out: the whole masked language model, and other files."""
    folder = tmp_path / "published"
    whole = EsmForMaskedLM(esm_model.config)
    whole.esm.load_state_dict(esm_model.state_dict(), strict=False)
    whole.save_pretrained(folder)
    (folder / "README.md").write_text("a model card")
    (folder / "vocab.txt").write_text("<cls>\n")
    return folder


@pytest.fixture
def hub(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub on this machine, and an empty cache of it."""
    with Hub(published) as made:
        ask(made, tmp_path / "hub", monkeypatch)
        yield made


def test_a_hub_model_is_fetched_and_checked(hub: Hub, tmp_path: Path) -> None:
    identity = fetch_protein_model(NAME, tmp_path / "out")
    assert identity.source == f"https://huggingface.co/{NAME} at {COMMIT}"
    assert (identity.name, identity.features, identity.layers) == (NAME, 64, 3)
    assert identity == read_identity(tmp_path / "out")
    assert identity.sha256 == files.sha256(tmp_path / "out" / "model.safetensors")
    assert load_model(tmp_path / "out").config.num_hidden_layers == 3


def test_damaged_weights_are_removed_and_come_whole_the_next_time(hub: Hub, tmp_path: Path) -> None:
    hub.damaged = True
    with pytest.raises(GlmError, match="the hub says"):
        fetch_protein_model(NAME, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    hub.damaged = False
    fetch_protein_model(NAME, tmp_path / "out")


def test_without_the_hub_its_cache_is_taken(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = fetch_protein_model(NAME, tmp_path / "out")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert fetch_protein_model(NAME, tmp_path / "unreachable") == fetched
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "empty"))
    with pytest.raises(GlmError, match=r"from the hub http://127.0.0.1:9: .*Connection refused"):
        fetch_protein_model(NAME, tmp_path / "nothing")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(GlmError, match=r"cannot be fetched from the hub .* \(HF_HUB_OFFLINE=1\)"):
        fetch_protein_model(NAME, tmp_path / "nothing")


def test_the_variables_of_the_hub_are_honoured(hub: Hub, root: Path, tmp_path: Path) -> None:
    """HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE, which its library reads as it starts."""
    script = root / "workflow" / "scripts" / "download_protein_model.py"

    def run(output: str, **variables: str) -> None:
        environment = {**os.environ, "HF_HOME": str(tmp_path / "home"), **variables}
        command = [sys.executable, script, "--model", NAME]
        command += ["--identity", tmp_path / output / "identity.json"]
        subprocess.run(command, env=environment, check=True)

    run("fetched", HF_ENDPOINT=hub.url)
    run("offline", HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert read_identity(tmp_path / "offline") == read_identity(tmp_path / "fetched")


def test_a_folder_of_the_hub_needs_no_identity(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is hashed; what it is goes to our cache, since the folder may not be written."""
    monkeypatch.setenv("GLM_CACHE", str(tmp_path / "cache"))
    held = {path.name for path in published.iterdir()}
    identity = fetch_protein_model(str(published), tmp_path / "out")
    assert identity.sha256 == files.sha256(published / "model.safetensors")
    assert (identity.name, identity.source) == ("published", str(published))
    assert read_identity(tmp_path / "out") == identity
    assert {path.name for path in published.iterdir()} == held
    # from the cache, until the weights are others
    monkeypatch.setattr(files, "sha256", None)
    assert read_identity(published) == identity
    monkeypatch.undo()
    monkeypatch.setenv("GLM_CACHE", str(tmp_path / "cache"))
    (published / "model.safetensors").write_bytes(b"others")
    assert read_identity(published).sha256 == files.sha256(published / "model.safetensors")
    # a cache that cannot be written costs the hashing, not the run
    monkeypatch.setenv("GLM_CACHE", str(published / "config.json"))
    assert read_identity(published).sha256 == files.sha256(published / "model.safetensors")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('{"model_type": "bert"}', "of a bert model; a protein model must be ESM-2"),
        ('{"model_type": "esm"}', "is no configuration of ESM-2"),
        ("{", "is no configuration of ESM-2"),
    ],
)
def test_a_folder_of_another_model_is_refused(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, message: str
) -> None:
    monkeypatch.setenv("GLM_CACHE", str(tmp_path / "cache"))
    (published / "config.json").write_text(config)
    with pytest.raises(GlmError, match=message):
        fetch_protein_model(str(published), tmp_path / "out")
    (published / "model.safetensors").unlink()
    with pytest.raises(GlmError, match=r"has no model\.safetensors"):
        fetch_protein_model(str(published), tmp_path / "out")
