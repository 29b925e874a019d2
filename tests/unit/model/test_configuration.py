from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

from glm.data.features import Preprocessing
from glm.errors import GlmError
from glm.model import (
    BidirectionalLSTM,
    BidirectionalLSTMConfig,
    GenomicLanguageModel,
    GenomicLanguageModelConfig,
    for_transformers,
)
from glm.model.base import Model
from glm.model.configuration import Configuration
from glm.model.directory import WEIGHTS, read_config
from glm.model.loading import load_trained

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
    assert type(loaded) is getattr(for_transformers, kind.__name__)
    assert isinstance(loaded, kind)
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
    loaded.save_pretrained(tmp_path / "again")
    for file in ("config.json", WEIGHTS):
        assert (tmp_path / "again" / file).read_bytes() == (tmp_path / file).read_bytes()
    both = {}
    for made_by in (kind, AutoModel.from_config):
        torch.manual_seed(4)
        both[made_by] = made_by(read).state_dict()
    for name, value in both[kind].items():
        assert torch.equal(both[AutoModel.from_config][name], value)


@pytest.mark.parametrize(
    ("kind", "config", "total", "then"),
    [
        (GenomicLanguageModel, GenomicLanguageModelConfig(heads=4, **SMALL), 143.907705, 0.015914),
        (BidirectionalLSTM, BidirectionalLSTMConfig(**SMALL), 5.656769, 0.980649),
    ],
)
def test_random_weights_are_those_that_transformers_drew(
    kind: type[Model], config: Configuration, total: float, then: float
) -> None:
    """Both numbers were written down when both models were transformers' own."""
    torch.manual_seed(3)
    found = sum(values.sum(dtype=torch.float64).item() for values in kind(config).parameters())
    assert (found, torch.rand(1).item()) == pytest.approx((total, then), abs=2e-5)


def test_a_loaded_model_draws_no_random_numbers(tmp_path: Path) -> None:
    BidirectionalLSTM(BidirectionalLSTMConfig(**SMALL)).save_pretrained(tmp_path)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    load_trained(tmp_path)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("fault", ["missing", "unexpected", "shape"])
def test_weights_that_are_not_the_models_are_named(fault: str, tmp_path: Path) -> None:
    GenomicLanguageModel(GenomicLanguageModelConfig(heads=4, **SMALL)).save_pretrained(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    name = "layers.1.attention_norm.bias"
    if fault == "missing":
        del weights[name]
    elif fault == "unexpected":
        name = "another.weight"
        weights[name] = torch.ones(2)
    else:
        weights[name] = torch.ones(3)
    save_file(weights, tmp_path / WEIGHTS, {"format": "pt"})
    with pytest.raises(GlmError, match=f"not a trained model(.|\n)*{name}"):
        load_trained(tmp_path)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("from glm.model import directory, pretrained", "torch"),
        ("import plot_training, build_report, label_operons", "torch"),
        ("import plot_training, build_report, evaluate_accuracy", "scipy.stats"),
        ("from glm.model import BidirectionalLSTM, GenomicLanguageModel, loading", "transformers"),
        (
            "from glm.model import card, configuration; "
            "card.parameter_count(configuration.GenomicLanguageModelConfig())",
            "torch._dynamo",
        ),
        ("from glm.inference import reader; from glm.training import launch", "transformers"),
        ("from glm.application import files; from glm.embedding import packed", "torch._dynamo"),
        ("from glm.application import files, loading, embedding", "sklearn"),
    ],
)
def test_what_takes_seconds_is_not_imported_needlessly(
    statement: str, absent: str, root: Path
) -> None:
    code = f"import sys; {statement}; sys.exit({absent!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root / "workflow" / "scripts")


def test_the_defaults_are_the_published_numbers(root: Path) -> None:
    config = GenomicLanguageModelConfig()
    paper = yaml.safe_load((root / "config/config.yaml").read_text())["glm"]
    assert vars(config).items() >= paper.items() - {("pretrained", None)}
    assert (config.features, config.label_size, config.layers * config.heads) == (1281, 100, 190)
    assert for_transformers.GenomicLanguageModelConfig().num_hidden_layers == 19


def test_heads_must_share_the_hidden_size() -> None:
    with pytest.raises(GlmError, match="multiple of heads"):
        GenomicLanguageModelConfig(heads=7)
