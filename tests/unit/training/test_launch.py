"""Whole runs, in processes of their own: the model they write, and what no end may change."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pytest
import torch
from tests.unit.training.conftest import COMPONENTS, EVERY_OPTION, SIZE, settings_text
from tests.unit.training.processes import (
    finish,
    kill,
    start,
    steps,
    train,
    wait_until,
    weights,
)

from glm import tables
from glm.model import GenomicLanguageModel
from glm.model.directory import open_directory
from glm.training.interruption import RESUBMIT

TOLERANCE = 1e-5  # sums over micro-batches in another order, float32, 20 steps of AdamW


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        torch.equal(first[name], second[name]) for name in first
    )


def test_a_training_starts_without_what_draws_and_reports() -> None:
    """That took a second of each process's start."""
    heavy = "'matplotlib', 'rich', 'scipy.stats', 'sklearn'"
    code = f"import sys, train_glm; print(sorted({{{heavy}}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory, inputs: dict[str, str]) -> Path:
    """A run of 20 steps that nothing disturbed: two micro-batches a step, dropout on."""
    folder = tmp_path_factory.mktemp("whole")
    assert train(inputs, folder, settings_text()) == [0]
    return folder


def test_the_model_directory_holds_all_that_later_stages_need(whole_run: Path) -> None:
    names = {path.name for path in (whole_run / "model").iterdir()}
    assert names == {
        "config.json",
        "model.safetensors",
        "metrics.parquet",
        "standardisation.parquet",
        "label_components.parquet",
        "protein_model.json",
        "provenance.json",
        "README.md",
    }
    model = GenomicLanguageModel.from_pretrained(whole_run / "model")
    assert (model.config.embedding_size, model.config.label_components) == (SIZE, COMPONENTS)
    assert (model.config.minimum_genes, model.config.maximum_genes) == (3, 8)
    opened = open_directory(whole_run / "model")
    assert (opened.record.protein_model.name, opened.record.maximum_residues) == ("tiny", 100)
    stamp = json.loads((whole_run / "model" / "provenance.json").read_text())
    assert stamp["producer"] == "train_glm"
    assert len(stamp["inputs"]) == 7


def test_metrics_have_a_row_for_each_look_and_each_held_out_corpus(whole_run: Path) -> None:
    rows = tables.read(whole_run / "model" / "metrics.parquet", tables.METRICS)
    of = {
        split: rows.filter(pc.equal(rows["split"], split)).to_pylist()
        for split in ("train", "validation", "reference")
    }
    assert [row["step"] for row in of["train"]] == [3, 4, 6, 8, 9, 12, 15, 16, 18, 20]
    assert [row["step"] for row in of["validation"]] == [8, 16, 20]
    assert [row["step"] for row in of["reference"]] == [8, 16, 20]
    for row in rows.to_pylist():
        assert row["subcontigs"] == 8 * row["step"]
        assert row["epoch"] == pytest.approx(8 * row["step"] / 22)
        expected = row["mean_squared_error"] + 1e-4 * row["cross_entropy"]
        assert row["loss"] == pytest.approx(expected, rel=1e-5)
        assert 0 <= row["pseudo_accuracy"] <= row["pseudo_accuracy_closest"] + 1e-9 <= 1 + 1e-9
        assert row["memory"] > 50e6
    assert all(row["subcontigs_per_second"] > 0 for row in of["train"])
    assert of["train"][0]["learning_rate"] == pytest.approx(1e-3 * 3 / 4)


def test_inputs_are_made_as_the_models_keys_say(
    whole_run: Path, tmp_path: Path, inputs: dict[str, str]
) -> None:
    settings = json.loads(settings_text(steps=3))
    settings["model"]["ones_standardised"] = True
    assert train(inputs, tmp_path, json.dumps(settings)) == [0]
    assert json.loads((tmp_path / "model" / "config.json").read_text())["ones_standardised"]
    losses = [
        tables.read(run / "model" / "metrics.parquet", tables.METRICS)["loss"][0].as_py()
        for run in (whole_run, tmp_path)
    ]
    assert losses[0] != losses[1]  # one gene in ten has no representative


def test_looking_more_often_changes_nothing(
    whole_run: Path, tmp_path: Path, inputs: dict[str, str]
) -> None:
    settings = settings_text(log_every=1, validate_every=3, checkpoint_every=7, workers=2)
    assert train(inputs, tmp_path, settings) == [0]
    assert same(weights(tmp_path), weights(whole_run))


