"""The short table at the end of a run: what ran, how good it is, where the figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from glm import tables
from glm.evaluation import budget
from glm.evaluation.accuracies import NAMES, percent, read_evaluation
from glm.report.costs import Stage, read_stages
from glm.report.headlines import operon_table, paralog_table
from glm.report.scorecard import protein_model_line
from glm.training.outcome import next_commands, verdict

COLUMNS = (
    ("held out\nmost likely", "heldout", "pseudo_accuracy"),
    ("held out\nclosest", "heldout", "pseudo_accuracy_closest"),
    ("reference\nmost likely", "reference", "pseudo_accuracy"),
    ("reference\nclosest", "reference", "pseudo_accuracy_closest"),
    ("reference\nabsolute", "reference", "absolute_accuracy"),
)
SHOWN_ASSEMBLIES = 30  # a metagenomic release has thousands
SHOWN_RULES = 15  # the others are one row; the report has all of them


def show(run: Path, console: Console | None = None) -> None:
    """Print what the run under `run` (results/<run>) has; what it has not is left out."""
    console = console or Console()
    stages = read_stages(run / "benchmarks")
    if stages:
        console.print(stage_table(stages))
    removed = run / "decontamination" / "removed_by_assembly.parquet"
    if removed.exists() and (run / "reference").exists():
        names = run / "metagenomes" / "release" / "assemblies.tsv"
        console.print(removed_table(removed, names))
    accuracies = read_evaluation(run / "evaluation", tables.ACCURACY)
    if len(accuracies):
        console.print(accuracy_table(accuracies))
        trainings = [run / model / "metrics.parquet" for model in ("glm", "bilstm")]
        if all(path.exists() for path in trainings):
            console.print(f"Of the training: {budget.said(*trainings)}.", soft_wrap=True)
    for table in (operon_table(run / "operons"), paralog_table(run / "paralogs")):
        if table is not None:
            console.print(table)
    scorecard = run / "report" / "scorecard.parquet"
    if scorecard.exists():
        rows = tables.read(scorecard, tables.SCORECARD).to_pandas()
        counts = rows.status.value_counts()
        console.print(protein_model_line(rows), style="bold", soft_wrap=True)
        console.print(
            f"Scorecard: {scorecard} ("
            + ", ".join(f"{count} {status}" for status, count in counts.items())
            + ")",
            soft_wrap=True,
        )
    figures = Counter(path.parent for path in run.rglob("*.png"))
    for folder, count in sorted(figures.items()):
        console.print(f"Figures: {count} in {folder}/ (PNG, PDF)", soft_wrap=True)
    if (run / "glm" / "model.safetensors").exists():
        console.print(f"Trained gLM: {run / 'glm'}", style="bold", soft_wrap=True)
        for line in verdict(run):
            console.print(line, soft_wrap=True)
        for line in next_commands(run):
            console.print(f"next: {line}", soft_wrap=True)
    page = run / "report" / "index.html"
    if page.exists():
        console.print(f"Report, opens in a browser: {page}", style="bold", soft_wrap=True)
    if not (stages or figures or len(accuracies)):
        console.print(f"{run} holds no results yet")


def stage_table(stages: Sequence[Stage]) -> Table:
    """What ran, with wall time and memory, longest first."""
    table = Table("rule", title="What ran", title_justify="left")
    for name in ("jobs", "wall time", "memory"):
        table.add_column(name, justify="right")
    longest = sorted(stages, key=lambda stage: stage.seconds, reverse=True)
    for stage in longest[:SHOWN_RULES]:
        table.add_row(stage.rule, *sums([stage]))
    if others := longest[SHOWN_RULES:]:
        table.add_row(f"{len(others)} others", *sums(others))
    table.add_row("sum over jobs", *sums(stages))
    return table


def sums(stages: Sequence[Stage]) -> tuple[str, str, str]:
    """Jobs, wall time and largest memory of some rules, as a row of the table has them."""
    memory = max(stage.memory for stage in stages)
    return (
        str(sum(stage.jobs for stage in stages)),
        clock(sum(stage.seconds for stage in stages)),
        f"{memory:,.0f} MB" if memory else "-",
    )


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def removed_table(path: Path, names: Path) -> Table:
    """How many subcontigs of each assembly went, most first; all others in one row.

    names: the release's assemblies.tsv (assembly, name, …), which need not be there.
    """
    rows = tables.read(path, tables.REMOVED_BY_ASSEMBLY).to_pandas()
    known = pd.read_csv(names, sep="\t", index_col="assembly").name if names.exists() else {}
    table = Table("genome", title="Removed as like the reference genome", title_justify="left")
    for name in ("removed", "of subcontigs"):
        table.add_column(name, justify="right")
    for row in rows.head(SHOWN_ASSEMBLIES).itertuples():
        table.add_row(
            known.get(row.assembly, row.assembly), f"{row.removed:,}", f"{row.subcontigs:,}"
        )
    if len(rows) > SHOWN_ASSEMBLIES:
        rest = rows.iloc[SHOWN_ASSEMBLIES:]
        name = f"{len(rest):,} others"
        table.add_row(name, f"{rest.removed.sum():,}", f"{rest.subcontigs.sum():,}")
    table.add_row("all", f"{rows.removed.sum():,}", f"{rows.subcontigs.sum():,}")
    return table


def accuracy_table(accuracies: pd.DataFrame) -> Table:
    """Models and baselines by what they were judged on, in percent with 95 % intervals."""
    table = Table(
        "",
        title="Masked genes that were found, % (± half the 95 % interval)",
        caption="judged: the most likely of four predictions, or the closest of them to the truth; "
        "intervals are over genomes, or subcontigs where those are few, of one training",
        title_justify="left",
        caption_justify="left",
    )
    by_key = accuracies.set_index(["model", "genes_of", "measure"])
    there = set(by_key.index.droplevel("model"))
    columns = [(name, key) for name, *key in COLUMNS if tuple(key) in there]
    for name, _ in columns:
        table.add_column(name, justify="right")
    found = set(accuracies.model)
    for model, name in NAMES.items():
        if model in found:
            keys = [(model, *key) for _, key in columns]
            cells = [percent(by_key.loc[key]) if key in by_key.index else "" for key in keys]
            table.add_row(name, *cells)
    return table
