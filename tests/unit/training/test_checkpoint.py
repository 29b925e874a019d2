from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

import pytest
import torch
from tests.plant import STAMP

from glm import tables
from glm.errors import GlmError
from glm.training.checkpoint import Checkpoints, pack, unpack
from glm.training.checkpoint_writer import CheckpointWriter

METRICS = tables.METRICS.schema().empty_table()


def save(checkpoints: Checkpoints, *steps: int) -> None:
    for step in steps:
        tensors = {"model.weight": torch.full((3,), float(step))}
        checkpoints.save(step, tensors, {"step": step, "seconds": 1.5}, METRICS, STAMP)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    made = Checkpoints(tmp_path, "a" * 64, kept=3)
    made.prepare({"rule": "test"})
    return made


def test_the_newest_is_found_with_all_that_was_saved(checkpoints: Checkpoints) -> None:
    assert checkpoints.latest() is None
    save(checkpoints, 5, 10)
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.step == 10
    assert latest.tensors()["model.weight"].tolist() == [10, 10, 10]
    assert latest.counters()["seconds"] == 1.5
    assert latest.metrics().schema.names == tables.METRICS.names


def test_the_last_ones_are_kept(checkpoints: Checkpoints) -> None:
    save(checkpoints, 5, 10, 15, 20, 1_000_000_000)
    assert [found.step for found in checkpoints.found()] == [15, 20, 1_000_000_000]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda f: (f / "tensors.safetensors").write_bytes(b""), "tensors.safetensors is torn"),
        (lambda f: (f / "counters.json").write_text('{"step": 9}'), "counters.json is torn"),
        (lambda f: (f / "metrics.parquet").unlink(), "not whole"),
        (lambda f: (f / "checksums.json").unlink(), "not whole"),
        (lambda f: (f / "checksums.json").write_text("{}"), "not whole"),
        (lambda f: f.rename(f.with_name("step-000000011")), "it holds another step, 10"),
    ],
)
def test_what_is_torn_is_passed_over_and_named(
    checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture, damage, reason: str
) -> None:
    save(checkpoints, 5, 10)
    damage(checkpoints.at(10).folder)
    with caplog.at_level(logging.WARNING):
        latest = checkpoints.latest()
    assert latest is not None
    assert latest.step == 5
    assert reason in caplog.text


def test_a_foreign_state_is_passed_over(
    tmp_path: Path, checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture
) -> None:
    other = Checkpoints(tmp_path, "b" * 64, kept=3)
    save(other, 30)
    save(checkpoints, 5)
    other.at(30).folder.rename(checkpoints.at(30).folder)
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.step == 5
    assert "belongs to another configuration" in caplog.text


def test_what_a_kill_left_half_written_is_cleared(checkpoints: Checkpoints) -> None:
    partial = checkpoints.folder / ".step-000000005.123.partial"
    partial.mkdir()
    (partial / "tensors.safetensors").write_bytes(b"half")
    checkpoints.prepare({"rule": "test"})
    assert [path.name for path in checkpoints.folder.iterdir()] == ["configuration.json"]


def test_a_full_disk_leaves_the_state_before(small_disk: Path) -> None:
    checkpoints = Checkpoints(small_disk, "a" * 64, kept=3)
    save(checkpoints, 5)
    with pytest.raises(GlmError, match="no space left"):
        checkpoints.save(10, {"w": torch.zeros(100_000)}, {"step": 10}, METRICS, STAMP)
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.step == 5
    assert len(list(checkpoints.folder.iterdir())) == 1


def test_a_diverged_batch_is_listed_in_full(checkpoints: Checkpoints) -> None:
    error = checkpoints.diverged(7, "the loss is nan", list(range(40)), last_good=5)
    assert "step 7: the loss is nan" in str(error)
    assert "subcontigs 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (40 in all)" in str(error)
    assert "the state after step 5 is kept" in str(error)
    listed = json.loads((checkpoints.folder / "diverged-step-7.json").read_text())
    assert listed["subcontigs"] == list(range(40))


def test_a_state_with_former_names_of_weights_is_taken_up() -> None:
    model = torch.nn.ModuleDict(
        {"0": torch.nn.ModuleDict({"up_projection": torch.nn.Linear(2, 3)})}
    )
    optimizer = torch.optim.AdamW(model.parameters())
    packed = pack(model, optimizer)
    former = {
        name.replace("up_projection", "widen"): torch.ones_like(value)
        for name, value in packed.items()
    }
    assert former.keys() != packed.keys()
    unpack(former, model, optimizer)
    assert all((value == 1).all() for value in model.parameters())


def test_training_continues_while_a_state_is_written_and_the_one_before_stays_sound(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is that of its step, however the weights change meanwhile."""
    writer, weights = CheckpointWriter(checkpoints, ahead=True), torch.full((3,), 5.0)
    may_write, plain = threading.Event(), checkpoints.save

    def slow(*given: object) -> None:
        may_write.wait(10)
        plain(*given)

    def save(step: int) -> None:
        writer.save(step, {"model.weight": weights}, {"step": step}, METRICS, STAMP)

    save(5)
    writer.wait()
    monkeypatch.setattr(Checkpoints, "save", lambda self, *given: slow(*given))
    weights += 5
    save(10)
    weights += 90  # while it is being written
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.step == 5
    may_write.set()
    writer.wait()
    latest = checkpoints.latest()
    assert latest is not None
    assert (latest.step, latest.tensors()["model.weight"].tolist()) == (10, [10, 10, 10])


def test_a_state_that_could_not_be_written_is_an_error_of_the_next(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Checkpoints, "save", full)
    writer = CheckpointWriter(checkpoints, ahead=True)
    given = ({"model.weight": torch.ones(3)}, {"step": 1}, METRICS, STAMP)
    writer.save(1, *given)
    with pytest.raises(OSError, match="No space left"):
        writer.save(2, *given)
