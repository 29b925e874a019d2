"""Snakemake started, watched, killed and started again; and what its results are compared by."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pyarrow.parquet as pq
from tests.slurm.cluster import status_of
from tests.small_source import TARGETS
from tests.workflow.small_run import CHECKOUT, ENVIRONMENT

RESULTS = Path("results") / "small"
# One thread each: the machine is small, the models smaller, and sums come out the same.
OPTIONS = ("--cores", "4", "--max-threads", "1", "--rerun-incomplete")
OPTIONS += ("--rerun-triggers", "mtime", "params", "input", "software-env")  # as the profile has it
CONFIGURATION = ("--configfile", "config/demo.yaml", "small.yaml")
PATIENCE = 1800.0  # seconds: a busy machine is no failure
SECONDS_BETWEEN_LOOKS = 0.03
TICKS = os.sysconf("SC_CLK_TCK")
# Wall time and memory are measured, not computed.
MEASURED = {"fetched", "seconds", "subcontigs_per_second", "memory"}
COMPARED = {".parquet", ".safetensors", ".npy", ".png"}


@dataclass(frozen=True)
class Process:
    """A script of a rule at work: its process id, its command line, its job and processor time.

    The job is named by its log: its memory and Snakemake's copy of its script are others when it is
    tried again.
    """

    pid: int
    command: str
    job: str
    seconds: float

    @property
    def rule(self) -> str:
        """The rule, which is named as its script."""
        found = re.search(r"/scripts/(?:tmp\w+\.)?(\w+)\.py", self.command)
        assert found is not None
        return found[1]


class Start:
    """One start of Snakemake, in a session of its own so that its orphans are found."""

    all: ClassVar[list[Start]] = []

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        """Start it; what it says goes to a file."""
        self.output = folder / f"start-{time.monotonic_ns()}.txt"
        with self.output.open("w") as handle:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", *arguments],
                cwd=folder,
                env={**ENVIRONMENT, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
                stdout=handle,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.all.append(self)

    @property
    def text(self) -> str:
        """What Snakemake and its jobs have said so far."""
        return self.output.read_text(errors="replace")

    def finish(self) -> int:
        """Wait for the end; the exit status."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise

    def scripts(self) -> list[Process]:
        """The rules' scripts at work in this session, orphans among them."""
        return [found for pid in session(self.process.pid) if (found := script(pid))]

    def wait_for(self, condition: Callable[[], object]) -> bool:
        """Look until it holds, or Snakemake has ended; whether it held."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                return bool(condition())
            if time.monotonic() > deadline:
                self.kill_all()
                raise TimeoutError(f"what was waited for did not happen: {self.text[-2000:]}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return True

    def kill(self) -> None:
        """SIGKILL of Snakemake alone: its jobs are orphans, and continue."""
        self.process.kill()
        self.process.wait()

    def kill_all(self) -> None:
        """SIGKILL of everything, as when the power goes."""
        self.kill()
        while left := session(self.process.pid):
            for pid in left:
                end(pid, signal.SIGKILL)

    def wait_for_orphans(self) -> None:
        """Wait until nothing of this session is left."""
        deadline = time.monotonic() + PATIENCE
        while session(self.process.pid) and time.monotonic() < deadline:
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def finished(self) -> list[str]:
        """First output of each job that Snakemake says is finished, in their order."""
        outputs: dict[str, str] = {}
        output, done = "", []
        for line in self.text.splitlines():
            if found := re.match(r"    output: ([^,\s]+)", line):
                output = found[1]
            elif found := re.match(r"    jobid: (\d+)", line):
                outputs[found[1]] = output
            elif found := re.match(r"Finished jobid: (\d+) \(Rule: (\w+)\)", line):
                done.append(outputs[found[1]])
        return done


def session(leader: int) -> list[int]:
    """Processes of a session that are not dead yet."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(leader):
            fields = status_of(int(entry.name))
            if fields and int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def script(pid: int) -> Process | None:
    """The process, if it is Python at work on a rule's script."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        file = next((word for word in words[1:4] if "/scripts/" in word), None)
        if file is None or not words[0].endswith("python"):
            return None
        command = " ".join(words)
        is_copy = "/.snakemake/" in f"/{file}"  # which begins with Snakemake's account of the job
        account = Path(f"/proc/{pid}/cwd", file).read_text() if is_copy else command
    except OSError:
        return None
    fields, log = status_of(pid), re.search(r"logs/[\w./-]+\.log", account)
    if not fields or log is None:
        return None
    return Process(pid, command, log[0], (int(fields[11]) + int(fields[12])) / TICKS)


def end(pid: int, number: signal.Signals) -> bool:
    """Send a signal; whether the process was still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@dataclass(frozen=True)
