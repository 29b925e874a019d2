"""kill -9 at random moments, of the rules' processes and of Snakemake, until a run is finished."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

from tests.faults.ledger import Ledger
from tests.faults.pipeline import Pipeline, Process, Start, durations, end

SEED = 20240401
# Jobs that a start finishes before Snakemake is killed; then it may run to its end.
JOBS_UNTIL_KILL = (5, 7, 5)
ANALYSES_UNTIL_KILL = 12
LEAST_JOBS_KILLED, LEAST_ANALYSES_KILLED = 20, 21
SECONDS_MORE = 0.6
SAME = "every table, model and figure the same, bit for bit; nothing half-made is left"


class Reaper:
    """Kills processes at a random moment of their processor time, each job or each rule once."""

    def __init__(self, seconds: dict[str, float], once: Callable[[Process], str]) -> None:
        """seconds: what each rule takes undisturbed. once: what is killed one time only."""
        self.seconds = seconds
        self.once = once
        self.moments: dict[str, float] = {}
        self.killed: list[str] = []

    def look(self, start: Start) -> bool:
        """Kill what has reached its moment; never more to wait for."""
        for process in start.scripts():
            key = self.once(process)
            if key not in self.moments:
                draw = random.Random(f"{SEED}/{key}").uniform(0.05, 0.8)
                self.moments[key] = draw * self.seconds.get(process.rule, 0.5)
            if process.seconds >= self.moments[key] and end(process.pid, signal.SIGKILL):
                self.moments[key] = float("inf")
                self.killed.append(process.rule)
        return False


def test_killed_until_it_is_finished(
    undisturbed: Pipeline, fresh: Callable[[str], Pipeline], ledger: Ledger
) -> None:
    """A job that was killed is tried again by Snakemake, a killed Snakemake by its user."""
    pipeline = fresh("killed")
    reaper = Reaper(durations(undisturbed.results), once=attrgetter("job"))
    draw = random.Random(SEED)
    finished: list[str] = []
    for number, jobs in enumerate(JOBS_UNTIL_KILL):
        start = reaped(pipeline.start("--retries=2"), reaper, jobs, draw.uniform(0, SECONDS_MORE))
        if number % 2:
            start.kill_all()
        else:
            start.kill()
        finished += start.finished()
        if number < 2:  # once after each kind of kill
            status, text = pipeline.run()
            assert status != 0
            assert "--unlock" in text, "a lock that nobody holds is named, with its fix"
        pipeline.unlock()
    last = pipeline.start("--retries=2")
    last.wait_for(lambda: reaper.look(last))
    assert last.finish() == 0, last.text[-4000:]
    finished += last.finished()

    assert pipeline.contents() == undisturbed.contents()
    assert pipeline.leftovers() == []
    twice = [output for output, times in Counter(finished).items() if times > 1]
    assert twice == []
    ledger.record(
        "kill -9 of a rule's process, each rule at a random moment",
        len(reaper.killed),
        "tried again; same results; nothing under a final name that is not whole",
        SAME,
        least=LEAST_JOBS_KILLED,
    )
    ledger.record(
        "kill -9 of Snakemake and all its jobs (as when the power goes)",
        len(JOBS_UNTIL_KILL) // 2,
        "says that the lock is stale and how to take it away; resumes; no finished job runs again",
        f"{SAME}; no job that had finished ran twice",
    )
    ledger.record(
        "kill -9 of Snakemake alone, started again while its jobs still run",
        len(JOBS_UNTIL_KILL) - len(JOBS_UNTIL_KILL) // 2,
        "the same, although old and new processes write the same files",
        f"{SAME}; no job that had finished ran twice",
    )


def test_analyses_killed_until_they_are_finished(
    undisturbed: Pipeline, analysed: Pipeline, tmp_path: Path, ledger: Ledger
) -> None:
    """From the trained model to the report: each rule killed once, and the power gone once."""
    pipeline = undisturbed.copy(tmp_path / "killed")
    reaper = Reaper(durations(analysed.results), once=attrgetter("rule"))
    start = reaped(
        pipeline.start("all", "--retries=2"), reaper, ANALYSES_UNTIL_KILL, SECONDS_MORE / 2
    )
    start.kill_all()
    pipeline.unlock()
    last = pipeline.start("all", "--retries=2")
    last.wait_for(lambda: reaper.look(last))
    assert last.finish() == 0, last.text[-4000:]

    assert pipeline.contents() == analysed.contents()
    assert pipeline.leftovers() == []
    ledger.record(
        "kill -9 of the process of each analysis, figure and report, at a random moment",
        len(reaper.killed),
        "tried again; same results; nothing under a final name that is not whole",
        SAME,
        least=LEAST_ANALYSES_KILLED,
    )
    ledger.record(
        "kill -9 of Snakemake and all analyses at work",
        1,
        "says that the lock is stale and how to take it away; resumes",
        SAME,
    )


def reaped(start: Start, reaper: Reaper, jobs: int, seconds: float) -> Start:
    """A start of which the jobs are killed, until some have finished and some time has passed."""
    start.wait_for(lambda: reaper.look(start) or len(start.finished()) >= jobs)
    until = time.monotonic() + seconds
    start.wait_for(lambda: reaper.look(start) or time.monotonic() > until)
    assert start.process.poll() is None, start.text[-4000:]
    return start
