from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError
from tests.conftest import program

from glm import cluster
from glm.errors import GlmError

SITE = {
    "GLM_ACCOUNT": "",
    "GLM_CPU_PARTITION": "batch",
    "GLM_GPU_PARTITION": "a100",
    "GLM_GPU_TYPE": "a100",
    "GLM_CONSTRAINT": "a100_80gb",
}
Command = Callable[[str, str], None]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Puts a shell script of a name on PATH, and nothing else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return partial(program, tmp_path)


def test_every_unset_variable_is_named_with_its_meaning() -> None:
    site = {**SITE, "GLM_CPU_PARTITION": ""}
    del site["GLM_CONSTRAINT"]
    with pytest.raises(GlmError) as raised:
        cluster.check_site(site)
    named = re.findall(r"export (\w+)=", str(raised.value))
    assert named == ["GLM_CPU_PARTITION", "GLM_CONSTRAINT"]
    assert "sinfo" in str(raised.value)
    cluster.check_site({**SITE, "GLM_CONSTRAINT": ""})  # it and the account may be empty


def test_the_site_file_sets_every_variable_and_the_profile_uses_no_other() -> None:
    profile = Path(__file__).parents[2] / "profiles/slurm"
    exported = re.findall(r"^export (\w+)=", (profile / "site.sh").read_text(), re.MULTILINE)
    assert exported == list(cluster.SITE)
    used = set(re.findall(r"\$(\w+)", (profile / "config.yaml").read_text()))
    assert used <= set(cluster.SITE)


def test_a_refused_job_is_reported_in_slurms_words_and_with_what_the_cluster_has(
    command: Command,
) -> None:
    command(
        "sbatch", 'case "$*" in *partition=a100*) echo "allocation failure: no" >&2; exit 1;; esac'
    )
    command("sinfo", 'echo "partition gpu (gres gpu:h100:8, features h100)"')
    command("sshare", "echo physics")
    with pytest.raises(GlmError) as raised:
        cluster.check_jobs(SITE, gpus=4, nodes=2)
    message = str(raised.value)
    assert "GLM_GPU_PARTITION=a100" in message
    assert "--nodes=2 --gres=gpu:a100:4 --constraint=a100_80gb" in message
    assert "allocation failure: no" in message
    assert "partition gpu (gres gpu:h100:8, features h100); account physics" in message


def test_no_gpu_is_asked_for_where_the_run_uses_none(command: Command) -> None:
    command("sbatch", 'case "$*" in *gres*) exit 1;; esac')
    cluster.check_jobs(SITE, gpus=0)


@pytest.mark.parametrize(("limit", "refused"), [("12:00:00", True), ("infinite", False)])
def test_a_partition_with_a_shorter_limit_is_refused(
    command: Command, limit: str, refused: bool
) -> None:
    command("sbatch", "exit 0")
    command("sinfo", f"echo {limit}")
    if refused:
        with pytest.raises(GlmError, match=r"1440 minutes.*GLM_CPU_PARTITION=batch gives 720"):
            cluster.check_jobs(SITE)
    else:
        cluster.check_jobs(SITE)


def test_a_computer_without_slurm_is_reported_so(command: Command) -> None:
    with pytest.raises(GlmError, match="sbatch is not on PATH"):
        cluster.check_jobs(SITE)


def test_the_status_comes_from_what_works(command: Command) -> None:
    assert cluster.status_command() == "squeue"
    command("sacct", "exit 1")
    assert cluster.status_command() == "squeue"
    command("sacct", "exit 0")
    assert cluster.status_command() == "sacct"


def test_what_is_left_of_a_run_is_cancelled_by_its_name(command: Command, tmp_path: Path) -> None:
    command("scancel", f'echo "$@" >> {tmp_path}/cancelled')
    executor = SimpleNamespace(run_uuid="d394-421b")
    cluster.cancel_jobs(SimpleNamespace(scheduler=SimpleNamespace(_executor=executor)))
    cluster.cancel_jobs(SimpleNamespace(scheduler=SimpleNamespace(_executor=None)))
    cluster.cancel_jobs(SimpleNamespace(scheduler=None))
    assert (tmp_path / "cancelled").read_text() == "--name=d394-421b\n"


def run_of(executor: str, **asked: int) -> SimpleNamespace:
    """A workflow of Snakemake that is to run these rules, each with so many accelerators."""
    jobs = [
        SimpleNamespace(rule=SimpleNamespace(name=rule), resources={"accelerators": gpus})
        for rule, gpus in asked.items()
    ]
    return SimpleNamespace(
        executor_plugin=SimpleNamespace(name=executor),
        dag=SimpleNamespace(needrun_jobs=lambda: jobs),
        global_resources={},
    )


