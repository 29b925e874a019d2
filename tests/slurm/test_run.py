"""The pipeline's own rules on a real cluster: all of them once, then training under fire."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.slurm.cluster import Cluster, wait_until
from tests.slurm.conftest import SHORT, Snakemake, checkout, finish, pipeline
from tests.unit.training.conftest import GLM, TRAINING, write_inputs
from tests.workflow.test_training import PLACES

from glm.files import sha256

pytestmark = pytest.mark.slurm
STEPS = 12000  # more than a minute of them while three such runs share two cores
TRAINING_ONLY = {
    "run": "small",
    "corpus": {"maximum_genes": 10, "minimum_genes": 3},
    "glm": {**GLM, "steps": STEPS},
    "training": {**TRAINING, "gpus": 1, "validate_every": STEPS, "checkpoint_every": 200},
}


def test_the_whole_demo_is_submitted_by_the_profile(demo: Snakemake) -> None:
    demo.succeeds(900)
    results = demo.directory / "results/small"
    assert (results / "report/scorecard.parquet").exists()
    assert "Trying to restart" not in demo.output
    assert not list((demo.directory / "logs/slurm").rglob("*.log")), "logs of good jobs are deleted"


def test_the_ranks_of_two_nodes_train_one_model(cluster: Cluster, demo: Snakemake) -> None:
    metrics = pq.read_table(demo.directory / "results/small/glm/metrics.parquet")
    assert metrics.column("step").to_pylist()[-1] == SHORT["glm"]["steps"]
    rows = cluster.run("sacct", "-X", "-n", "-P", "-o", "Comment,NodeList,AllocTRES%100")
    trained = [row for row in rows.splitlines() if row.startswith("rule_train_glm")]
    assert [("gpu[1-2]" in row, "gres/gpu=2" in row) for row in trained] == [(True, True)], rows


def start_training(cluster: Cluster, directory: Path, minutes: int) -> Snakemake:
    """The training rule on inputs of its unit tests, with a time limit."""
    inputs = directory / "inputs"
    inputs.mkdir(parents=True)
    for name, path in write_inputs(inputs).items():
        place = directory / "results/small" / PLACES[name]
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(path).rename(place)
    limit = f"train_glm:runtime={minutes}"
    only = ("--allowed-rules", "train_glm", "--set-resources", limit)
    model = "results/small/glm/model.safetensors"
    return pipeline(cluster, checkout(directory), TRAINING_ONLY, model, *only)


def test_training_ends_with_the_same_weights_after_a_node_is_killed_and_when_time_is_short(
    cluster: Cluster, tmp_path: Path
) -> None:
    limits = {"undisturbed": 60, "killed": 60, "short": 1}
    runs = {
        name: start_training(cluster, tmp_path / name, minutes) for name, minutes in limits.items()
    }
    try:
        states = tmp_path / "killed/results/small/glm/state"
        wait_until(lambda: len(list(states.glob("*/step-*"))) > 0, "a state is saved", 300)
        (killed,), (short,) = runs["killed"].jobs("R"), runs["short"].jobs()
        node = cluster.run("squeue", "-h", "-j", killed, "-o", "%N").strip()
        cluster.kill_node(node)
        wait_until(lambda: runs["killed"].jobs("PD") == [killed], "it waits to run again", 60)
        cluster.revive_node(node)
        for run in runs.values():
            run.succeeds(900)
    finally:
        finish(list(runs.values()))
    assert "Trying to restart" not in "".join(run.output for run in runs.values())
    ends = cluster.run("sacct", "-X", "-D", "-n", "-P", "-o", "State", "-j", short).split()
    assert ends[-1] == "COMPLETED"
    assert len(ends) > 1, "its time was over at least once"
    models = [run.directory / "results/small/glm/model.safetensors" for run in runs.values()]
    assert len({sha256(model) for model in models}) == 1