class Pipeline:
    """A folder that Snakemake takes for a checkout, with a small run in it."""

    folder: Path

    @property
    def results(self) -> Path:
        """Where the run's results are."""
        return self.folder / RESULTS

    def start(self, *arguments: str) -> Start:
        """Start Snakemake, for all targets unless others are named."""
        named = arguments and not arguments[0].startswith("-")
        targets = () if named else TARGETS
        return Start(self.folder, [*targets, *arguments, *OPTIONS, *CONFIGURATION])

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run Snakemake to its end: exit status, and what was said."""
        started = self.start(*arguments)
        return started.finish(), started.text

    def unlock(self) -> None:
        """What the message of a stale lock tells the user to do."""
        status, text = self.run("--unlock")
        assert status == 0, text

    def copy(self, folder: Path, results: Path | None = None) -> Pipeline:
        """The same run in another folder, up to date there; its results perhaps on another disk."""
        folder.mkdir()
        if results is not None:
            results.mkdir()
            (folder / "results").symlink_to(results)
        for name in CHECKOUT:
            (folder / name).symlink_to((self.folder / name).resolve())
        (folder / "results").mkdir(exist_ok=True)
        for name in ("source", "logs", ".snakemake", "small.yaml", str(RESULTS)):
            copied = ["cp", "-a", str(self.folder / name), str((folder / name).parent)]
            subprocess.run(copied, check=True)
        return Pipeline(folder)

    def contents(self) -> dict[str, str]:
        """Every file that a later stage or a reader uses: name, and a hash of what it holds."""
        return {
            str(path.relative_to(self.results)): digest(path)
            for path in sorted(self.results.rglob("*"))
            if path.suffix in COMPARED and "state" not in path.parts
        }

    def leftovers(self) -> list[str]:
        """Half-made or hidden files that nobody will remove."""
        return [
            str(path.relative_to(self.results))
            for path in self.results.rglob(".*")
            if path.name != ".snakemake_timestamp"
        ]

    def remove(self, *names: str) -> None:
        """Remove files of the results."""
        for name in names:
            path = self.results / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def digest(path: Path) -> str:
    """A hash of a table's rows without what is measured, or of any other file's bytes."""
    if path.suffix != ".parquet":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    table = pq.read_table(path)
    table = table.drop_columns([name for name in table.column_names if name in MEASURED])
    schema = table.schema.remove_metadata()
    sink = hashlib.sha256(str(schema).encode())
    for column in table.columns:
        sink.update(repr(column.to_pylist()).encode())
    return sink.hexdigest()


def durations(results: Path) -> dict[str, float]:
    """Processor seconds of each rule, from the benchmarks of an undisturbed run."""
    found: dict[str, float] = {}
    folder = results / "benchmarks"
    for path in folder.rglob("*.tsv"):
        rule = path.relative_to(folder).with_suffix("").parts[0]
        seconds = pd.to_numeric(pd.read_csv(path, sep="\t")["cpu_time"], errors="coerce").iloc[-1]
        found[rule] = max(found.get(rule, 0.2), 0.2 if pd.isna(seconds) else float(seconds))
    return found
