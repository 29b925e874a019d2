"""The test cluster, and Snakemake run on it by the shipped profile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.slurm.cluster import ACCOUNT, Cluster, missing, wait_until

ROOT = Path(__file__).parents[2]
SITE = {
    "GLM_ACCOUNT": ACCOUNT,
    "GLM_CPU_PARTITION": "cpu",
    "GLM_GPU_PARTITION": "gpu",
    "GLM_GPU_TYPE": "a100",
    "GLM_CONSTRAINT": "a100",
}
# the profile's own values suit jobs of minutes and hours, these suit jobs of seconds
HASTE = {
    "--slurm-init-seconds-before-status-checks": "2",
    "--max-jobs-per-timespan": "100/1s",
    "--jobs": "6",
}
HASTE_WORDS = [word for option in HASTE.items() for word in option]


class Snakemake:
    """`snakemake --profile slurm` in a directory, running."""

    def __init__(self, cluster: Cluster, directory: Path, *arguments: str, **site: str) -> None:
        self.cluster = cluster
        self.directory = directory
        self.screen = directory / f"screen-{time.monotonic_ns()}.txt"
        path = f"{Path(sys.executable).parent}:{cluster.environment['PATH']}"
        environment = {**cluster.environment, **SITE, **site, "PATH": path, "OMP_NUM_THREADS": "1"}
        with self.screen.open("w") as screen:
            self.process = subprocess.Popen(
                ["snakemake", "--profile", "slurm", *HASTE_WORDS, *arguments],
                cwd=directory,
                env={name: value for name, value in environment.items() if value != "unset"},
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
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

    def wait_for_running(self, jobs: int) -> list[str]:
        """Numbers of its jobs, once `jobs` of them run on the cluster."""
        wait_until(lambda: len(self.cluster.jobs("R")) >= jobs, f"{jobs} jobs run", 60)
        return self.cluster.jobs("R")


def start(port: int, accounting: bool) -> Iterator[Cluster]:
    """A cluster that is up for as long as a fixture lives."""
    if reason := missing(accounting):
        if os.environ.get("CI") == "true":
            pytest.fail(f"the SLURM tests are required here: {reason}")
        pytest.skip(f"no test cluster: {reason}")
    # not in pytest's folder, which is closed to the daemons' own users
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="glm-slurm-")), port)
    try:
        yield cluster.up(accounting)
    finally:
        cluster.down()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Four nodes, with accounting."""
    yield from start(16800, accounting=True)


@pytest.fixture
def cluster_without_accounting() -> Iterator[Cluster]:
    """Four nodes of another cluster, where sacct is installed but has nothing to ask."""
    yield from start(16810, accounting=False)


@pytest.fixture
def snakemake(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Snakemake]]:
    """Starts Snakemake with the rules of tests/slurm/Snakefile; ends what is left of it."""
    started = []

    def run(*arguments: str, on: Cluster = cluster, **site: str) -> Snakemake:
        started.append(rules(on, tmp_path, *arguments, **site))
        return started[-1]

    yield run
    finish(started)


def rules(cluster: Cluster, directory: Path, *arguments: str, **site: str) -> Snakemake:
    """Snakemake on tests/slurm/Snakefile, working in `directory`."""
    if not (directory / "slurm").exists():
        (directory / "slurm").symlink_to(ROOT / "slurm")
    snakefile = str(ROOT / "tests/slurm/Snakefile")
    return Snakemake(cluster, directory, "--snakefile", snakefile, *arguments, **site)


def finish(started: list[Snakemake]) -> None:
    """End runs that a failed test has left."""
    for run in started:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()
        if jobs := run.cluster.jobs():
            run.cluster.run("scancel", *jobs, check=False)


def checkout(directory: Path) -> Path:
    """A copy of what a user checks out, to run in."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "Snakefile",
            "slurm",
            "config",
            "profiles",
            "resources",
            "workflow",
            "envs",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, directory / name, follow_symlinks=False)
    return directory
