"""The pipeline's own rules on a real cluster: all of them once, then training under fire."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from tests.slurm.cluster import Cluster, wait_until
from tests.slurm.conftest import Snakemake, checkout, finish
from tests.workflow.test_embedding import write_model

from glm.files import sha256

pytestmark = pytest.mark.slurm
CONFIGURATION = ["--configfile", "config/demo.yaml", "config/cluster-test.yaml"]
# The demo with a small protein model, shortened where it only takes time; its models train on two
# nodes.
SMALL = {
    "run": "cluster",
    "embedding": {"model": "model", "gpus": 1, "allow_random_weights": True},
}
SHORT = {
    **SMALL,
    "glm": {"steps": 40, "warmup_steps": 4},
    "bilstm": {"steps": 20, "warmup_steps": 4},
    "training": {"gpus": 1, "nodes": 2, "validate_every": 20, "checkpoint_every": 20},
}
# Long enough to be cut, with a checkpoint now and then.
LONG = {
    **SMALL,
    "glm": {"steps": 600, "warmup_steps": 10},
    "training": {"gpus": 1, "nodes": 1, "validate_every": 600, "checkpoint_every": 20},
}


@pytest.fixture(scope="module")
def demo(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snakemake]:
    """The whole demo, submitted from a checkout by the literal command."""
    directory = checkout(tmp_path_factory.mktemp("demo"))
    write_model(directory / "model")
    run = start(cluster, directory, SHORT)
    yield run
    finish([run])


def start(cluster: Cluster, directory: Path, settings: dict, *arguments: str) -> Snakemake:
    """`snakemake --profile slurm` with the demo's configuration and some of its settings others."""
    (directory / "config/cluster-test.yaml").write_text(yaml.safe_dump(settings))
    return Snakemake(cluster, directory, *arguments, *CONFIGURATION)


def test_the_whole_demo_is_submitted_by_the_profile(demo: Snakemake) -> None:
    demo.succeeds(900)
    results = demo.directory / "results/cluster"
    assert (results / "report/scorecard.parquet").exists()
    assert "Trying to restart" not in demo.output
    assert not list((demo.directory / "logs/slurm").rglob("*.log")), "logs of good jobs are deleted"


def test_the_ranks_of_two_nodes_train_one_model(cluster: Cluster, demo: Snakemake) -> None:
    metrics = pq.read_table(demo.directory / "results/cluster/glm/metrics.parquet")
    assert metrics.column("step").to_pylist()[-1] == SHORT["glm"]["steps"]
    rows = cluster.run("sacct", "-X", "-n", "-P", "-o", "Comment,NodeList,AllocTRES%100")
    trained = [row for row in rows.splitlines() if row.startswith("rule_train_glm")]
    assert all("gpu[1-2]" in row and "gres/gpu=2" in row for row in trained), rows


def test_training_goes_on_to_the_same_weights_after_a_node_is_killed_and_when_time_is_short(
    cluster: Cluster, demo: Snakemake, tmp_path: Path
) -> None:
    runs: dict[str, Snakemake] = {}
    limits = {"undisturbed": 60, "killed": 60, "short": 1}
    try:
        for name, minutes in limits.items():
            directory = tmp_path / name
            shutil.copytree(demo.directory, directory, symlinks=True)
            shutil.rmtree(directory / "results/cluster/glm")
            limit = f"train_glm:runtime={minutes}"
            runs[name] = start(cluster, directory, LONG, "train", "--set-resources", limit)
        checkpoints = tmp_path / "killed/results/cluster/glm/state"
        wait_until(lambda: len(list(checkpoints.rglob("*.safetensors"))) > 1, "it trains", 300)
        job = runs["killed"].output.split("SLURM jobid ")[1].split()[0]
        node = cluster.run("squeue", "-h", "-j", job, "-o", "%N").strip()
        cluster.kill_node(node)
        wait_until(lambda: job in cluster.jobs("PD", "R"), "it waits to run again", 30)
        cluster.revive_node(node)
        for run in runs.values():
            run.succeeds(600)
    finally:
        finish(list(runs.values()))
    weights = {
        name: sha256(run.directory / "results/cluster/glm/model.safetensors")
        for name, run in runs.items()
    }
    assert len(set(weights.values())) == 1, weights
