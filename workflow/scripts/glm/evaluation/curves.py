"""Extended Data 1: validation accuracy of gLM (A) and, where it is trained, biLSTM (B)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from glm import figures, tables
from glm.errors import GlmError
from glm.figures import BLACK, BLUE, GREY, VERMILION, Drawn, panels
from glm.figures.panels import Line, Style

# colour for the subcontigs, line for the reading
DATA = {
    "train": ("training", GREY),
    "validation": ("held out", BLUE),
    "reference": ("reference genome", VERMILION),
}
READINGS: dict[str, tuple[str, Line]] = {
    "pseudo_accuracy": ("most likely of four", "-"),
    "pseudo_accuracy_closest": ("closest of four", "--"),
}
BASELINES: dict[str, tuple[str, Line]] = {
    "baseline.chance": ("chance", ":"),
    "baseline.copy_neighbour": ("copied neighbour", "-."),
}
TITLES = {"glm": "gLM", "bilstm": "biLSTM"}


def collect_curves(metrics: Mapping[str, Path]) -> pd.DataFrame:
    """What is drawn, as rows of `CURVES`, from the metrics.parquet of each model.

    Steps without an accuracy are left out. Raises `GlmError` if nothing is left of a model.
    """
    drawn = []
    for model, path in metrics.items():
        rows = tables.read(path, tables.METRICS).to_pandas()
        found = rows.melt(["split", "step", "epoch"], list(READINGS), "measure")
        found = found.dropna(subset="value")
        if found.empty:
            raise GlmError(f"{path}: holds no accuracy; train longer than training.validate_every")
        drawn.append(found.assign(model=model))
    return pd.concat(drawn, ignore_index=True)


def baselines(accuracy: Path) -> dict[str, float]:
    """Pseudo-accuracy of the baselines, most likely reading, on the reference genome; without one
    on the held-out subcontigs."""
    rows = tables.read(accuracy, tables.ACCURACY).to_pandas()
    rows = rows[rows.measure == "pseudo_accuracy"]
    judged = "reference" if "reference" in set(rows.genes_of) else "heldout"
    rows = rows[rows.genes_of == judged]
    return dict(zip(rows.model, rows.value, strict=True))


def caption_of(curves: pd.DataFrame, accuracy: Path, budget: str) -> str:
    """How long the models trained, and how good they are in the end, on how many genes.

    budget: what the biLSTM saw of what the gLM saw, in words; empty without a biLSTM.
    """
    rows = tables.read(accuracy, tables.ACCURACY).to_pandas()
    rows = rows[rows.measure == "pseudo_accuracy"].set_index(["model", "genes_of"])
    said = []
    for model, title in trained(curves).items():
        last = curves[curves.model == model].iloc[-1]
        found = "; ".join(
            f"{100 * rows.value[model, genes_of]:.1f} % of n = {rows.n[model, genes_of]:,} masked "
            f"genes {where}"
            for genes_of, where in (("heldout", "held out"), ("reference", "of the reference"))
            if (model, genes_of) in rows.index
        )
        steps = f"{title}: {last.step:,.0f} steps ({last.epoch:,.1f} epochs)"
        said.append(f"{steps}, in the end {found}" if found else steps)
    words = f"{'. '.join(said)}, most likely of the predictions."
    return f"{words} In all {budget}." if budget else words


def trained(curves: pd.DataFrame) -> dict[str, str]:
    """The models that were trained, and their titles."""
    return {model: title for model, title in TITLES.items() if model in set(curves.model)}


def draw(curves: pd.DataFrame, baselines: Mapping[str, float], caption: str) -> Drawn:
    """The models on the same scale of accuracy; of steps each has its own, from 0."""
    steps, models = curves.groupby("model")["step"].max(), trained(curves)
    named = [f"{title}, {steps[model]:,} steps" for model, title in models.items()]
    titles = dict(zip("AB", named, strict=False))
    figure, axes_of = figures.page("".join(titles), 3.4, titles, sharey=True)
    for axes, model in zip(axes_of.values(), models, strict=True):
        draw_model(axes, curves[curves.model == model], baselines)
    axes_of["A"].set(ylabel="pseudo-accuracy (%)", ylim=(0, None))
    for label, colour in DATA.values():
        panels.line(axes_of["A"], [], [], Style(colour), label)
    for label, line in (*READINGS.values(), *BASELINES.values()):
        panels.line(axes_of["A"], [], [], Style(BLACK, line=line), label)
    figures.legend_above(figure, axes_of["A"], 4)
    return figure, caption


def draw_model(axes: Axes, curves: pd.DataFrame, baselines: Mapping[str, float]) -> None:
    """One panel: a colour for each kind of subcontigs, a line style for each reading."""
    for split, (_, colour) in DATA.items():
        for measure, (_, line) in READINGS.items():
            found = curves[(curves.split == split) & (curves.measure == measure)]
            found = found.sort_values("step")
            panels.line(
                axes, found.step, 100 * found.value, Style(colour, line=line),
                marker="o" if len(found) < 40 else None, markersize=2.5,
            )  # fmt: skip
    for name, (_, line) in BASELINES.items():
        axes.axhline(100 * baselines[name], linestyle=line, color=BLACK, linewidth=1)
    axes.set(xlabel="optimiser steps", xlim=(0, None))
    axes.ticklabel_format(axis="x", style="plain")
    axes.locator_params(axis="x", nbins=6)
