"""Figure 2: focal genes in the plane, context-free and contextualised, and group separation."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from glm import figures
from glm.figures import Drawn, panels
from glm.figures.panels import REPRESENTATION_STYLES, Style
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.projection import AXES
from glm.semantics.separation import MEASURES


def compare(
    points: pd.DataFrame,
    by: str,
    styles: Mapping[str, Style],
    layout: str,
    measured: pd.DataFrame,
    rows: Mapping[str, str],
    words: tuple[str, str],
) -> Figure:
    """A: points without context; B: with; C: measures of every representation.

    points, by, styles: of `panels.plane`, with a column representation. measured: columns measure,
    representation, value, lower, upper. words: C's title and horizontal axis.
    """
    titles = {"A": CONTEXT_FREE, "B": CONTEXTUALISED, "C": words[0]}
    figure, axes_of = figures.page("AB;CC", 5.2, titles, height_ratios=(3, 2))
    for axes, name in ((axes_of["A"], CONTEXT_FREE), (axes_of["B"], CONTEXTUALISED)):
        panels.plane(axes, points[points["representation"] == name], by, styles, AXES[layout])
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.06))
    bottom = axes_of["C"]
    panels.intervals(bottom, measured, rows, REPRESENTATION_STYLES, "measure", "representation")
    if "chance" in measured:
        bottom.plot([], [], "x", color=figures.BLACK, markersize=3.5, label="chance")
    bottom.axvline(0, color=figures.GREY, linewidth=0.6)
    bottom.set_xlabel(words[1])
    bottom.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def entry(
    points: pd.DataFrame,
    separation: pd.DataFrame,
    title: str,
    layout: str,
    compared: str,
    left_out: str = "",
) -> Drawn:
    """Context-free beside contextualised, and the measures of all representations."""
    by = "set" if points["set"].nunique() > points["group"].nunique() else "group"
    figure = compare(
        points, by, panels.styles_of(sorted(points[by].unique())), layout, separation,
        {name: textwrap.fill(name, 12) for name in MEASURES}, ("group separation", "separation"),
    )  # fmt: skip
    free = points[points["representation"] == "context-free"]
    different = len(free[["first_component", "second_component"]].round(6).drop_duplicates())
    said = caption(separation, different, title, layout, compared)
    return figure, f"{said} {left_out[:1].upper()}{left_out[1:]}." if left_out else said


def absent(sets: Sequence[Mapping[str, Any]], points: pd.DataFrame) -> str:
    """What begins the caption where a set of an entry has no gene in the figure; else nothing.

    points: rows of `SEMANTIC_POINTS`.
    """
    there = set(points["set"])
    lacking = ", ".join(one["name"] for one in sets if one["name"] not in there)
    return f"{figures.INCOMPLETE}: no gene of {lacking}. " if lacking else ""


def in_words(genes: Mapping[str, int], genomes: Mapping[str, int]) -> str:
    """Genes and genomes that were not compared, by reason; empty if there are none."""
    counted = [f"{why} ({count:,} gene{'s' * (count != 1)})" for why, count in genes.items()]
    counted += [
        f"{count:,} genome{'s' * (count != 1)} {why}" for why, count in genomes.items() if count
    ]
    return f"left out: {', '.join(counted)}" if counted else ""


def caption(
    separation: pd.DataFrame, different: int, title: str, layout: str, compared: str
) -> str:
    """What is drawn, n, and by how much one representation is better than the other."""
    first = separation.iloc[0]
    rows = separation[separation["representation"] == "contextualised"].set_index("measure")
    free = separation[separation["representation"] == "context-free"].iloc[0]
    gains = "; ".join(
        f"{name} {rows.loc[name, 'value']:.2f}, gain over context-free "
        f"{figures.with_interval(rows.loc[name], 'gain', '+.2f')}, p = {rows.loc[name, 'p']:.2g}"
        for name in MEASURES
    )
    shares = (
        f"first two components hold {free['first_share'] + free['second_share']:.0%} "
        f"(context-free) and {rows.iloc[0]['first_share'] + rows.iloc[0]['second_share']:.0%} "
        "(contextualised) of the variance"
    )
    return (
        f"{title}: n = {first['n']:,} genes of {first['units']:,} genomes or assemblies in "
        f"{first['groups']:,} groups, compared by {compared}; {different:,} different context-free "
        f"embeddings, so that genes of one sequence lie on each other in A. Contextualised: "
        f"{gains}. Lines: 95 % intervals over assemblies; crosses: mean over permuted groups. "
        "Measures are taken in all "
        f"dimensions, not in the plane (by {AXES[layout]}; "
        f"{shares})."
    )
