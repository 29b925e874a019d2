"""Panels draw what the tables say, and a figure's caption is in its PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

from glm import figures
from glm.figures import panels
from glm.figures.panels import Style

STYLES = {"gLM": Style("#0072B2", "D"), "chance": Style("#999999", "s")}


@pytest.fixture
def axes() -> Axes:
    figure, axes_of = figures.page("A", 2)
    plt.close(figure)
    return axes_of["A"]


def labels(axes: Axes) -> list[str]:
    return axes.get_legend_handles_labels()[1]


def test_a_dot_stands_in_its_row_with_its_interval(axes: Axes) -> None:
    table = pd.DataFrame(
        {
            "measure": ["b", "a", "a"],
            "method": ["gLM", "gLM", "chance"],
            "value": [0.6, 0.5, 0.1],
            "lower": [0.5, 0.4, np.nan],
            "upper": [0.9, 0.7, np.nan],
        }
    )
    panels.intervals(axes, table, {"a": "first", "b": "second"}, STYLES, "measure", "method")
    glm, chance = axes.lines
    assert glm.get_xdata() == pytest.approx([0.5, 0.6])
    assert np.round(np.asarray(glm.get_ydata(), float)).tolist() == [0, 1]
    assert np.isnan(np.asarray(chance.get_xdata(), float)).tolist() == [False, True]
    assert all(np.abs(np.subtract(glm.get_ydata(), chance.get_ydata())) > 0.2)
    ends = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]  # type: ignore[attr-defined]
    assert ends == [[0.4, 0.7], [0.5, 0.9]]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["first", "second"]
    assert axes.yaxis_inverted()
    assert labels(axes) == ["gLM", "chance"]


def test_a_plane_has_every_point_once_and_n_in_its_legend(axes: Axes) -> None:
    groups = ["gLM"] * 25 + ["chance"] * 4 + ["another"] * 3
    points = pd.DataFrame({"x": range(32), "y": range(32), "group": groups})
    panels.plane(axes, points, "group", STYLES, "UMAP")
    drawn = np.concatenate([np.asarray(each.get_offsets())[:, 0] for each in axes.collections])
    assert sorted(drawn) == list(range(32))
    assert labels(axes) == ["gLM (n = 25)", "chance (n = 4)"]
    assert axes.get_xlabel() == "UMAP 1"


def test_sixteen_groups_are_reported_apart_and_hollow_marks_hide_nothing(axes: Axes) -> None:
    styles = panels.styles_of(f"group {number}" for number in range(16))
    assert len(set(styles.values())) == 16
    points = pd.DataFrame({"x": [1, 2], "y": [1, 2], "group": ["full", "hollow"]})
    shown = {"full": Style("#0072B2"), "hollow": Style("#0072B2", hollow=True)}
    panels.plane(axes, points, "group", shown, "UMAP")
    drawn = [each for each in axes.collections if len(each.get_offsets())]
    filled = {
        float(np.asarray(each.get_offsets())[0, 0]): len(each.get_facecolor()) for each in drawn
    }
    assert filled == {1: 1, 2: 0}


def test_histograms_leave_out_what_is_empty(axes: Axes) -> None:
    values = {"gLM": pd.Series([0.1, 0.2]), "chance": pd.Series([], dtype=float)}
    panels.histogram(axes, values, STYLES, [0, 0.5, 1])
    assert labels(axes) == ["gLM (n = 2)"]


def test_the_caption_stands_under_the_figure_and_in_the_png(tmp_path: Path) -> None:
    figure, caption = figures.nothing("Viruses", "there are none")
    height = figure.get_size_inches()[1]
    figures.save_all({"viruses": (figure, caption)}, tmp_path)
    with Image.open(tmp_path / "viruses.png") as image:
        assert image.text["Description"] == "Nothing could be measured: there are none."  # type: ignore[attr-defined]
        assert image.height > height * figures.DOTS_PER_INCH
    assert (tmp_path / "viruses.pdf").read_bytes().startswith(b"%PDF")
    assert not plt.fignum_exists(figure.number)


def test_a_value_is_said_with_its_interval() -> None:
    row = {"gain": 0.25, "gain_lower": -0.1, "gain_upper": 0.5}
    assert figures.with_interval(row, "gain", "+.2f") == "+0.25 (-0.10 to +0.50)"


def test_long_labels_are_whole(tmp_path: Path) -> None:
    """As where matplotlib arranges the figure for each file anew."""
    figure, axes_of = figures.page("AB", 4)
    words = [f"split at random (the paper)\nlinear, equal dimension {n}" for n in range(8)]
    axes_of["A"].set_yticks(range(8), words)
    figure.savefig(tmp_path / "arranged.png", dpi=figures.DOTS_PER_INCH)
    figures.save(figure, tmp_path, "saved", "A caption.")
    arranged, saved = (left_margin(tmp_path / f"{name}.png") for name in ("arranged", "saved"))
    assert saved == arranged > 4


def left_margin(path: Path) -> int:
    """Columns of a picture that are blank."""
    dark = np.asarray(Image.open(path))[..., :3] < 230
    return int(np.flatnonzero(dark.any((0, 2)))[0])
