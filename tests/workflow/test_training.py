"""The training rules, run by snakemake, and the launch lines that they make."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml
from tests.unit.training.conftest import BUDGET, GLM, TRAINING, settings_text, write_inputs
from tests.unit.training.processes import arguments_of, weights
from tests.workflow.small_run import ENVIRONMENT, make_checkout, run_snakemake

from glm import tables

PLACES = {
    "subcontigs": "metagenomes/subcontigs.parquet",
    "splits": "decontamination/splits.parquet",
    "store": "metagenomes/embedding_store.npy",
    "standardisation": "embedding/standardisation.parquet",
    "label-components": "embedding/label_components.parquet",
    "reference-subcontigs": "reference/subcontigs.parquet",
    "reference-store": "reference/embedding_store.npy",
}


def place_inputs(made: Path, results: Path) -> None:
    """Write the inputs of the unit tests into a folder, and move them to where the rules look."""
    for name, path in write_inputs(made).items():
        place = results / PLACES[name]
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(path).rename(place)
        if name == "store":  # with the note that says which protein model it is of
            Path(path).with_suffix(".json").rename(place.with_suffix(".json"))


@pytest.fixture(scope="module")
def workplace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where snakemake finds the training rules, their inputs, and a small config."""
    folder = make_checkout(root, tmp_path_factory.mktemp("workplace"))
    place_inputs(tmp_path_factory.mktemp("inputs"), folder / "results" / "small")
    budget = {**BUDGET, "steps": 8}
    overlay = {
        "run": "small",
        "gpus": 0,
        "analyses": [],
        "glm": GLM,
        "bilstm": {"layers": 1, "hidden_size": 8, "dropout": 0.0},
        "training": {**TRAINING, "glm": budget, "bilstm": budget},
        "corpus": {"maximum_genes": 10, "minimum_genes": 3},
        "labels": {"components": 4},
    }
    (folder / "small.yaml").write_text(yaml.safe_dump(overlay))
    return folder


def snakemake(folder: Path, *arguments: str) -> str:
    """Run snakemake; returns what it printed."""
    done = run_snakemake(folder, "--configfile", "small.yaml", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_both_models_are_trained_by_their_rules(workplace: Path) -> None:
    targets = [f"results/small/{model}/model.safetensors" for model in ("glm", "bilstm")]
    snakemake(workplace, "--cores", "1", *targets)
    for model in ("glm", "bilstm"):
        folder = workplace / "results" / "small" / model
        rows = tables.read(folder / "metrics.parquet", tables.METRICS)
        assert pc.max(rows["step"]).as_py() == 8
        assert set(rows["split"].to_pylist()) == {"train", "validation", "reference"}
        stamp = json.loads((folder / "provenance.json").read_text())
        assert stamp["producer"] == f"train_{model}"
        log = workplace / "logs" / "small" / f"train_{model}.log"
        assert "starts anew" in log.read_text()


def test_the_launch_line_is_that_of_the_machine(workplace: Path) -> None:
    """As the configuration has GPUs and nodes; the lines themselves: tests/unit/test_cluster.py."""
    (workplace / "launch.yaml").write_text(yaml.safe_dump({"gpus": 4, "training": {"nodes": 2}}))
    target = "results/small/glm/model.safetensors"
    printed = snakemake(
        workplace, "launch.yaml", "-np", "--cores", "64", "--forceall", "--", target
    )
    line = "srun --nodes=2 --ntasks=2 --ntasks-per-node=1 --cpus-per-task="
    assert line in " ".join(printed.split())


def test_torchrun_starts_two_processes_that_train_one_model(tmp_path: Path, root: Path) -> None:
    inputs = write_inputs(tmp_path)
    script = str(root / "workflow" / "scripts" / "train_glm.py")
    settings = settings_text(steps=8)
    launches = {
        "one": [sys.executable],
        "two": ["torchrun", "--standalone", "--nproc-per-node=2", "--"],
    }
    for name, launcher in launches.items():
        command = [*launcher, script, *arguments_of(inputs, tmp_path / name, settings)]
        environment = {**ENVIRONMENT, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, env=environment, check=True, capture_output=True)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert max(float((one[key] - two[key]).abs().max()) for key in one) < 1e-5
    log = (tmp_path / "two" / "log").read_text()
    assert log.count("starts anew") == 1, "only the first process writes the log"
