"""What a run would submit to a cluster, from Snakemake's dry run: rules, jobs, GPUs, hours."""

from __future__ import annotations

import math
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from glm import estimates
from glm.errors import GlmError

# A rule with no output only names targets: it is no job. Those of a group are indented.
BLOCK = re.compile(
    r"^( *)(?:rule|checkpoint) (\w+):\n((?:\1    .*\n)*?\1    output: (?:.*\n)(?:\1    .*\n)*)",
    re.MULTILINE,
)
FIELD = re.compile(r"^ +(\w+): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """One job of the plan: what it asks for at its first attempt."""

    rule: str
    threads: int
    gpus: int
    memory_mb: float
    minutes: float


def dry_run(arguments: Sequence[str]) -> str:
    """What `snakemake --profile slurm --dry-run` prints.

    Raises `GlmError` with Snakemake's last lines if it fails.
    """
    command = ["snakemake", "--profile", "slurm", "--dry-run", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise GlmError(f"{' '.join(command)} ended with status {done.returncode}:\n{last}")
    return done.stdout + done.stderr


def jobs(printed: str) -> list[Job]:
    """The jobs in the print of a dry run."""
    return [job(match[2], match[3]) for match in BLOCK.finditer(printed)]


def job(rule: str, block: str) -> Job:
    """A job from its rule's name and the indented lines below it."""
    fields = dict(FIELD.findall(block))
    listed = (pair.split("=", 1) for pair in fields.get("resources", "").split(", ") if "=" in pair)
    resources = dict(listed)
    on_a_node = re.search(r":(\d+)$", resources.get("gres", "")) or [0, resources.get("gpu", 0)]
    return Job(
        rule=rule,
        threads=int(fields.get("threads", 1)) * int(resources.get("nodes", 1)),
        gpus=int(on_a_node[1]) * int(resources.get("nodes", 1)),
        memory_mb=number(resources.get("mem_mb", "")),
        minutes=number(resources.get("runtime", "")),
    )


def number(value: str) -> float:
    """A resource as a number; NaN for <TBD>, which depends on files that are not made yet."""
    return float(value) if value.isdigit() else math.nan


def table(planned: Iterable[Job]) -> pd.DataFrame:
    """One row a rule, in the order of the run, and the sum.

    `limit_h` is the time limit of the longest job; hours of processors and of GPUs are all jobs at
    their limits, the most that one start of each can be charged for, and no forecast. NaN is not
    known yet; the sums are of what is known.
    """
    frame = pd.DataFrame(planned)
    if frame.empty:
        return frame
    frame["cpu_h_at_most"] = frame.threads * frame.minutes / 60
    frame["gpu_h_at_most"] = (frame.gpus * frame.minutes / 60).where(frame.gpus > 0, 0.0)
    rows = frame.groupby("rule", sort=False).agg(
        jobs=("rule", "size"),
        threads=("threads", "max"),
        gpus=("gpus", "max"),
        memory_gb=("memory_mb", lambda mb: mb.max() / 1000),
        limit_h=("minutes", lambda minutes: minutes.max() / 60),
        cpu_h_at_most=("cpu_h_at_most", lambda hours: hours.sum(skipna=False)),
        gpu_h_at_most=("gpu_h_at_most", lambda hours: hours.sum(skipna=False)),
    )
    largest = rows[["threads", "gpus", "memory_gb", "limit_h"]].max()
    rows.loc["all"] = {**rows[["jobs", "cpu_h_at_most", "gpu_h_at_most"]].sum(), **largest}
    return rows


def starts_of_training(planned: Iterable[Job], config: Mapping[str, Any]) -> list[str]:
    """A line where the gLM's training takes longer than its job may last."""
    costs = estimates.costs(config, estimates.Machine.here(config["gpus"]), None)
    hours = sum(cost.hours for cost in costs if cost.stage == "train_glm")
    limits = [job.minutes for job in planned if job.rule == "train_glm"]
    limit = config["training"]["wall_time"] or next(iter(limits), math.nan)
    starts = math.ceil(hours * 60 / limit) if limit > 0 else 1
    if starts < 2:
        return []
    return [f"train_glm: {starts} jobs of {limit / 60:.3g} hours, each resubmitted by itself"]


def show(planned: list[Job]) -> str:
    """The plan as it is printed."""
    rows = table(planned)
    if rows.empty:
        return "nothing to be done"
    text = rows.to_string(
        float_format=lambda value: f"{value:,.1f}",
        na_rep="?",
        formatters=dict.fromkeys(("jobs", "threads", "gpus"), "{:,.0f}".format),
    )
    notes = [
        text,
        "",
        "Hours are time limits, not forecasts: cpu_h_at_most and gpu_h_at_most are what one start",
        "of every job could be charged for. Most end sooner; one that fails is tried with more.",
        "memory_gb and limit_h: the largest of a rule's jobs, at its first attempt.",
        "Rules that the profile names under `groups` are submitted together, as one job.",
        "?: goes by the size of files that are not made yet, and is in no sum.",
    ]
    return "\n".join(notes)
