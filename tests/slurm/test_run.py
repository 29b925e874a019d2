"""The pipeline's own rules on a real cluster: all of them once, and training under fire."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from tests.slurm.cluster import Cluster
from tests.slurm.conftest import Trainings
from tests.slurm.job_outcomes import CUTS, MODEL, PATIENCE
from tests.slurm.runs import SHORT, Snakemake

from glm.files import sha256

pytestmark = pytest.mark.slurm


def test_a_training_disturbed_ends_with_the_weights_of_one_let_alone(
    cluster: Cluster, trainings: Trainings
) -> None:
    for outcome in trainings.ended:
        outcome.result(PATIENCE)
    ends = {}
    for name, run in trainings.runs.items():
        run.succeeds(PATIENCE)
        assert "Trying to restart" not in run.output, "none of the retries is used"
        ends[name] = states(cluster, run)
    assert ends["undisturbed"] == ["COMPLETED"]
    assert ends["ended"] == ["NODE_FAIL", "PREEMPTED", "COMPLETED"]
    *cuts, last = ends["short"]
    assert (set(cuts), last) == ({"REQUEUED"}, "COMPLETED")
    assert len(cuts) >= CUTS, "and more often on a machine that is slow"
    weights = {sha256(run.directory / MODEL) for run in trainings.runs.values()}
    assert len(weights) == 1


def test_all_of_the_pipeline_is_submitted_by_the_profile(whole: Snakemake) -> None:
    whole.succeeds(1200)
    results = whole.directory / "results/small"
    assert (results / "report/scorecard.parquet").exists()
    assert "Trying to restart" not in whole.output
    assert not list((whole.directory / "logs/slurm").rglob("*.log")), (
        "logs of good jobs are deleted"
    )


def test_the_ranks_of_two_nodes_train_one_model(cluster: Cluster, whole: Snakemake) -> None:
    metrics = pq.read_table(whole.directory / "results/small/glm/metrics.parquet")
    assert metrics.column("step").to_pylist()[-1] == SHORT["training"]["glm"]["steps"]
    rows = cluster.run("sacct", "-X", "-n", "-P", "-o", "Comment,NodeList,AllocTRES%100")
    trained = [row for row in rows.splitlines() if row.startswith("rule_train_glm_")]
    assert any("gpu[1-2]" in row and "gres/gpu=2" in row for row in trained), rows


def states(cluster: Cluster, run: Snakemake) -> list[str]:
    """How each start of a run's one job has ended, in order."""
    shown = cluster.run("sacct", "-X", "-D", "-n", "-P", "-o", "State", "--name", run.run_id)
    return shown.split()
