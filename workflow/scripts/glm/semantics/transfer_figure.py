"""Figure 3A and B: annotated and unannotated proteins in the plane, and the transfer potential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm import figures
from glm.projection import AXES

COLOURS = {True: figures.BLUE, False: figures.ORANGE}


def draw(
    points: pd.DataFrame, transfer: pd.DataFrame, about: Mapping[str, Any]
) -> tuple[Figure, str]:
    """A: context-free; B: contextualised; C: potential and precision of every representation."""
    figure, (left, right, bars) = plt.subplots(
        1, 3, figsize=(11.5, 3.7), layout="constrained", width_ratios=(1, 1, 1)
    )
    drawn = points[points["x"].notna()]
    layout = AXES[about["projection"]]
    for axes, letter, name in ((left, "A", "context-free"), (right, "B", "contextualised")):
        scatter(axes, drawn[drawn["representation"] == name], layout)
        figures.panel(axes, letter, name)
    potentials(bars, transfer)
    figures.panel(bars, "C", "annotation transfer")
    return figure, caption(drawn, transfer, about)


def scatter(axes: Axes, points: pd.DataFrame, layout: str) -> None:
    """Points in random order, so that no colour lies on top of the other."""
    mixed = points.sample(frac=1, random_state=0)
    size = float(np.clip(6000 / max(len(mixed), 1), 0.3, 9))
    colours = mixed["annotated"].map(COLOURS)
    axes.scatter(mixed["x"], mixed["y"], s=size, c=colours, alpha=0.6, linewidths=0)
    for annotated, words in ((True, "annotated"), (False, "unannotated")):
        count = int((points["annotated"] == annotated).sum())
        axes.plot([], [], "o", color=COLOURS[annotated], markersize=4,
                  label=f"{words} (n = {count:,})")  # fmt: skip
    axes.legend(fontsize=6.5, frameon=True, framealpha=0.8, edgecolor="none", loc="best")
    axes.set_xlabel(f"{layout} 1", fontsize=8)
    axes.set_ylabel(f"{layout} 2", fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
    figures.tidy(axes)


def potentials(axes: Axes, transfer: pd.DataFrame) -> None:
    """Potential, precision within the radius and at any distance, with intervals."""
    for place, row in transfer.iterrows():
        colour = figures.REPRESENTATION_COLOURS[row["representation"]]
        for name, shift, marker in (("potential", -0.15, "o"), ("precision", 0.15, "s")):
            if not np.isfinite(row[name]):
                continue
            spread = row[f"{name}_deviation"]
            axes.errorbar(row[name], place + shift, xerr=spread, color="black", capsize=2.5,
                          elinewidth=0, capthick=0.8, zorder=3)  # fmt: skip
            axes.hlines(place + shift, row[f"{name}_lower"], row[f"{name}_upper"], color=colour,
                        linewidth=1.6)  # fmt: skip
            axes.plot(row[name], place + shift, marker, color=colour, markersize=5,
                      markerfacecolor=colour if marker == "o" else "white")  # fmt: skip
        axes.plot(row["nearest_precision"], place + 0.15, "|", color="black", markersize=8)
    axes.plot([], [], "o", color="black", markersize=5, label="potential")
    axes.plot([], [], "s", color="black", markerfacecolor="white", markersize=5,
              label="precision within the radius")  # fmt: skip
    axes.plot([], [], "|", color="black", linestyle="none", markersize=8,
              label="precision at any distance")  # fmt: skip
    axes.set_yticks(range(len(transfer)), transfer["representation"].tolist(), fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(-0.02, 1.02)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel("share of proteins", fontsize=8)
    axes.legend(
        fontsize=6.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2
    )
    figures.tidy(axes)


def caption(drawn: pd.DataFrame, transfer: pd.DataFrame, about: Mapping[str, Any]) -> str:
    """n, the promise, and the numbers of both representations."""
    rows = transfer.set_index("representation")
    free, context = rows.loc["context-free"], rows.loc["contextualised"]
    counts = drawn["representation"].value_counts()
    return (
        f"A random {about['share']:.2%} of the corpus, {free['subcontigs']:,.0f} subcontigs: A, "
        f"n = {counts['context-free']:,} proteins; B, the same at n = "
        f"{counts['contextualised']:,} places. C: potential is the share of "
        f"{free['unannotated']:,.0f} unannotated proteins with an annotated one within a radius "
        f"at which transfer between annotated ones is right for {about['target_precision']:.0%} "
        f"(calibrated on {free['calibration']:,.0f}; precision is of {free['hidden']:,.0f} with "
        f"hidden labels). Context-free {free['potential']:.1%}, contextualised "
        f"{context['potential']:.1%} (gain {100 * context['gain']:+.1f} points, "
        f"{100 * context['gain_lower']:+.1f} to {100 * context['gain_upper']:+.1f}). Lines: 95 % "
        "intervals over subcontigs; no precision: no radius keeps the promise. Means of "
        f"{free['seeds']:.0f} seeds (halves of the annotated proteins; of the controls random "
        "weights or shuffled contexts too); black caps: standard deviation over them."
    )
