"""Ctrl-C, SIGTERM, kill -9 in the middle of training, torn states, and two runs in one folder."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.faults.ledger import Ledger
from tests.faults.pipeline import RESULTS, Pipeline, Start, end

TARGET = str(RESULTS / "glm" / "model.safetensors")
LOG = Path("logs") / "small" / "train_glm.log"


def states(pipeline: Pipeline) -> list[Path]:
    """Whole states of the training, oldest first."""
    return sorted(pipeline.results.glob("glm/state/*/step-*"))


def training(pipeline: Pipeline) -> Start:
    """Start the training, and hold it still as soon as it has saved one more state."""
    before = {path.name for path in states(pipeline)}
    start = pipeline.start(TARGET)
    start.wait_for(lambda: {path.name for path in states(pipeline)} - before)
    send(start, signal.SIGSTOP)
    assert start.scripts(), f"the training was over too soon: {start.text[-4000:]}"
    return start


def send(start: Start, number: signal.Signals) -> None:
    """A signal to the training's processes."""
    for process in start.scripts():
        end(process.pid, number)


def test_training_goes_on_from_its_last_sound_state(
    undisturbed: Pipeline, tmp_path: Path, ledger: Ledger
) -> None:
    """Interrupted in every way there is, one after the other, it ends with the same weights."""
    pipeline = undisturbed.copy(tmp_path / "copy")
    pipeline.remove("glm")

    start = training(pipeline)  # Ctrl-C reaches everything in the foreground
    os.killpg(start.process.pid, signal.SIGINT)
    send(start, signal.SIGCONT)
    assert start.finish() != 0
    start.wait_for_orphans()
    assert "SIGINT: saved after step" in (pipeline.folder / LOG).read_text()

    start = training(pipeline)
    second = pipeline.start(TARGET)  # while the first is at work
    assert second.finish() != 0
    assert "Directory cannot be locked" in second.text
    assert start.process.poll() is None
    send(start, signal.SIGTERM)  # as a scheduler ends a job
    send(start, signal.SIGCONT)
    assert start.finish() != 0
    log = (pipeline.folder / LOG).read_text()
    assert "resuming after step" in log
    assert "SIGTERM: saved after step" in log

    start = training(pipeline)
    start.kill_all()
    pipeline.unlock()
    torn = states(pipeline)[-1] / "tensors.safetensors"
    torn.write_bytes(torn.read_bytes()[:-100])

    status, text = pipeline.run(TARGET)
    assert status == 0, text[-4000:]
    log = (pipeline.folder / LOG).read_text()
    assert f"{torn.parent.name} is passed over: tensors.safetensors is torn" in log
    assert "resuming after step" in log
    assert pipeline.contents() == undisturbed.contents()
    assert pipeline.leftovers() == []
    same = "resumed from its last state; same weights bit for bit"
    promised = "the training saves its state; the same command resumes from there"
    ledger.record("Ctrl-C during training", 1, promised, same)
    ledger.record("SIGTERM of the training, as a scheduler ends a job", 1, promised, same)
    ledger.record(
        "kill -9 of Snakemake and the training, and the newest state torn",
        2,
        "the torn state is named and passed over for the one before",
        same,
    )
    ledger.record(
        "a second run started in the same folder",
        1,
        "refused with a clear line; the first is not disturbed",
        "`Directory cannot be locked`; the first continued",
    )
