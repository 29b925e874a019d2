"""Interactive scatter plots of the report: points that tell what they are, and can be searched.

Bokeh draws; the controls beside a plot (what is shown, coloured by what, search) are plain HTML
that templates/report.js joins to the plot's data sources by their names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from bokeh.embed import components
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure
from bokeh.resources import Resources
from matplotlib import colormaps
from matplotlib.colors import to_hex

from glm import tables
from glm.errors import GlmError
from glm.figures import BLUE, GREEN, ORANGE, PURPLE, SEQUENTIAL, SKY, VERMILION
from glm.projection import AXES
from glm.report.captions import Caption, Points

PALETTE = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE)  # each seen on white and on black
OTHER = "#8A8A8A"
SIZE, OPACITY = 6.0, 0.75
HEIGHT = 460  # pixels
MANY = 12  # whole numbers of more values than this are a range, not names
TOOLS = "pan,box_zoom,wheel_zoom,reset"


@dataclass(frozen=True)
class Colouring:
    """How a column colours the points: a colour for each name, or for the ends of a range."""

    column: str
    names: dict[str, str]
    ends: tuple[float, float] | None


@dataclass(frozen=True)
class Plot:
    """An interactive plot: its name, HTML place holder, and what its controls offer."""

    name: str
    div: str
    views: tuple[str, ...]
    toggle: str | None
    colourings: tuple[Colouring, ...]
    hover: tuple[str, ...]
    shown: int
    of: int


def read_points(run: Path, points: Points) -> pd.DataFrame:
    """The columns that the plot needs, of its table and those that are joined to it.

    Raises `GlmError` naming a column that none of them has.
    """
    asked = list(
        dict.fromkeys([*points.axes, *filter(None, [points.toggle]), *points.colour, *points.hover])
    )
    paths = [run / place for place in (points.table, *points.others)]
    known = [pq.read_schema(path).names for path in paths]
    for column in asked:
        if not any(column in names for names in known):
            raise GlmError(
                f"{paths[0]}: no column {column!r}, which the caption names; it has {known[0]}"
            )
    table = pq.read_table(paths[0]).to_pandas()
    for path, names in zip(paths[1:], known[1:], strict=True):
        keys = [name for name in names if name in table]
        wanted = [name for name in names if name in asked and name not in table]
        other = pq.read_table(path, columns=[*keys, *wanted]).to_pandas()
        table = table.merge(other.drop_duplicates(keys), on=keys, how="left", validate="m:1")
    return table[asked]


def thin(table: pd.DataFrame, toggle: str | None, limit: int, seed: int) -> pd.DataFrame:
    """At most `limit` rows, drawn at random with the same share of each value of `toggle`."""
    if len(table) <= limit:
        return table
    if toggle is None:
        return table.sample(limit, random_state=seed).sort_index()
    share = limit / len(table)
    parts = [
        rows.sample(max(1, int(len(rows) * share)), random_state=seed)
        for _, rows in table.groupby(toggle, sort=False)
    ]
    return pd.concat(parts).sort_index()


def colour_by(values: pd.Series) -> tuple[list[str], Colouring]:
    """A colour for each point: the most frequent names get one each, the rest are grey.

    Numbers are coloured along a scale. What is missing is grey.
    """
    column = str(values.name)
    counts_many = pd.api.types.is_integer_dtype(values) and values.nunique() > MANY
    if pd.api.types.is_float_dtype(values) or counts_many:
        known = values.dropna()
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        scaled = (values.to_numpy(float) - low) / (high - low or 1.0)
        scale = colormaps[SEQUENTIAL]
        colours = [OTHER if np.isnan(value) else to_hex(scale(value)) for value in scaled]
        return colours, Colouring(column, {}, (low, high))
    names = values.map(lambda value: "none" if pd.isna(value) else str(value))
    frequent = [name for name in names.value_counts().index if name != "none"]
    chosen = dict(zip(sorted(frequent[: len(PALETTE)]), PALETTE, strict=False))
    rest = len(frequent) - len(chosen)
    legend = dict(chosen)
    if rest:
        legend[f"{rest} others"] = OTHER
    if (names == "none").any():
        legend["none"] = OTHER
    return [chosen.get(name, OTHER) for name in names], Colouring(column, legend, None)


def text(value: object) -> str:
    """A value as it is shown over a point."""
    if isinstance(value, list | np.ndarray):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def source_of(
    rows: pd.DataFrame, points: Points, colours: pd.DataFrame, name: str
) -> ColumnDataSource:
    """What Bokeh draws of one view; report.js finds it by its name and its columns' names.

    colours: of each row, by the column that it is coloured by.
    """
    data: dict[str, object] = {
        "x": rows[points.axes[0]].to_numpy(np.float32),
        "y": rows[points.axes[1]].to_numpy(np.float32),
        "opacity": np.full(len(rows), OPACITY, np.float32),
        "size": np.full(len(rows), SIZE, np.float32),
    }
    data |= {f"about {column}": [text(value) for value in rows[column]] for column in points.hover}
    data |= {f"colour {column}": colours[column].tolist() for column in points.colour}
    return ColumnDataSource(data, name=name)


def axis_names(path: Path, axes: tuple[str, str]) -> tuple[str, str]:
    """What the axes show: the layout's name, where the points were laid out."""
    layout = AXES.get(tables.read_stamp(path).get("parameters", {}).get("projection", ""))
    if layout and axes == ("x", "y"):
        return f"{layout} 1", f"{layout} 2"
    return axes[0].replace("_", " "), axes[1].replace("_", " ")


