from __future__ import annotations

import functools
import http.server
import pickle
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from glm import files
from glm.embedding import checkpoints
from glm.embedding.checkpoints import FairEsm, fetch_protein_model
from glm.embedding.protein_model import load_model, read_identity
from glm.errors import GlmError


def test_a_folder_is_copied_and_checked(model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="random weights"):
        fetch_protein_model(str(model_folder), tmp_path / "out")
    output = tmp_path / "out"
    identity = fetch_protein_model(str(model_folder), output, allow_random_weights=True)
    assert identity == read_identity(output)
    names = ["config.json", "identity.json", "model.safetensors", "vocab.txt"]
    assert sorted(path.name for path in output.iterdir()) == names
    assert (output / "vocab.txt").read_text().split()[:5] == [
        "<cls>",
        "<pad>",
        "<eos>",
        "<unk>",
        "L",
    ]


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
    with pytest.raises(GlmError, match="no fair-esm ESM-2 checkpoint"):
        fetch_protein_model(str(tmp_path / "esm2_evil.pt"), tmp_path / "out")
    (tmp_path / "esm2_text.pt").write_bytes(pickle.dumps("text"))
    with pytest.raises(GlmError, match="no fair-esm ESM-2 checkpoint"):
        fetch_protein_model(str(tmp_path / "esm2_text.pt"), tmp_path / "out")
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
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


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
    with pytest.raises(GlmError, match="it should have"):
        fetch_protein_model(checkpoint.name, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def offer(monkeypatch: pytest.MonkeyPatch, folder: Path, digest: str) -> None:
    """Put a folder in the place of the hub."""
    lfs = SimpleNamespace(sha256=digest)
    about = SimpleNamespace(
        sha="c0ffee", siblings=[SimpleNamespace(rfilename="model.safetensors", lfs=lfs)]
    )

    def snapshot(name: str, revision: str, local_dir: Path, allow_patterns: list[str]) -> None:
        for pattern in allow_patterns:
            local_dir.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / pattern, local_dir / pattern)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: about)
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)


def test_a_hub_model_is_checked_against_the_hubs_checksum(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = files.sha256(model_folder / "model.safetensors")
    offer(monkeypatch, model_folder, digest)
    identity = fetch_protein_model("facebook/esm2_tiny", tmp_path / "out")
    assert identity.source == "https://huggingface.co/facebook/esm2_tiny at c0ffee"
    assert load_model(tmp_path / "out").config.num_hidden_layers == 3
    offer(monkeypatch, model_folder, "0" * 64)
    with pytest.raises(GlmError, match="the hub says 0000"):
        fetch_protein_model("facebook/esm2_tiny", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_unreachable_hub_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise checkpoints.httpx.ConnectError("no route")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    with pytest.raises(GlmError, match="cannot be fetched from the hub"):
        fetch_protein_model("facebook/esm2_tiny", tmp_path / "out")
