from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.unit.training.conftest import EVERY_OPTION, GLM, settings_text

from glm.errors import GlmError
from glm.model import BidirectionalLSTMConfig, GenomicLanguageModelConfig
from glm.training.settings import check_model_keys, read_settings


def test_settings_come_from_json_or_a_file_of_it(tmp_path: Path) -> None:
    text = settings_text(steps=7)
    (tmp_path / "settings.json").write_text(text)
    assert read_settings(text) == read_settings(str(tmp_path / "settings.json"))
    settings, model = read_settings(text)
    assert (settings.steps, settings.batch_size, settings.log_every) == (7, 8, 3)
    assert model == GLM


@pytest.mark.parametrize("text", ["{", '{"model": {}}', "nowhere.json", '{"model": 1}'])
def test_what_is_no_such_json_is_named(text: str) -> None:
    with pytest.raises(GlmError, match='expected JSON with "model" and "training"'):
        read_settings(text)


def test_unknown_and_missing_keys_are_named() -> None:
    with pytest.raises(GlmError, match=r"maskrate: Extra inputs are not permitted; known are"):
        read_settings(settings_text(maskrate=0.2))
    with pytest.raises(GlmError, match=r"steps: Field required"):
        read_settings(json.dumps({"model": {}, "training": {}}))
    with pytest.raises(GlmError, match=r"no \['head'\]"):
        check_model_keys({"head": 2}, GenomicLanguageModelConfig)


@pytest.mark.parametrize("section", ["glm", "bilstm"])
def test_the_papers_models_are_understood(root: Path, section: str) -> None:
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    classes = {"glm": GenomicLanguageModelConfig, "bilstm": BidirectionalLSTMConfig}
    keys = {key: value for key, value in config[section].items() if key != "pretrained"}
    check_model_keys(keys, classes[section])


def test_only_what_shapes_the_weights_makes_another_run() -> None:
    def shaping(**training: object) -> dict[str, object]:
        return read_settings(settings_text(**training))[0].shaping()

    assert shaping() == shaping(log_every=99, checkpoints_kept=9, subcontigs_per_device=1)
    for key, value in (("mask_rate", 0.2), ("precision", "bf16"), ("loss_reduction", "published")):
        assert shaping() != shaping(**{key: value})
    for key, value in EVERY_OPTION.items():
        if key != "homologue_cosine":
            assert shaping() != shaping(**{key: value})


def test_a_run_without_the_options_is_what_it_was_before_there_were_any() -> None:
    plain = read_settings(settings_text())[0].shaping()
    assert not EVERY_OPTION.keys() & plain.keys()
    assert EVERY_OPTION.items() <= read_settings(settings_text(**EVERY_OPTION))[0].shaping().items()