def scatter(caption: Caption, run: Path, limit: int, seed: int) -> Plot:
    """The interactive twin of a figure, at most `limit` points of it."""
    points = caption.points
    assert points is not None
    table = read_points(run, points)
    whole = len(table)
    table = thin(table.dropna(subset=list(points.axes)), points.toggle, limit, seed)
    views = [(points.toggle or "", table)]
    if points.toggle:
        # the view that was declared first is shown first: context-free, then contextualised
        views = [(str(name), rows) for name, rows in table.groupby(points.toggle, sort=False)]
    coloured = {column: colour_by(table[column]) for column in points.colour}
    colours = pd.DataFrame({column: of for column, (of, _) in coloured.items()}, table.index)
    across, up = axis_names(run / points.table, points.axes)
    plot = figure(
        height=HEIGHT, sizing_mode="stretch_width", tools=TOOLS, active_drag=None,
        x_range=DataRange1d(only_visible=True), y_range=DataRange1d(only_visible=True),
        x_axis_label=across, y_axis_label=up, name=caption.name, output_backend="canvas",
    )  # fmt: skip
    plot.toolbar.logo = None
    renderers: list[DataRenderer] = []
    for number, (_, rows) in enumerate(views):
        name = f"{caption.name}/{number}"
        renderers.append(
            plot.scatter(
                "x", "y", source=source_of(rows, points, colours.loc[rows.index], name),
                size="size", fill_alpha="opacity", line_color=None, visible=number == 0, name=name,
                fill_color=f"colour {points.colour[0]}" if points.colour else BLUE,
            )
        )  # fmt: skip
    shown = [(column, f"@{{about {column}}}") for column in points.hover]
    plot.add_tools(HoverTool(renderers=renderers, tooltips=shown))
    script, div = components(plot, wrap_script=False)
    return Plot(
        name=caption.name,
        div=f"{div}<script>{script}</script>",
        views=tuple(name for name, _ in views),
        toggle=points.toggle,
        colourings=tuple(colouring for _, colouring in coloured.values()),
        hover=points.hover,
        shown=len(table),
        of=whole,
    )


def scale_gradient() -> str:
    """The colours of the scale of numbers, as a CSS gradient."""
    scale = colormaps[SEQUENTIAL]
    return f"linear-gradient(90deg,{','.join(to_hex(scale(at)) for at in np.linspace(0, 1, 7))})"


def library() -> str:
    """Bokeh's JavaScript, to stand in the page: nothing is fetched when the page is opened."""
    raw = Resources(mode="inline", components=["bokeh"], minified=True).js_raw
    return "\n".join(raw).replace("</script", "<\\/script")


def settings(plot: Plot) -> str:
    """What report.js must know of a plot, as JSON."""
    return json.dumps({"name": plot.name, "views": len(plot.views), "hover": list(plot.hover)})