@pytest.mark.parametrize("ranks", [2, 4])
def test_ranks_are_the_same_as_accumulation(
    tmp_path: Path, inputs: dict[str, str], ranks: int
) -> None:
    # four pieces, whoever takes them
    settings = settings_text(subcontigs_per_device=2, **EVERY_OPTION)
    assert train(inputs, tmp_path / "one", settings) == [0]
    assert train(inputs, tmp_path / "many", settings, ranks) == [0] * ranks
    one, many = weights(tmp_path / "one"), weights(tmp_path / "many")
    for name in one:
        torch.testing.assert_close(many[name], one[name], rtol=0, atol=TOLERANCE)
    losses = [
        tables.read(tmp_path / run / "model" / "metrics.parquet", tables.METRICS)["loss"].to_numpy()
        for run in ("one", "many")
    ]
    assert losses[0] == pytest.approx(losses[1], abs=TOLERANCE)


@pytest.mark.parametrize("ranks", [1, 2])
def test_killed_at_random_steps_it_ends_with_the_same_weights(
    tmp_path: Path, inputs: dict[str, str], ranks: int
) -> None:
    model = {"steps": 36, "batch_size": 7}  # epochs of 22 end inside batches
    settings = settings_text(**model, checkpoint_every=3, **EVERY_OPTION)
    assert train(inputs, tmp_path / "whole", settings, ranks) == [0] * ranks
    chance, killed = random.Random(ranks), tmp_path / "killed"
    resumed_from = []
    for earliest in (1, 10, 19)[ranks - 1 :]:
        least = chance.randrange(earliest, earliest + 9)
        run = start(inputs, killed, settings, ranks)
        wait_until(lambda least=least: max(steps(killed), default=0) >= least)
        assert any(process.is_alive() for process in run), "it was to be killed, and had finished"
        kill(run)
        assert {process.exitcode for process in run} <= {-signal.SIGKILL, 1}
        resumed_from.append(max(steps(killed)))
    print(f"{ranks} rank(s): killed after the checkpoints of steps {resumed_from}")
    assert train(inputs, killed, settings, ranks) == [0] * ranks
    assert f"resuming after step {resumed_from[-1]}" in (killed / "log").read_text()
    assert resumed_from[-1] < 36
    assert same(weights(killed), weights(tmp_path / "whole"))


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_saves_and_asks_to_be_started_again(
    tmp_path: Path, inputs: dict[str, str], ranks: int, number: signal.Signals
) -> None:
    settings = settings_text(steps=100_000, checkpoint_every=100_000, validate_every=100_000)
    run = start(inputs, tmp_path, settings, ranks)
    log = tmp_path / "log"
    wait_until(lambda: log.exists() and "starts anew" in log.read_text())
    os.kill(run[-1].pid or 0, number)
    assert finish(run) == [RESUBMIT] * ranks
    [saved] = steps(tmp_path)
    assert 0 < saved < 100_000
    assert f"saved after step {saved}" in log.read_text()
    assert not (tmp_path / "model").exists()


def test_the_wall_time_saves_and_asks_to_be_started_again(
    tmp_path: Path, inputs: dict[str, str]
) -> None:
    settings = settings_text(steps=100_000, checkpoint_every=100_000, validate_every=100_000)
    assert train(inputs, tmp_path, settings, more=["--wall-time", "0.01"]) == [RESUBMIT]
    assert len(steps(tmp_path)) == 1
    assert "the wall time is nearly over" in (tmp_path / "log").read_text()


def test_a_loss_that_is_no_number_names_step_and_batch(
    tmp_path: Path, inputs: dict[str, str]
) -> None:
    bad = settings_text(learning_rate=1e30, warmup_steps=0, checkpoint_every=1)
    assert train(inputs, tmp_path, bad) == [1]
    log = (tmp_path / "log").read_text()
    found = re.search(
        r"error: step (\d+): .*Its batch: subcontigs ((?:\d+, )+\d+), see (\S+);", log
    )
    assert found is not None, log
    listed = json.loads(Path(found[3]).read_text())
    assert listed["step"] == int(found[1])
    assert ", ".join(map(str, listed["subcontigs"])) == found[2]
    assert len(listed["subcontigs"]) == 8
    assert all(100 <= name < 122 for name in listed["subcontigs"])
    assert all(step < listed["step"] for step in steps(tmp_path)), "a bad state was kept"


def test_another_configuration_starts_anew(tmp_path: Path, inputs: dict[str, str]) -> None:
    def log_of(settings: str) -> str:
        assert train(inputs, tmp_path, settings) == [0]
        return (tmp_path / "log").read_text()

    short = {"steps": 4}
    assert "starts anew" in log_of(settings_text(**short))
    assert "starts anew" in log_of(settings_text(**short, mask_rate=0.3))
    assert "starts anew" in log_of(settings_text(**short, learning_rate=2e-3))
    assert "resuming after step 4" in log_of(settings_text(**short, log_every=50))
