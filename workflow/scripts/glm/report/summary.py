"""The short table at the end of a run: what ran, how good it is, where the figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from glm import tables
from glm.decontamination import headline as decontamination
from glm.errors import NotRunError
from glm.evaluation import headline as evaluation
from glm.model.directory import WEIGHTS
from glm.operons import headline as operons
from glm.paralogs import headline as paralogs
from glm.report.costs import Stage, read_stages
from glm.report.scorecard_text import protein_model_line
from glm.training.outcome import next_commands, verdict

HEADLINES = (decontamination.headline, evaluation.headline, operons.headline, paralogs.headline)
SHOWN_RULES = 15  # the others are one row; the report has all of them


def show(run: Path, console: Console | None = None) -> None:
    """Print what the run under `run` (results/<run>) has; what it has not is left out."""
    console = console or Console()
    stages = read_stages(run / "benchmarks")
    if stages:
        console.print(stage_table(stages))
    said: list[Table | str] = []
    for headline in HEADLINES:
        with suppress(NotRunError):
            said += headline(run)
    for part in said:
        console.print(part, soft_wrap=isinstance(part, str))
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
    if (run / "glm" / WEIGHTS).exists():
        console.print(f"Trained gLM: {run / 'glm'}", style="bold", soft_wrap=True)
        for line in verdict(run):
            console.print(line, soft_wrap=True)
        for line in next_commands(run):
            console.print(f"next: {line}", soft_wrap=True)
    page = run / "report" / "index.html"
    if page.exists():
        console.print(f"Report, opens in a browser: {page}", style="bold", soft_wrap=True)
    if not (stages or figures or said):
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
