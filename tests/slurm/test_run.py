"""The pipeline's own rules on a real cluster: all of them once, then training under fire."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.slurm.cluster import Cluster, wait_until
from tests.slurm.conftest import SHORT, SMALL, Snakemake, finish, pipeline

from glm.files import sha256

pytestmark = pytest.mark.slurm
# Long enough to be cut, with a checkpoint now and then.
LONG = {
    **SMALL,
    "glm": {"steps": 600, "warmup_steps": 10},
    "training": {"gpus": 1, "nodes": 1, "validate_every": 600, "checkpoint_every": 20},
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


def test_training_goes_on_to_the_same_weights_after_a_node_is_killed_and_when_time_is_short(
    cluster: Cluster, demo: Snakemake, tmp_path: Path
) -> None:
    runs: dict[str, Snakemake] = {}
    limits = {"undisturbed": 60, "killed": 60, "short": 1}
    try:
        for name, minutes in limits.items():
            directory = tmp_path / name
            shutil.copytree(demo.directory, directory, symlinks=True)
            shutil.rmtree(directory / "results/small/glm")
            limit = f"train_glm:runtime={minutes}"
            runs[name] = pipeline(cluster, directory, LONG, "train", "--set-resources", limit)
        checkpoints = tmp_path / "killed/results/small/glm/state"
        wait_until(lambda: len(list(checkpoints.rglob("*.safetensors"))) > 1, "it trains", 300)
        (job,) = runs["killed"].jobs("R")
        node = cluster.run("squeue", "-h", "-j", job, "-o", "%N").strip()
        cluster.kill_node(node)
        wait_until(lambda: job in cluster.jobs("PD", "R"), "it waits to run again", 30)
        cluster.revive_node(node)
        (short_job,) = runs["short"].jobs()
        for run in runs.values():
            run.succeeds(600)
    finally:
        finish(list(runs.values()))
    assert "Trying to restart" not in "".join(run.output for run in runs.values())
    restarts = cluster.run("sacct", "-X", "-D", "-n", "-o", "State", "-j", short_job)
    assert "REQUEUED" in restarts, "its time was over at least once"
    weights = {
        name: sha256(run.directory / "results/small/glm/model.safetensors")
        for name, run in runs.items()
    }
    assert len(set(weights.values())) == 1, weights
