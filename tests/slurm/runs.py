"""Snakemake run on the test cluster by the shipped profile."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from tests.slurm.cluster import ACCOUNT, Cluster
from tests.small_source import BUDGET, SETTINGS
from tests.workflow.small_run import CHECKOUT

ROOT = Path(__file__).parents[2]
SITE = {
    "GLM_ACCOUNT": ACCOUNT,
    "GLM_CPU_PARTITION": "cpu",
    "GLM_GPU_PARTITION": "gpu",
    "GLM_GPU_TYPE": "a100",
    "GLM_CONSTRAINT": "a100",
    "GLM_DEVICE": "cpu",  # the nodes' GPUs are made up
}
# the profile's own values suit jobs of minutes and hours, these suit jobs of seconds
HASTE = {
    "--slurm-init-seconds-before-status-checks": "2",
    "--max-jobs-per-timespan": "100/1s",
    "--jobs": "6",
}
HASTE_WORDS = [word for option in HASTE.items() for word in option]
IN_HASTE = (sys.executable, str(ROOT / "tests/slurm/snakemake_in_haste.py"))
# Each job takes a node to be its own, where all share this machine's processors: more threads than
# processors spend them in waiting for one another.
ONE_THREAD = ("--max-threads", "1")
# All of the pipeline on a small corpus; its models train on two nodes.
SHORT = {
    **SETTINGS,
    "gpus": 1,
    "training": {
        **SETTINGS["training"],
        "glm": {**BUDGET, "steps": 40},
        "bilstm": {**BUDGET, "steps": 20},
        "nodes": 2,
    },
}


class Snakemake:
    """`snakemake --profile slurm` in a directory, running.

    `program` is what stands for the word snakemake: it, or what looks at jobs more often.
    """

    def __init__(
        self,
        cluster: Cluster,
        directory: Path,
        *arguments: str,
        program: Sequence[str] = IN_HASTE,
        **site: str,
    ) -> None:
        self.cluster = cluster
        self.directory = directory
        self.screen = directory / f"screen-{time.monotonic_ns()}.txt"
        path = f"{Path(sys.executable).parent}:{cluster.environment['PATH']}"
        environment = {**cluster.environment, **SITE, **site, "PATH": path, "OMP_NUM_THREADS": "1"}
        with self.screen.open("w") as screen:
            self.process = subprocess.Popen(
                [*program, "--profile", "slurm", *HASTE_WORDS, *arguments],
                cwd=directory,
                env={name: value for name, value in environment.items() if value != "unset"},
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # a shell that starts the tests in the background has Ctrl-C ignored in all below
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.screen.read_text()

    def ends(self, seconds: float) -> int:
        """Its exit status, after at most `seconds`."""
        return self.process.wait(seconds)

    def succeeds(self, seconds: float) -> None:
        """Wait until it ends, and assert that it ended well."""
        assert self.ends(seconds) == 0, self.output

    def kill(self, number: int) -> None:
        """Send a signal to Snakemake alone, not to what it started."""
        os.kill(self.process.pid, number)

    @property
    def run_id(self) -> str | None:
        """The name that its jobs have on the cluster; None while it has none."""
        found = re.search(r"SLURM run ID: (\S+)", self.output)
        return found[1] if found else None

    def jobs(self, *states: str) -> list[str]:
        """Numbers of its jobs on the cluster that wait or run (or are in one of `states`)."""
        return self.cluster.jobs(*states, name=self.run_id) if self.run_id else []


def rules(cluster: Cluster, directory: Path, *arguments: str, **options: Any) -> Snakemake:
    """Snakemake on tests/slurm/Snakefile, working in `directory`; `options` as of `Snakemake`."""
    if not (directory / "slurm").exists():
        (directory / "slurm").symlink_to(ROOT / "slurm")
    snakefile = str(ROOT / "tests/slurm/Snakefile")
    return Snakemake(cluster, directory, "--snakefile", snakefile, *arguments, **options)


def pipeline(
    cluster: Cluster, directory: Path, settings: dict[str, Any], *arguments: str, **site: str
) -> Snakemake:
    """Snakemake on the pipeline in a checkout: the demo's configuration, some settings others."""
    (directory / "config/test.yaml").write_text(yaml.safe_dump(settings))
    files = ["--configfile", "config/demo.yaml", "config/test.yaml"]
    return Snakemake(cluster, directory, *arguments, *ONE_THREAD, *files, **site)


def finish(started: list[Snakemake]) -> None:
    """End runs that a failed test has left, and their jobs."""
    for run in started:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()
        if jobs := run.jobs():
            run.cluster.run("scancel", *jobs, check=False)


def checkout(directory: Path) -> Path:
    """A copy of what a user checks out, to run in."""
    listed = subprocess.run(
        ["git", "ls-files", "slurm", "profiles", *CHECKOUT],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, directory / name, follow_symlinks=False)
    return directory
