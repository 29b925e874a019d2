"""The scorecard as people read it: a sentence, a Markdown page, numbers and intervals as text."""

from __future__ import annotations

import json
import math

import pandas as pd

from glm.report.paper import paper_values
from glm.report.scorecard import NOT_RUN, OTHER_SETTING, note_of


def protein_model_line(scorecard: pd.DataFrame) -> str:
    """Which protein model ran, in a sentence."""
    found = scorecard[scorecard.id == "embedding.model"].iloc[0]
    note = found.note.removesuffix(note_of(paper_values()["embedding.model"])).rstrip("; ")
    if found.status == NOT_RUN:
        return f"Protein model: unknown ({note})."
    words = f"Protein model: {json.loads(found.value)}"
    if found.status == OTHER_SETTING:
        note = note.removeprefix(f"{found.value} instead of {found.paper_value}").lstrip("; ")
        if "no substitute" not in note:
            words += f", no substitute for {json.loads(found.paper_value)}"
    return words + (f" ({note})." if note else ".")


def to_markdown(scorecard: pd.DataFrame, run: str) -> str:
    """The scorecard as a Markdown page."""
    counts = scorecard.status.value_counts()
    lines = [
        f"# Scorecard of run {run}",
        "",
        protein_model_line(scorecard),
        "",
        ", ".join(f"{count} {status}" for status, count in counts.items()) + ".",
        "",
        "| id | in the paper | paper | this run | 95 % interval | n | seed | status | note |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for found in scorecard.to_dict("records"):
        cells = [
            found["id"],
            found["figure"],
            text_of(found["paper_value"]),
            text_of(found["value"]),
            interval_text(found["lower"], found["upper"]),
            "" if pd.isna(found["n"]) else f"{int(found['n']):,} {found['unit']}",
            "" if pd.isna(found["seed"]) else str(int(found["seed"])),
            found["status"],
            found["note"],
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def text_of(value: str | None) -> str:
    """A JSON value as a person writes it; nothing for null."""
    if value is None or value is pd.NA or value != value or value == "null":
        return ""
    found = json.loads(value)
    if isinstance(found, list):
        return ", ".join(map(str, found))
    if isinstance(found, float):
        return f"{found:.4g}"
    return f"{found:,}" if isinstance(found, int) else str(found)


def interval_text(lower: float | None, upper: float | None, digits: int = 4) -> str:
    """An interval, its ends by some digits, or nothing."""
    if lower is None or upper is None or math.isnan(lower):
        return ""
    if max(abs(lower), abs(upper)) >= 10**digits:
        return f"{lower:,.0f} to {upper:,.0f}"
    return f"{lower:.{digits}g} to {upper:.{digits}g}"
