from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel

from glm.data.features import Preprocessing
from glm.errors import GlmError
from glm.model import (
    BidirectionalLSTM,
    BidirectionalLSTMConfig,
    GenomicLanguageModel,
    GenomicLanguageModelConfig,
)
from glm.model.directory import read_config

SMALL = {"embedding_size": 12, "hidden_size": 32, "layers": 2, "label_components": 5}


def test_a_configuration_without_the_keys_of_its_inputs_reads_as_before(tmp_path: Path) -> None:
    made = GenomicLanguageModelConfig(input_clip=None, label_clip=4.0, ones_standardised=True)
    made.save_pretrained(tmp_path)
    assert read_config(tmp_path).input_clip is None
    keys = json.loads((tmp_path / "config.json").read_text())
    old = {name: keys[name] for name in keys.keys() - Preprocessing.__dataclass_fields__.keys()}
    (tmp_path / "config.json").write_text(json.dumps(old))
    assert Preprocessing.of(read_config(tmp_path).to_dict()) == Preprocessing() == Preprocessing(10)
    (tmp_path / "config.json").write_text(json.dumps({**old, "input_clip": -1}))
    with pytest.raises(GlmError, match="input_clip -1"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (GenomicLanguageModel, GenomicLanguageModelConfig(heads=4, predictions=3, **SMALL)),
        (BidirectionalLSTM, BidirectionalLSTMConfig(**SMALL)),
    ],
)
def test_a_saved_model_loads_by_the_auto_classes_without_remote_code(
    kind: type, config: GenomicLanguageModelConfig | BidirectionalLSTMConfig, tmp_path: Path
) -> None:
    model = kind(config).eval()
    model.save_pretrained(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    loaded = AutoModel.from_pretrained(tmp_path, trust_remote_code=False)
    assert type(loaded) is kind
    assert not loaded.training
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)
    features, lengths = torch.randn(6, 13), torch.tensor([4, 2])
    torch.testing.assert_close(
        loaded(features, lengths).predictions, model(features, lengths).predictions
    )
    read = AutoConfig.from_pretrained(tmp_path)
    assert {name: getattr(read, name) for name in SMALL} == SMALL
    assert read.predictions == config.predictions


def test_the_defaults_are_the_published_numbers() -> None:
    config = GenomicLanguageModelConfig()
    assert (config.features, config.label_size, config.layers * config.heads) == (1281, 100, 190)
    assert config.num_hidden_layers == 19


def test_heads_must_share_the_hidden_size() -> None:
    with pytest.raises(GlmError, match="multiple of heads"):
        GenomicLanguageModelConfig(heads=7)
