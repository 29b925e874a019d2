"""Figure 2: focal genes in the plane, context-free and contextualised, and how well they part."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm import figures
from glm.projection import AXES
from glm.semantics.separation import MEASURES

COLOURS = (
    figures.BLUE, figures.ORANGE, figures.GREEN, figures.PURPLE, figures.BLACK, figures.SKY,
    figures.VERMILION, figures.YELLOW,
)  # fmt: skip
MARKERS = "osD^vP*X"


def styles(names: list[str]) -> dict[str, dict[str, object]]:
    """Colour and marker of each group; both differ, so that colour is not needed."""
    return {
        name: {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        for i, name in enumerate(names)
    }


def scatter(axes: Axes, points: pd.DataFrame, by: str, layout: str) -> None:
    """One representation, its points by group (or set)."""
    size = float(np.clip(1500 / max(len(points), 1), 3, 32))
    of_group = styles(sorted(points[by].unique()))
    for name, rows in points.groupby(by):
        axes.scatter(
            rows["x"], rows["y"], s=size, alpha=0.8, linewidths=0.3, edgecolors="white",
            label=f"{textwrap.shorten(str(name), 44)} (n = {len(rows):,})",
            **of_group[str(name)],  # type: ignore[arg-type]
        )  # fmt: skip
    name = AXES[layout]
    axes.set_xlabel(f"{name} 1", fontsize=8)
    axes.set_ylabel(f"{name} 2", fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
    figures.tidy(axes)


def bars(axes: Axes, separation: pd.DataFrame) -> None:
    """The three measures of every representation, with intervals; crosses are chance."""
    names = list(dict.fromkeys(separation["representation"]))
    for number, name in enumerate(names):
        rows = separation[separation["representation"] == name].set_index("measure")
        for place, measure in enumerate(MEASURES):
            row = rows.loc[measure]
            at = place + (number - (len(names) - 1) / 2) * 0.15
            colour = figures.REPRESENTATION_COLOURS[name]
            axes.vlines(at, row["lower"], row["upper"], color=colour, linewidth=1.6)
            axes.plot(at, row["value"], "o", color=colour, markersize=4.5,
                      label=name if not place else None)  # fmt: skip
            axes.plot(at, row["chance"], "x", color="black", markersize=3.5,
                      label="chance" if not place and name == names[-1] else None)  # fmt: skip
    axes.axhline(0, color=figures.GREY, linewidth=0.6)
    axes.set_xticks(
        range(len(MEASURES)), [textwrap.fill(name, 12) for name in MEASURES], fontsize=8
    )
    axes.tick_params(axis="y", labelsize=8)
    axes.set_ylabel("separation", fontsize=8)
    axes.legend(fontsize=6.5, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figures.tidy(axes)


def entry(
    points: pd.DataFrame,
    separation: pd.DataFrame,
    title: str,
    layout: str,
    compared: str,
    left_out: str = "",
) -> tuple[Figure, str]:
    """Context-free beside contextualised, and the measures of all representations."""
    by = "set" if points["set"].nunique() > points["group"].nunique() else "group"
    figure, (left, right, measures) = plt.subplots(
        1, 3, figsize=(11.5, 4.0), layout="constrained", width_ratios=(1, 1, 1.05)
    )
    for axes, letter, name in ((left, "A", "context-free"), (right, "B", "contextualised")):
        scatter(axes, points[points["representation"] == name], by, layout)
        figures.panel(axes, letter, name)
    left.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.08))
    bars(measures, separation)
    figures.panel(measures, "C", "group separation")
    free = points[points["representation"] == "context-free"]
    different = len(free[["first_component", "second_component"]].round(6).drop_duplicates())
    said = caption(separation, different, title, layout, compared)
    return figure, f"{said} {left_out[:1].upper()}{left_out[1:]}." if left_out else said


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
        f"{rows.loc[name, 'gain']:+.2f} ({rows.loc[name, 'gain_lower']:+.2f} to "
        f"{rows.loc[name, 'gain_upper']:+.2f}), p = {rows.loc[name, 'p']:.2g}"
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
