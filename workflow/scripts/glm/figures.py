"""The look of the figures: colours for the colour-blind, captions on them, PNG and PDF."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm.files import writing
from glm.inference.names import (
    CONTEXT_FREE,
    CONTEXTUALISED,
    NEIGHBOURS,
    SHUFFLED,
    UNTRAINED,
)

# Okabe and Ito
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#999999"
REPRESENTATION_COLOURS = {
    CONTEXT_FREE: ORANGE,
    CONTEXTUALISED: BLUE,
    UNTRAINED: GREY,
    SHUFFLED: GREEN,
    NEIGHBOURS: PURPLE,
}
DIVERGING = "PuOr_r"  # told apart with every kind of colour vision, light in the middle
SEQUENTIAL = "cividis"
DOTS_PER_INCH = 200
CAPTION_SIZE = 7.5
CHARACTERS_PER_INCH = 15.5  # of captions
LINE_INCHES = 0.135


def tidy(axes: Axes) -> None:
    """Take away the lines that carry nothing."""
    axes.spines[["top", "right"]].set_visible(False)


def panel(axes: Axes, letter: str, title: str) -> None:
    """A panel's letter and title."""
    axes.set_title(f"{letter}   {title}" if letter else title, loc="left", fontsize=9)


def nothing(title: str, reason: str) -> tuple[Figure, str]:
    """In place of a figure: why there is none, and that as its caption."""
    figure, axes = plt.subplots(figsize=(6.4, 1.6), layout="constrained")
    axes.axis("off")
    words = textwrap.fill(f"{title}: no figure; {reason}", 70)
    axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=9)
    return figure, f"Nothing could be measured: {reason}."


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
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("png", "pdf"):
        undated = {"CreationDate": None} if suffix == "pdf" else {"Description": caption}
        with writing(folder / f"{name}.{suffix}") as beside:
            figure.savefig(beside, dpi=DOTS_PER_INCH, format=suffix, metadata=undated)
    plt.close(figure)
