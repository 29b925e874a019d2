"""The gLM against transformers 4.57.6, which knows nothing of this package."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import torch
from benchmarks import yardstick_environment
from safetensors.torch import load_file, save_file

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, Layout

BATCHES = [[30, 15, 22, 19], [17, 1, 16], [30, 30]]
PROGRAM = Path(yardstick_environment.__file__).with_name("yardstick.py")


@pytest.fixture(scope="module")
def interpreter() -> Path:
    found = (
        yardstick_environment.ensure()
        if yardstick_environment.wanted()
        else yardstick_environment.python()
    )
    if found is None:
        pytest.skip("no yardstick: python benchmarks/yardstick_environment.py makes it")
    return found


@pytest.mark.yardstick
def test_hidden_states_are_those_of_transformers_4(interpreter: Path, tmp_path: Path) -> None:
    """Published width, three layers, padding, weights large enough that each of them matters."""
    torch.manual_seed(0)
    model = GenomicLanguageModel(GenomicLanguageModelConfig(layers=3)).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            spread = 0.2 if "distance" in name or "bias" in name else 0.03
            value.copy_(torch.randn_like(value) * spread + ("norm.weight" in name))
    model.save_pretrained(tmp_path)
    batches, tensors = [], {}
    for batch, lengths in enumerate(BATCHES):
        features, layout = torch.randn(sum(lengths), 1281), Layout.of(torch.tensor(lengths))
        batches.append((features, layout))
        real = torch.ones(len(lengths), layout.longest) if layout.real is None else layout.real
        tensors[f"features.{batch}"] = layout.pad(features).contiguous()
        tensors[f"real.{batch}"] = real.long()
    given, made = tmp_path / "given.safetensors", tmp_path / "made.safetensors"
    save_file(tensors, given)
    # -E: a PYTHONPATH that another test needs would bring this project's transformers
    command = [interpreter, "-E", PROGRAM, "--model", tmp_path, "--input", given, "--output", made]
    subprocess.run(command, check=True)
    hidden = load_file(made)
    for batch, (features, layout) in enumerate(batches):
        expected = layout.pack(hidden[f"hidden.{batch}"])
        with torch.no_grad():
            found = model.contextualise(features, layout).hidden
        assert expected.abs().max() > 1
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
