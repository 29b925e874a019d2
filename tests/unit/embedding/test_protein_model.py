from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import EsmForMaskedLM, EsmModel

from glm.device import select_device
from glm.embedding.packed import PackedEncoder
from glm.embedding.protein_model import (
    IDENTITY,
    load_encoder,
    load_model,
    read_identity,
)
from glm.errors import GlmError


def test_a_random_model_is_refused_unless_tests_allow_it(model_folder: Path) -> None:
    with pytest.raises(GlmError, match="tiny has random weights"):
        load_encoder(model_folder)
    encoder, identity = load_encoder(model_folder, allow_random_weights=True)
    assert (encoder.features, encoder.layers) == (identity.features, identity.layers) == (64, 3)


def test_a_folder_whose_identity_is_torn_is_named(model_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model_folder, tmp_path / "model")
    (copy / IDENTITY).write_text('{"name": "half')
    with pytest.raises(GlmError, match="not a whole identity"):
        read_identity(copy)
    (copy / IDENTITY).write_text(json.dumps({"name": "tiny"}))
    with pytest.raises(GlmError, match="not a whole identity"):
        read_identity(copy)


def test_missing_and_torn_weights_are_named(model_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model_folder, tmp_path / "model")
    weights = load_file(copy / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(GlmError, match=r"lacks the weights .*encoder\.layer\.1\.output\.dense"):
        load_model(copy)
    with (copy / "model.safetensors").open("r+b") as handle:
        handle.truncate(100)
    with pytest.raises(GlmError, match=r"model\.safetensors: torn"):
        load_model(copy)
    (copy / "model.safetensors").unlink()
    with pytest.raises(GlmError, match=r"has no model\.safetensors"):
        load_model(copy)


def test_a_folder_is_read_as_transformers_reads_it(
    model_folder: Path, esm_model: EsmModel, tmp_path: Path
) -> None:
    whole = EsmForMaskedLM(esm_model.config)  # as the hub has ESM-2: its names begin with esm.
    whole.esm.load_state_dict(esm_model.state_dict(), strict=False)
    whole.save_pretrained(tmp_path)
    for folder in (model_folder, tmp_path):
        read = load_model(folder).state_dict()
        expected = EsmModel.from_pretrained(folder, add_pooling_layer=False).state_dict()
        assert set(read) == {name for name in expected if name.startswith(("em", "en"))}
        assert all(torch.equal(values, expected[name]) for name, values in read.items())
    held = PackedEncoder(esm_model).frequencies
    assert torch.equal(held, esm_model.rotary_embeddings.inv_freq)


def test_weights_and_keys_that_do_not_fit_are_named(model_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model_folder, tmp_path / "model")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"intermediate_size": 99}))
    with pytest.raises(
        GlmError, match=r"intermediate\.dense\.weight is of shape .* it is \(99, 64"
    ):
        load_model(copy)
    del config["intermediate_size"]
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(GlmError, match=r"config\.json: has no intermediate_size"):
        load_model(copy)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert select_device(0).type == "cpu"
    monkeypatch.setattr("glm.device.gpus_here", lambda: 0)
    with pytest.raises(GlmError, match="gpus is 1, but torch sees 0"):
        select_device(1)