def test_gpus_that_this_machine_lacks_are_named_before_the_first_job() -> None:
    cluster.prepare(run_of("local", parse_genes=0, train_glm=0), gpus=99)
    wanting = run_of("local", train_glm=1, embed_proteins=1, parse_genes=0)
    with pytest.raises(WorkflowError, match="embed_proteins, train_glm: gpus is 99, but torch"):
        cluster.prepare(wanting, gpus=99)
    cluster.prepare(wanting, gpus="auto")


def test_a_cluster_is_not_asked_for_what_the_login_node_has() -> None:
    with pytest.raises(WorkflowError, match="gpus is auto, which is for one machine"):
        cluster.prepare(run_of("slurm", train_glm=1), gpus="auto")


def test_resources_by_gpus_and_nodes() -> None:
    """On two nodes there is one task a node and none a GPU."""
    assert cluster.gpu_resources(0, 1, SITE) == {}
    assert cluster.gpu_resources(4, 1, SITE) == {
        "accelerators": 4,
        "gres": "gpu:a100:4",
        "nodes": 1,
        "slurm_partition": "a100",
        "constraint": "a100_80gb",
    }
    added = cluster.gpu_resources(4, 2, SITE).items() - cluster.gpu_resources(4, 1, SITE).items()
    assert dict(added) == {"nodes": 2, "mpi": "srun", "tasks": 2, "tasks_per_gpu": 0}


def test_a_training_job_lasts_longer_than_its_training() -> None:
    assert cluster.training_resources(0, 1, 600, SITE)["runtime"] > 600
    assert cluster.training_resources(0, 1, None, SITE)["runtime"] == 24 * 60


@pytest.mark.parametrize(
    ("gpus", "line"),
    [(0, "python"), (1, "python"), (4, "torchrun --standalone --nproc-per-node=4")],
)
def test_launch_lines_on_one_node(gpus: int, line: str) -> None:
    assert cluster.launcher(gpus, 1, 8, SITE) == line


def test_the_launch_line_on_two_nodes_starts_one_torchrun_a_node(
    command: Command, tmp_path: Path
) -> None:
    command("bash", 'exec /bin/bash "$@"')
    command("squeue", "echo first")
    command("torchrun", 'echo "$SLURM_NODEID: $*"')
    command("srun", 'shift 6; for SLURM_NODEID in 0 1; do export SLURM_NODEID; "$@"; done')
    done = subprocess.run(
        ["/bin/bash", "-c", f"{cluster.launcher(4, 2, 16, SITE)} train.py --log 'a b'"],
        env={**os.environ, "SLURM_JOB_ID": "123456"},
        capture_output=True,
        text=True,
        check=True,
    )
    common = "--nnodes=2 --nproc-per-node=4 --node-rank={} --master-addr=first --master-port=23456"
    lines = [f"{node}: {common.format(node)} train.py --log a b" for node in (0, 1)]
    assert done.stdout.splitlines() == lines


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [("59:59", 3599), ("1-02:03:04", 93784), ("0:07", 7), ("UNLIMITED", None), ("", None)],
)
def test_the_time_that_is_left(command: Command, printed: str, seconds: float | None) -> None:
    command("squeue", f'echo "{printed}"')
    assert cluster.seconds_left({"SLURM_JOB_ID": "7"}) == seconds


def test_outside_a_job_no_time_is_short_and_nothing_is_requeued() -> None:
    assert cluster.seconds_left({}) is None
    assert cluster.requeue({}) is False


def test_a_refused_requeue_is_a_warning(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    command("scontrol", 'echo "requeue is disabled" >&2; exit 1')
    assert cluster.requeue({"SLURM_JOB_ID": "7"}) is False
    assert "requeue is disabled" in caplog.text


def test_a_download_has_itself_requeued_before_its_time_is_over(
    command: Command, tmp_path: Path
) -> None:
    """It is killed then, and resumes: a release may take longer than any job."""
    command("scontrol", f'echo "$@" > {tmp_path}/asked')
    command("squeue", "echo 1:01")
    timer = cluster.requeue_in_time({"SLURM_JOB_ID": "7"})
    assert timer is not None
    assert timer.interval == 1
    assert timer.daemon  # it does not keep the process of a download that is done
    timer.join(30)
    assert (tmp_path / "asked").read_text() == "requeue 7\n"
    command("squeue", "echo UNLIMITED")
    assert cluster.requeue_in_time({"SLURM_JOB_ID": "7"}) is None
    assert cluster.requeue_in_time({}) is None
