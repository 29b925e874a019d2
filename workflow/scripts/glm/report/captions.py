"""What the report says of a figure: workflow/report/NAME.rst, read here and by Snakemake's report.

A caption is reStructuredText that begins with comments, one fact a line:

    .. title: Attention heads and operons
    .. paper: Figure 4A
    .. alt: What one sees, for those who do not.
    .. tables: operons/attention_heads.parquet operons/comparison.parquet

`paper` is left out where the paper has no such figure. Tables lie under results/<run>. A figure
that is a projection may have an interactive twin, of a table with a row for each point:

    .. points: paralogs/projection.parquet
    .. axes: x y
    .. toggle: protein
    .. colour: kind confidence
    .. hover: pair place

A figure that a user names (an entry of the configuration) need not have a caption of its own: that
of its analysis, the folder under results/<run>, stands in, with `{figure}` for the name.

Further tables in `points` are joined to the first by the columns that they share. `toggle` is the
column whose values are shown one at a time (context-free, contextualised), `colour`
the columns to colour by, `hover` those that are shown and searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from docutils.core import publish_parts

from glm.errors import GlmError

FACT = re.compile(r"^\.\. (\w+): (.+)$", re.MULTILINE)
PANEL = re.compile(r"(\d+)([A-Z]?)(?:-([A-Z]))?$")
REQUIRED = ("title", "alt", "tables")
KNOWN = (*REQUIRED, "paper", "points", "axes", "toggle", "colour", "hover")


@dataclass(frozen=True)
class Points:
    """An interactive scatter plot: its table under results/<run>, and what its columns are for.

    others: tables that are joined to it by the columns that they share.
    """

    table: str
    others: tuple[str, ...]
    axes: tuple[str, str]
    toggle: str | None
    colour: tuple[str, ...]
    hover: tuple[str, ...]


@dataclass(frozen=True)
class Caption:
    """A figure's caption: name (of the file), facts, and text in reStructuredText."""

    name: str
    title: str
    alt: str
    tables: tuple[str, ...]
    paper: str | None
    points: Points | None
    text: str

    @cached_property
    def panels(self) -> tuple[str, ...]:
        """Panels of the paper that it stands for: Figure 2B-C is Figure 2B and Figure 2C."""
        return panels_of(self.paper) if self.paper else ()

    @property
    def section(self) -> str:
        """The paper's figure without the panel."""
        return re.sub(r"(\d+).*$", r"\1", self.paper) if self.paper else "Beyond the paper"

    @cached_property
    def html(self) -> str:
        """The text as HTML."""
        settings = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 5}
        parts = publish_parts(self.text, writer="html5", settings_overrides=settings)
        return str(parts["body"])


def caption_file(folder: Path, place: Path) -> Path:
    """The caption of a figure at a place under results/<run>: its own, or that of its analysis."""
    own = folder / f"{place.stem}.rst"
    return own if own.exists() or len(place.parts) < 2 else folder / f"{place.parts[0]}.rst"


def read_caption(path: Path, figure: str | None = None) -> Caption:
    """Read a caption file; `figure` is the name of the figure, if it is not the file's.

    Raises `GlmError` naming the fact that is missing or unknown.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise GlmError(
            f"{path}: no such caption; a figure of the report needs one (glm/report/captions.py)"
        ) from error
    name = figure or path.stem
    facts = {key: fact.replace("{figure}", name) for key, fact in FACT.findall(content)}
    for fact in REQUIRED:
        if fact not in facts:
            raise GlmError(f"{path}: no line '.. {fact}: …'")
    for fact in facts:
        if fact not in KNOWN:
            raise GlmError(f"{path}: '.. {fact}:' is unknown; known are {', '.join(KNOWN)}")
    if "paper" in facts:
        try:
            panels_of(facts["paper"])
        except ValueError as error:
            raise GlmError(f"{path}: '.. paper:' is neither a figure nor Extended Data") from error
    return Caption(
        name=name,
        title=facts["title"],
        alt=facts["alt"],
        tables=tuple(facts["tables"].split()),
        paper=facts.get("paper"),
        points=points_of(facts, path),
        text=FACT.sub("", content).strip(),
    )


def points_of(facts: dict[str, str], path: Path) -> Points | None:
    """The interactive twin, if the caption tells of one."""
    if "points" not in facts:
        return None
    axes = facts.get("axes", "x y").split()
    if len(axes) != 2 or not facts.get("hover"):
        raise GlmError(f"{path}: points need two axes and columns to hover over")
    table, *others = facts["points"].split()
    return Points(
        table=table,
        others=tuple(others),
        axes=(axes[0], axes[1]),
        toggle=facts.get("toggle"),
        colour=tuple(facts.get("colour", "").split()),
        hover=tuple(facts["hover"].split()),
    )


def panels_of(paper: str) -> tuple[str, ...]:
    """Single panels of "Figure 2B-C", "Figure 4A" or "Extended Data 1"; raises ValueError."""
    kind, _, place = paper.rpartition(" ")
    found = PANEL.match(place)
    if kind not in ("Figure", "Extended Data") or found is None:
        raise ValueError(paper)
    number, first, last = found.groups()
    letters = [chr(code) for code in range(ord(first), ord(last or first) + 1)] if first else [""]
    return tuple(f"{kind} {number}{letter}" for letter in letters)


def paper_order(paper: str | None) -> tuple[int, int, str]:
    """A key that sorts by the paper's order: figures, extended data, what the paper lacks."""
    if paper is None:
        return 2, 0, ""
    kind, _, place = panels_of(paper)[0].rpartition(" ")
    number = re.match(r"\d+", place)
    assert number is not None
    return int(kind != "Figure"), int(number[0]), place[number.end() :]
