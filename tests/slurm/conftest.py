"""The test cluster, and what runs on it while the tests look."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import lacking
from tests.slurm import job_outcomes
from tests.slurm.cluster import Cluster, free_ports, missing
from tests.slurm.runs import SHORT, Snakemake, checkout, finish, pipeline, rules
from tests.small_source import write_source


def start(port: int, accounting: bool) -> Iterator[Cluster]:
    """A cluster that is up for as long as a fixture lives."""
    if reason := missing(accounting):
        lacking(f"no test cluster: {reason}")
    # not in pytest's folder, which is closed to the daemons' own users
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="glm-slurm-")), free_ports(port))
    try:
        yield cluster.up(accounting)
    finally:
        cluster.down()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Six nodes, with accounting."""
    yield from start(16800, accounting=True)


@pytest.fixture(scope="session")
def rough(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snakemake]:
    """The rules that are too large, too long, or need GPUs, on their way."""
    run = rules(cluster, tmp_path_factory.mktemp("rough"))
    yield run
    finish([run])


@pytest.fixture(scope="session")
def whole(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snakemake]:
    """All of the pipeline, submitted from a checkout by the literal command, on its way."""
    directory = checkout(tmp_path_factory.mktemp("whole"))
    write_source(directory / "source")
    run = pipeline(cluster, directory, SHORT)
    yield run
    finish([run])


@dataclass(frozen=True)
class Trainings:
    """Runs by name, and what befalls two of them, in threads."""

    runs: dict[str, Snakemake]
    ended: list[Future[None]]


@pytest.fixture(scope="session")
def trainings(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trainings]:
    """Trainings of one model: let alone, ended from outside, and with too little time."""
    runs = job_outcomes.start(cluster, tmp_path_factory.mktemp("trainings"))
    with ThreadPoolExecutor(2) as threads:
        ended = threads.submit(job_outcomes.end_in_two_ways, runs["ended"])
        short = threads.submit(job_outcomes.run_out_of_time, runs["short"])
        yield Trainings(runs, [ended, short])
        finish(list(runs.values()))


@pytest.fixture
def cluster_without_accounting() -> Iterator[Cluster]:
    """The nodes of another cluster, where sacct is installed but has nothing to ask."""
    yield from start(16810, accounting=False)


@pytest.fixture
def snakemake(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Snakemake]]:
    """Starts Snakemake with the rules of tests/slurm/Snakefile; ends what is left of it."""
    started = []

    def run(*arguments: str, on: Cluster = cluster, **options: Any) -> Snakemake:
        started.append(rules(on, tmp_path, *arguments, **options))
        return started[-1]

    yield run
    finish(started)
