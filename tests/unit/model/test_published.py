from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests import published
from tests.published import PUBLISHED_WIDTH
from torch import Tensor
from transformers import AutoModel

from glm.errors import GlmError
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig
from glm.model.published import import_published, load_published, translate

LAYERS, HIDDEN = 2, 1280
CONFIG = GenomicLanguageModelConfig(layers=LAYERS)


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
    """All the published keys at two layers of the published width."""
    return published.checkpoint(replace(PUBLISHED_WIDTH, layers=LAYERS))


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
        model = load_published(saved, CONFIG)
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
    output = model(torch.randn(9, 1281), torch.tensor([5, 4]))
    assert output.predictions.isfinite().all()


def test_it_becomes_a_directory_of_safetensors(saved: Path, tmp_path: Path) -> None:
    import_published(saved, tmp_path / "glm", CONFIG)
    assert {file.name for file in (tmp_path / "glm").iterdir()} == {
        "config.json",
        "model.safetensors",
        "provenance.json",
    }
    converted = AutoModel.from_pretrained(tmp_path / "glm", trust_remote_code=False)
    for name, value in load_published(saved, CONFIG).state_dict().items():
        assert torch.equal(converted.state_dict()[name], value)


HEAD = "roberta.lm_head.dense.weight"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        *((key, None, f"has no key {key}") for key in [*sorted(live())[::12], "dense.bias"]),
        (HEAD, torch.zeros(300, HIDDEN), rf"{HEAD} has shape \[300, 1280\], but \[400, 1280\]"),
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


def test_what_is_no_checkpoint_is_refused_and_never_executed(tmp_path: Path) -> None:
    text = tmp_path / "glm.bin"
    text.write_text("<html>not found</html>")
    with pytest.raises(GlmError, match="not a torch checkpoint"):
        load_published(text, CONFIG)
    torch.save([1, 2], text)
    with pytest.raises(GlmError, match="holds a list"):
        load_published(text, CONFIG)
    torch.save({"run": print}, text)
    with pytest.raises(GlmError, match="not a torch checkpoint of plain tensors"):
        load_published(text, CONFIG)
    with pytest.raises(GlmError, match="not a torch checkpoint"):
        load_published(tmp_path / "absent.bin", CONFIG)
