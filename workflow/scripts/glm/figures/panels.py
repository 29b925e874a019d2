"""The panels that all figures are made of; each draws on the axes that it is given."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Polygon

from glm.figures import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SEQUENTIAL, SKY, VERMILION, YELLOW
from glm.inference import names

Line = Literal["-", "--", "-.", ":"]
LAYERS = 10  # of points drawn in turn, so that no group lies on top of another


@dataclass(frozen=True)
class Style:
    """How a group or a method is drawn: marks and lines differ too, so colour is not needed.

    hollow: marks of a plane are outlines, which hide nothing.
    """

    colour: str
    mark: str = "o"
    line: Line = "-"
    hollow: bool = False


COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BLACK, SKY, VERMILION, YELLOW)
MARKS = "osD^vP<X"
PALETTE = tuple(  # the second time a colour comes, it has another mark
    Style(COLOURS[i % 8], MARKS[(i + 4 * (i // 8)) % 8]) for i in range(16)
)
REPRESENTATION_STYLES = {
    names.CONTEXT_FREE: Style(ORANGE, "o", "--"),
    names.CONTEXTUALISED: Style(BLUE, "D"),
    names.UNTRAINED: Style(GREY, "s"),
    names.SHUFFLED: Style(GREEN, "v"),
    names.NEIGHBOURS: Style(PURPLE, "^"),
    names.WITH_NEIGHBOURS: Style(VERMILION, "P"),
    **{
        names.at_equal_dimension(name): Style(colour, marker)
        for name, colour, marker in (
            (names.CONTEXT_FREE, ORANGE, "<"),
            (names.CONTEXTUALISED, BLUE, ">"),
            (names.WITH_GLM, BLUE, "X"),
            (names.WITH_NEIGHBOURS, VERMILION, "P"),
        )
    },
}


def styles_of(groups: Iterable[str]) -> dict[str, Style]:
    """A style for each name; they begin anew after the sixteenth."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(groups)}


def mark_size(points: int) -> float:
    """Area of a mark in square points: smaller where there are more."""
    return float(np.clip(200 / np.sqrt(max(points, 1)), 0.5, 24))


def plane(
    axes: Axes, points: pd.DataFrame, by: str, styles: Mapping[str, Style], layout: str
) -> None:
    """Points (columns x, y) by the group in the column `by`; groups without a style are grey.

    layout: what the axes are, such as UMAP. The legend's entries have n.
    """
    size = mark_size(len(points))
    named = points[by].isin(list(styles))
    axes.scatter(points["x"][~named], points["y"][~named], s=size / 2, color="0.8", linewidths=0)
    mixed = points[named].sample(frac=1, random_state=0)
    for layer in range(LAYERS):
        for name, rows in mixed.iloc[layer::LAYERS].groupby(by):
            style = styles[str(name)]
            axes.scatter(
                rows["x"], rows["y"], s=size, marker=style.mark, alpha=0.8,
                facecolors="none" if style.hollow else style.colour,
                edgecolors=style.colour if style.hollow else "white",
                linewidths=0.25 * np.sqrt(size) if style.hollow else 0.15,
            )  # fmt: skip
    for name, style in styles.items():
        words = f"{textwrap.shorten(name, 44)} (n = {int((points[by] == name).sum()):,})"
        fill = "none" if style.hollow else "full"
        axes.plot([], [], style.mark, color=style.colour, fillstyle=fill, label=words)
    axes.set_xlabel(f"{layout} 1")
    axes.set_ylabel(f"{layout} 2")
    axes.set_xticks([])
    axes.set_yticks([])


