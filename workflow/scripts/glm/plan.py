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
from glm.device import gpus_here
from glm.errors import GlmError
from glm.estimates import CORE, PEAK, UTILISATION

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


def training_estimate(planned: Iterable[Job], config: Mapping[str, Any]) -> str:
    """How long training takes, from its FLOP: 6 for each weight and gene, forward and backward.

    A training that takes longer than its job may last is resumed in a next start.
    """
    training, flop = config["training"], estimates.training_flop(config)
    gpus = (gpus_here() if config["gpus"] == "auto" else config["gpus"]) * training["nodes"]
    if not gpus:
        return f"train_glm: {flop:.2g} FLOP; {flop / CORE / 3600:,.1f} hours on a processor core"
    hours = flop / (gpus * PEAK * UTILISATION) / 3600
    words = (
        f"train_glm: {flop:.2g} FLOP; {duration(hours)} on {gpus} A100 at half their peak, "
        f"{hours * gpus:,.1f} GPU hours"
    )
    limits = [job.minutes for job in planned if job.rule == "train_glm"]
    limit = training["wall_time"] or next(iter(limits), math.nan)
    if (starts := math.ceil(hours * 60 / limit) if limit > 0 else 1) > 1:
        words += f", in {starts} starts of {limit / 60:.3g} hours each, by itself"
    return words


def duration(hours: float) -> str:
    """Hours, or seconds where those are few."""
    return f"{hours:,.0f} hours" if hours >= 1 else f"{3600 * hours:,.0f} seconds"


def embedding_estimate(config: Mapping[str, Any]) -> str:
    """How long proteins take, of as many genomes as are chosen of RefSeq, or of one; from the
    FLOP: 2 for each weight and residue."""
    if (found := estimates.protein_model(config)) is None:
        return "embed_proteins: the size of the protein model is not known yet"
    genomes = estimates.refseq_genomes(config) or 1
    flop = 2 * found[0] * estimates.PROTEINS * estimates.RESIDUES * genomes
    return (
        f"embed_proteins: {flop:.1g} FLOP for {genomes:,} genome{'s' * (genomes > 1)} like E. coli "
        "K-12's; "
        f"{flop / (PEAK * UTILISATION):,.0f} seconds on an A100 at half its peak, "
        f"{flop / CORE / 3600:,.1f} hours on a processor core"
    )


def show(planned: list[Job], config: Mapping[str, Any]) -> str:
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
        "Forecasts, from what is computed:",
    ]
    if "embed_proteins" in rows.index:
        notes.append(embedding_estimate(config))
    if "train_glm" in rows.index:
        notes.append(training_estimate(planned, config))
    return "\n".join(notes)
