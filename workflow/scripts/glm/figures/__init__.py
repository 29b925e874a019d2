"""The look of all figures: as wide as a page, colours for the colour-blind, captions, PNG and PDF.

A figure is a composition of `glm.figures.panels` on a `page`, and its caption.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm.files import writing

# Okabe and Ito
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#999999"
DIVERGING = "PuOr_r"  # told apart with every kind of colour vision, light in the middle
SEQUENTIAL = "cividis"
DOTS_PER_INCH = 200
WIDTH, TALLEST = 7.2, 9.2  # inches, of a page without its margins and a caption
CAPTION_SIZE = 7.5
CHARACTERS_PER_INCH = 15.5  # of captions
LINE_INCHES = 0.135
LOOK: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.5,
}

plt.rcParams.update(LOOK)

Drawn = tuple[Figure, str]
"""A figure and its caption."""
NOTHING = "Nothing could be measured"
INCOMPLETE = "Incomplete"  # begins the caption of a figure that stands for no panel of the paper


def page(
    layout: str | Sequence[Sequence[str]],
    height: float,
    titles: Mapping[str, str] | None = None,
    **options: Any,
) -> tuple[Figure, dict[str, Axes]]:
    """A figure of a page's width and its panels by name, laid out as in `AB;CC`, or by rows.

    height: inches, without the caption. titles: by letter, which stands before each. options: of
    `Figure.subplot_mosaic`, such as sharey.
    """
    mosaic: Any = layout
    figure, axes_of = plt.subplot_mosaic(
        mosaic, figsize=(WIDTH, height), layout="constrained", **options
    )
    for letter, title in (titles or {}).items():
        axes_of[letter].set_title(f"{letter}   {title}")
    return figure, axes_of


def legend_above(figure: Figure, axes: Axes, columns: int) -> None:
    """One legend for all panels, above them."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=columns)


def with_interval(row: Mapping[str, Any], name: str = "difference", form: str = "+.3f") -> str:
    """A value and its 95 % interval in words, from `name`, `name`_lower and `name`_upper."""
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    return f"{row[name]:{form}} ({lower:{form}} to {upper:{form}})"


def nothing(title: str, reason: str) -> Drawn:
    """In place of a figure: why there is none, and that as its caption."""
    figure, panels = page("A", 1.2)
    panels["A"].axis("off")
    words = textwrap.fill(f"{title}: no figure; {reason}", 70)
    panels["A"].text(0.5, 0.5, words, ha="center", va="center", fontsize=9)
    return figure, f"{NOTHING}: {reason}."


def save_all(drawn: Mapping[str, Drawn], folder: Path) -> None:
    """Write each figure by its name, as `save` does."""
    for name, (figure, caption) in drawn.items():
        save(figure, folder, name, caption)


def save(figure: Figure, folder: Path, name: str, caption: str) -> None:
    """Write NAME.png and NAME.pdf with the caption under the figure, and close it.

    The figure must have the layout engine `constrained`; the caption gets a strip of its own.
    """
    width, height = figure.get_size_inches()
    lines = textwrap.wrap(caption, int(width * CHARACTERS_PER_INCH))
    strip = LINE_INCHES * (len(lines) + 1)
    figure.set_size_inches(width, height + strip)
    share = strip / (height + strip)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg]
    figure.text(
        0.1 / width, share - 0.05 / (height + strip), "\n".join(lines),
        fontsize=CAPTION_SIZE, va="top", ha="left", linespacing=1.25,
    )  # fmt: skip
    figure.dpi = DOTS_PER_INCH  # the width of letters depends on it
    figure.draw_without_rendering()  # arranges it, once for both files
    figure.set_layout_engine(None)
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("png", "pdf"):
        undated = {"CreationDate": None} if suffix == "pdf" else {"Description": caption}
        with writing(folder / f"{name}.{suffix}") as beside:
            figure.savefig(beside, dpi=DOTS_PER_INCH, format=suffix, metadata=undated)
    plt.close(figure)