def intervals(
    axes: Axes,
    table: pd.DataFrame,
    rows: Mapping[Any, str],
    styles: Mapping[str, Style],
    row: str | list[str],
    by: str,
) -> None:
    """A dot with its interval for each row, downwards, and each method, beside one another.

    table: value by its columns `row` and `by`, and what is there of lower and upper, chance (a
    cross) and deviation (caps). rows: labels.
    """
    if not rows:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color="0.4")
        axes.set_yticks([])
        return
    step = 0.8 / (len(styles) + 1)
    for number, (name, style) in enumerate(styles.items()):
        found = table[table[by] == name].set_index(row)
        if found.empty:
            continue
        found = found.reindex(list(rows))
        at = np.arange(len(rows)) + (number - (len(styles) - 1) / 2) * step
        if "lower" in found:
            axes.hlines(at, found["lower"], found["upper"], color=style.colour, linewidth=1.4)
        axes.plot(found["value"], at, style.mark, color=style.colour, label=name)
        if "deviation" in found:
            axes.errorbar(
                found["value"], at, xerr=found["deviation"], fmt="none", ecolor=BLACK,
                elinewidth=0, capsize=2.5, capthick=0.8, zorder=3,
            )  # fmt: skip
        if "chance" in found:
            axes.plot(found["chance"], at, "x", color=BLACK, markersize=3.5)
    axes.set_yticks(range(len(rows)), list(rows.values()))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)


def line(axes: Axes, x: Any, y: Any, style: Style, label: str | None = None, **more: Any) -> None:
    """One line of a precision-recall, calibration or training panel."""
    axes.plot(x, y, linestyle=style.line, color=style.colour, label=label, **more)


def shares(axes: Axes, across: str, up: str) -> None:
    """Axes that both go from 0 to 1: precision and recall, predicted and observed."""
    axes.set(xlabel=across, ylabel=up, xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))


def bars(
    axes: Axes, rows: Sequence[str], lengths: pd.Series, colours: list[str], filled: pd.Series
) -> None:
    """A bar a row, upwards; hollow where not `filled`."""
    inside = [c if full else "white" for c, full in zip(colours, filled, strict=True)]
    axes.barh(range(len(rows)), lengths, color=inside, edgecolor=colours, linewidth=1.2)
    axes.set_yticks(range(len(rows)), rows)
    axes.axvline(0, color=GREY, linewidth=0.6)


def heat_map(
    axes: Axes,
    grid: pd.DataFrame,
    limits: tuple[float, float],
    colours: str = SEQUENTIAL,
    **options: Any,
) -> AxesImage:
    """A table as colours, with the names of its rows and columns."""
    image = axes.imshow(grid, cmap=colours, vmin=limits[0], vmax=limits[1], **options)
    axes.set_xticks(range(grid.shape[1]), grid.columns)
    axes.set_yticks(range(grid.shape[0]), grid.index)
    axes.spines[:].set_visible(False)
    return image


def histogram(
    axes: Axes,
    values: Mapping[str, pd.Series],
    styles: Mapping[str, Style],
    edges: Sequence[float],
    density: bool = False,
) -> None:
    """Histograms on each other, not stacked; the legend's entries have n."""
    for name, found in values.items():
        if len(found):
            colour, label = styles[name].colour, f"{name} (n = {len(found):,})"
            axes.hist(
                found, edges, density=density, histtype="stepfilled", label=label,
                facecolor=(colour, 0.3), edgecolor=colour,
            )  # fmt: skip


def gene(
    axes: Axes, x: float, y: float, word: str, colour: str, forward: bool = True,
    masked: bool = False, **words: Any,
) -> None:  # fmt: skip
    """A gene as an arrow, 0.85 wide and 0.5 high with its middle at (x, y), and what it is."""
    way = 1 if forward else -1
    corners = [(-0.42, -0.25), (0.18, -0.25), (0.43, 0), (0.18, 0.25), (-0.42, 0.25)]
    axes.add_patch(
        Polygon(
            [(x + way * right, y + up) for right, up in corners], facecolor=colour,
            edgecolor=BLACK, linestyle="--" if masked else "-", linewidth=0.6,
        )
    )  # fmt: skip
    axes.text(x - 0.04 * way, y, word, ha="center", va="center", **words)
