from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import AutoModel

from glm.errors import GlmError
from glm.model import GenomicLanguageModel
from glm.model.published import (
    import_published,
    load_published,
    published_configuration,
    translate,
)

LAYERS, HIDDEN, WIDE, VOCABULARY = 2, 1280, 3072, 11
CONFIG = published_configuration(LAYERS)


def encoder(prefix: str, pooler: bool) -> dict[str, tuple[int, ...]]:
    """Shapes of one nested RoBERTa encoder, as transformers names them."""
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}.embeddings.word_embeddings.weight": (VOCABULARY, HIDDEN),
        f"{prefix}.embeddings.position_embeddings.weight": (512, HIDDEN),
        f"{prefix}.embeddings.token_type_embeddings.weight": (1, HIDDEN),
        f"{prefix}.embeddings.LayerNorm.weight": (HIDDEN,),
        f"{prefix}.embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for layer in range(LAYERS):
        here = f"{prefix}.encoder.layer.{layer}"
        shapes[f"{here}.attention.self.distance_embedding.weight"] = (1023, 128)
        for name, rows, columns in (
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", WIDE, HIDDEN),
            ("output.dense", HIDDEN, WIDE),
        ):
            shapes[f"{here}.{name}.weight"] = (rows, columns)
            shapes[f"{here}.{name}.bias"] = (rows,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{here}.{name}.weight"] = shapes[f"{here}.{name}.bias"] = (HIDDEN,)
    if pooler:
        shapes[f"{prefix}.pooler.dense.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{prefix}.pooler.dense.bias"] = (HIDDEN,)
    return shapes


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
    """All the published keys at two layers, in half precision, with dead encoders and heads."""
    shapes = {
        **encoder("roberta.roberta", pooler=False),
        **encoder("roberta.bert", pooler=True),
        **encoder("encoder", pooler=True),
        "dense.weight": (HIDDEN, HIDDEN + 1),
        "dense.bias": (HIDDEN,),
        "roberta.lm_head.dense.weight": (400, HIDDEN),
        "roberta.lm_head.dense.bias": (400,),
        "roberta.lm_head.dense_prob.weight": (4, HIDDEN),
        "roberta.lm_head.dense_prob.bias": (4,),
        "contact_head.regression.weight": (1, 190),
        "contact_head.regression.bias": (1,),
    }
    torch.manual_seed(0)
    return {key: (torch.randn(shape) * 0.05).half() for key, shape in shapes.items()}


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
    made = converted.config
    assert (made.input_clip, made.label_clip, made.ones_standardised) == (None, 10, True)


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
