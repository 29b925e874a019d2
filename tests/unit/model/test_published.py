from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from tests import published
from tests.published import Size
from torch import Tensor

from glm.errors import GlmError
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig
from glm.model.published import load_published, read_checkpoint, translate

LAYERS, HIDDEN = 2, 40
CONFIG = GenomicLanguageModelConfig(
    embedding_size=64,
    hidden_size=HIDDEN,
    layers=LAYERS,
    feed_forward_size=48,
    label_components=20,
    input_clip=None,
    label_clip=10,
    ones_standardised=True,
)


def live() -> set[str]:
    """The keys that forward reads, from the facts about the published file."""
    keys = {"dense", "roberta.roberta.embeddings.LayerNorm"}
    keys |= {"roberta.lm_head.dense", "roberta.lm_head.dense_prob"}
    for layer in range(LAYERS):
        here = f"roberta.roberta.encoder.layer.{layer}"
        keys |= {f"{here}.attention.self.{name}" for name in ("query", "key", "value")}
        keys |= {f"{here}.attention.output.{name}" for name in ("dense", "LayerNorm")}
        keys |= {f"{here}.intermediate.dense", f"{here}.output.dense", f"{here}.output.LayerNorm"}
    both = {f"{key}.{kind}" for key in keys for kind in ("weight", "bias")}
    return both | {
        "roberta.roberta.embeddings.token_type_embeddings.weight",
        *(
            f"roberta.roberta.encoder.layer.{layer}.attention.self.distance_embedding.weight"
            for layer in range(LAYERS)
        ),
    }


@pytest.fixture(scope="module")
def checkpoint() -> dict[str, Tensor]:
    """All the published keys, at a small size."""
    return published.checkpoint(Size())


@pytest.fixture(scope="module")
def saved(checkpoint: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint as a file."""
    path = tmp_path_factory.mktemp("published") / "glm.bin"
    torch.save(checkpoint, path)
    return path


def test_every_weight_lands_where_the_forward_pass_uses_it(
    checkpoint: dict[str, Tensor], saved: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "glm"):
        model = load_published(saved, any_size=True)
    assert model.config.to_dict() == GenomicLanguageModel(CONFIG).config.to_dict()
    dead = checkpoint.keys() - live()
    assert f"{len(checkpoint) - len(dead)} keys" in caplog.text
    assert f"{len(dead)} dead keys" in caplog.text
    state = model.state_dict()
    here = "roberta.roberta.encoder.layer.1"
    for ours, theirs in (
        ("input_projection.weight", "dense.weight"),
        ("token_type.weight", "roberta.roberta.embeddings.token_type_embeddings.weight"),
        ("layers.1.attention.distance.weight", f"{here}.attention.self.distance_embedding.weight"),
        ("layers.1.attention_output.bias", f"{here}.attention.output.dense.bias"),
        ("layers.1.attention_norm.weight", f"{here}.attention.output.LayerNorm.weight"),
        ("layers.1.up_projection.weight", f"{here}.intermediate.dense.weight"),
        ("layers.1.down_projection.weight", f"{here}.output.dense.weight"),
        ("layers.1.feed_forward_norm.bias", f"{here}.output.LayerNorm.bias"),
        ("prediction_head.weight", "roberta.lm_head.dense.weight"),
        ("likelihood_head.bias", "roberta.lm_head.dense_prob.bias"),
    ):
        assert torch.equal(state[ours], checkpoint[theirs].float()), ours
    for part, name in enumerate(("query", "key", "value")):
        third = state["layers.0.attention.query_key_value.weight"].chunk(3)[part]
        key = f"roberta.roberta.encoder.layer.0.attention.self.{name}.weight"
        assert torch.equal(third, checkpoint[key].float())
    taken = sum(value.numel() for value in state.values())
    assert taken == sum(checkpoint[key].numel() for key in live())
    output = model(torch.randn(9, 65), torch.tensor([5, 4]))
    assert output.predictions.isfinite().all()


def test_another_size_is_taken_only_when_it_is_asked_for(saved: Path) -> None:
    with pytest.raises(GlmError, match=r"dense\.weight has shape \[40, 65\].* --any-size takes"):
        load_published(saved)


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("holder", [None, "model_state_dict", "state_dict", "model"])
def test_checkpoints_of_trainings_are_understood(
    checkpoint: dict[str, Tensor], tmp_path: Path, holder: str | None, prefix: str
) -> None:
    """As DataParallel names keys, and as torch's own recipe keeps them by the optimiser's."""
    held = {f"{prefix}{key}": value for key, value in checkpoint.items()}
    around = {holder: held, "epoch": 563, "optimizer_state_dict": {"state": {}}, "loss": 0.5}
    torch.save(around if holder else held, tmp_path / "glm.pt")
    read = read_checkpoint(tmp_path / "glm.pt")
    assert read.keys() == checkpoint.keys()
    assert torch.equal(read["dense.weight"], checkpoint["dense.weight"])


HEAD = "roberta.lm_head.dense.weight"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        *((key, None, f"has no key {key}") for key in [*sorted(live())[::12], "dense.bias"]),
        (HEAD, torch.zeros(80, HIDDEN), rf"{HEAD} has shape \[80, 40\], but \[84, 40\]"),
        ("dense.bias", torch.full((HIDDEN,), torch.nan), r"dense\.bias holds numbers that are not"),
        (  # is not cut in silence
            "roberta.roberta.encoder.layer.2.output.dense.bias",
            torch.zeros(HIDDEN),
            "has 3 layers, but the model is to have 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    checkpoint: dict[str, Tensor], key: str, value: Tensor | None, message: str
) -> None:
    changed = {name: held for name, held in {**checkpoint, key: value}.items() if held is not None}
    with torch.device("meta"):
        model = GenomicLanguageModel(CONFIG)
    with pytest.raises(GlmError, match=message):
        translate(changed, model, Path("glm.bin"))


class Hostile:
    def __reduce__(self) -> Any:
        return os.system, ("touch harmed",)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ([1, 2], "holds a list"),
        ({"a": 1}, "has no tensor, but a"),
        ({"run": print}, "it names print, which is no tensor"),
        (
            {"run": Hostile()},
            r"it names \w+\.system, which is no tensor and .*; nothing of it was run",
        ),
        ({"args": argparse.Namespace()}, "it names argparse.Namespace, which is no tensor"),
        (torch.nn.Linear(1, 1), "it names torch.nn.modules.linear.Linear, which is no tensor"),
    ],
)
@pytest.mark.parametrize("archive", [True, False])
def test_what_is_no_checkpoint_is_refused_and_never_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: Any, message: str, archive: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "glm.bin"
    torch.save(held, path, _use_new_zipfile_serialization=archive)
    with pytest.raises(GlmError, match=rf"glm\.bin: .*{message}") as refused:
        load_published(path)
    assert "weights_only" not in str(refused.value)
    assert not Path("harmed").exists()


def test_a_file_that_is_cut_off_is_named(saved: Path, tmp_path: Path) -> None:
    whole, path = saved.read_bytes(), tmp_path / "glm.bin"
    for text in (b"", b"<html>not found</html>", whole[:10], whole[:20_000], whole[:-1]):
        path.write_bytes(text)
        with pytest.raises(GlmError, match=rf"or cut off \({len(text):,} bytes\); fetch it again"):
            load_published(path, any_size=True)
    with pytest.raises(GlmError, match="no such file"):
        load_published(tmp_path / "absent.bin")
