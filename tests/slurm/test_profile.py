"""What can go wrong on a cluster, made to happen on a real one under the shipped profile."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.slurm.cluster import Cluster, wait_until
from tests.slurm.runs import Snakemake

# what takes long starts first, and goes on beside the other tests
pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("trainings", "rough", "whole")]
Start = Callable[..., Snakemake]
PATIENCE = 600  # seconds; most of it is for machines that do much else
LITERAL = ("snakemake",)  # where there is no job to wait for, the very command of a user


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ({"GLM_ACCOUNT": "nobody"}, ["GLM_ACCOUNT", "Invalid account", "account testing"]),
        ({"GLM_CPU_PARTITION": "fast"}, ["GLM_CPU_PARTITION=fast", "partition cpu", "Invalid"]),
        ({"GLM_GPU_PARTITION": "cpu"}, ["GLM_GPU_PARTITION=cpu", "partition gpu (gres gpu:a100:4"]),
        ({"GLM_CPU_PARTITION": "brief"}, ["may ask for 1440 minutes", "brief gives 60"]),
        ({"GLM_CONSTRAINT": "h200"}, ["constraint=h200", "features a100"]),
        ({"GLM_ACCOUNT": "unset"}, ["export GLM_ACCOUNT=", "docs/cluster.md"]),
    ],
)
def test_a_wrong_site_fails_at_once_with_what_the_cluster_has(
    snakemake: Start, site: dict[str, str], words: list[str]
) -> None:
    run = snakemake("threads", program=LITERAL, **site)
    assert run.ends(PATIENCE) == 1
    assert [word for word in words if word not in run.output] == []
    assert "Traceback" not in run.output
    assert "has been submitted" not in run.output


def test_ctrl_c_cancels_what_it_submitted(cluster: Cluster, snakemake: Start) -> None:
    run = snakemake("waited/1", "waited/2", program=LITERAL)
    wait_until(lambda: len(run.jobs("R")) == 2, "both jobs run", PATIENCE)
    run.kill(signal.SIGINT)
    assert run.ends(PATIENCE) == 1
    wait_until(lambda: not run.jobs(), "its jobs are gone", PATIENCE)


def test_ctrl_c_cancels_jobs_whose_state_is_being_asked_for(
    cluster_without_accounting: Cluster, snakemake: Start
) -> None:
    cluster = cluster_without_accounting
    squeue, asked = cluster.home / "bin/squeue", cluster.home / "asked"
    slow = f'case "$*" in *--name*) touch {asked}; sleep 8;; esac'
    run = snakemake("waited/1", "waited/2", on=cluster, program=LITERAL, GLM_ACCOUNT="")
    wait_until(lambda: len(cluster.jobs("R")) == 2, "both jobs run", PATIENCE)
    squeue.write_text(squeue.read_text().replace("exec", f"{slow}\nexec", 1))
    wait_until(asked.exists, "their state is being asked for", PATIENCE)
    run.kill(signal.SIGINT)
    assert run.ends(PATIENCE) == 1
    wait_until(lambda: not cluster.jobs(), "its jobs are gone", PATIENCE)


def test_a_killed_snakemake_picks_up_again(cluster: Cluster, snakemake: Start) -> None:
    run = snakemake("waited/1", "waited/2")
    wait_until(lambda: len(run.jobs("R")) == 2, "both jobs run", PATIENCE)
    run.kill(signal.SIGKILL)
    run.process.wait()
    assert len(run.jobs("R")) == 2, "jobs outlive Snakemake"
    cluster.run("scancel", *run.jobs())
    (run.directory / "go").touch()
    assert snakemake("waited/1").ends(PATIENCE) == 1, "the directory is locked"
    snakemake("--unlock").succeeds(PATIENCE)
    snakemake("waited/1", "waited/2").succeeds(PATIENCE)


def test_a_pre_empted_job_and_a_requeued_one_go_on(cluster: Cluster, snakemake: Start) -> None:
    run = snakemake("resumed")
    steps = run.directory / "steps"
    wait_until(lambda: lines(steps) == 3, "the job runs", PATIENCE)
    urgent = cluster.preempt("gpu[1-2]", run.directory)
    run.succeeds(PATIENCE)
    assert "has been submitted" in run.output
    assert "Trying to restart" not in run.output, "none of the retries is used"
    starts = (run.directory / "starts").read_text().split()
    assert len(starts) == 3, f"started once, pre-empted by {urgent}, and requeued by itself"
    assert len(set(starts)) == 1, "always as the same job"


def test_without_accounting_the_state_comes_from_squeue(
    cluster_without_accounting: Cluster, snakemake: Start
) -> None:
    run = snakemake("gpus", on=cluster_without_accounting, GLM_ACCOUNT="")
    run.succeeds(PATIENCE)
    assert (run.directory / "gpus").read_text() == "0,1,2,3\n"


def test_a_gpu_rule_sees_its_devices(rough: Snakemake) -> None:
    assert written(rough.directory / "gpus") == "0,1,2,3\n"


def test_ranks_on_two_nodes_form_one_group(rough: Snakemake) -> None:
    assert written(rough.directory / "nodes") == "gpu1:0 gpu1:1 gpu2:0 gpu2:1 10\n"


def test_a_job_over_its_memory_is_resubmitted_with_more(rough: Snakemake) -> None:
    assert written(rough.directory / "memory") == "1200\n"
    assert "exceeded memory limit" in rough.output


def test_a_job_over_its_time_is_resubmitted_with_more(rough: Snakemake) -> None:
    assert written(rough.directory / "time") == "20\n"
    assert "TIMEOUT" in rough.output


def test_threads_are_not_capped_by_this_machine(cluster: Cluster, rough: Snakemake) -> None:
    rough.succeeds(PATIENCE)
    rows = cluster.run("sacct", "-X", "-n", "-P", "-o", "Comment,AllocCPUS").splitlines()
    assert "rule_use_threads|8" in rows
    assert list((rough.directory / "logs/slurm").rglob("*.log")), "logs of failed jobs are kept"


def written(path: Path) -> str:
    """What a rule has written to a file, once it has."""
    wait_until(lambda: lines(path) > 0, f"{path.name} is written", PATIENCE)
    return path.read_text()


def lines(path: Path) -> int:
    """Number of lines of a file; 0 while there is none."""
    return len(path.read_text().splitlines()) if path.exists() else 0
