"""Killed on a GPU and started again, a training ends with the weights of one that was not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from tests.unit.training.conftest import EVERY_OPTION, settings_text, write_inputs
from tests.unit.training.processes import arguments_of, steps, weights

KILLED_AFTER = (4, 12)  # checkpoints


def start(
    folder: Path, inputs: Mapping[str, str], settings: str, device: torch.device
) -> subprocess.Popen[bytes]:
    """The training's own script, with deterministic algorithms."""
    gpus = str(int(device.type == "cuda"))
    folder.mkdir(exist_ok=True)
    script = Path(__file__).parents[2] / "workflow" / "scripts" / "train_glm.py"
    run = f"""
import runpy, sys, torch
torch.use_deterministic_algorithms(True)
sys.argv = {[str(script), *arguments_of(dict(inputs), folder, settings), "--gpus", gpus]!r}
sys.path.insert(0, {str(script.parent)!r})
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    environment = {**os.environ, "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", run], stdout=log, stderr=log, env=environment
        )


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_killed_and_resumed_it_ends_with_the_same_weights(
    device: torch.device, tmp_path: Path, precision: str
) -> None:
    inputs = write_inputs(tmp_path)
    settings = settings_text(
        hidden_size=32, steps=24, checkpoint_every=4,
        checkpoints_kept=10, precision=precision, workers=1, **EVERY_OPTION,
    )  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    undisturbed = start(whole, inputs, settings, device)
    running = start(killed, inputs, settings, device)
    for wanted in KILLED_AFTER:
        limit = time.monotonic() + 120
        while not (steps(killed) and steps(killed)[-1] >= wanted) and running.poll() is None:
            assert time.monotonic() < limit
            time.sleep(0.01)
        running.kill()
        running.wait()
        running = start(killed, inputs, settings, device)
    assert undisturbed.wait(120) == 0, (whole / "log").read_text()[-2000:]
    assert running.wait(120) == 0, (killed / "log").read_text()[-2000:]
    assert "resuming after step" in (killed / "log").read_text()
    first, second = weights(whole), weights(killed)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert json.loads(settings)["training"]["precision"] == precision
