"""Extended Data 1: validation accuracy of gLM (A) and biLSTM (B) while they train."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import matplotlib
import pandas as pd

from glm import tables
from glm.errors import GlmError
from glm.files import writing

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

Style = Literal["-", "--", ":", "-."]
# Okabe and Ito's colours: told apart by the colour-blind, and in grey by their lines
DATA = {
    "train": ("training", "#999999"),
    "validation": ("held out", "#0072B2"),
    "reference": ("reference genome", "#D55E00"),
}
READINGS: dict[str, tuple[str, Style]] = {
    "pseudo_accuracy": ("most likely of four", "-"),
    "pseudo_accuracy_closest": ("closest of four", "--"),
}
BASELINES: dict[str, tuple[str, Style]] = {
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
        for measure in READINGS:
            known = rows[rows[measure].notna()]
            drawn.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "split": known.split,
                        "measure": measure,
                        "step": known.step,
                        "epoch": known.epoch,
                        "value": known[measure],
                    }
                )
            )
        if not any(len(part) for part in drawn[-len(READINGS) :]):
            raise GlmError(f"{path}: holds no accuracy; train longer than training.validate_every")
    return pd.concat(drawn, ignore_index=True)


def baselines_on_reference(accuracy: Path) -> dict[str, float]:
    """Pseudo-accuracy of the baselines on the reference genome, most likely reading."""
    rows = tables.read(accuracy, tables.ACCURACY).to_pandas()
    rows = rows[(rows.genes_of == "reference") & (rows.measure == "pseudo_accuracy")]
    return dict(zip(rows.model, rows.value, strict=True))


def caption_of(curves: pd.DataFrame, accuracy: Path) -> str:
    """How long the models trained, and how good they are in the end, on how many genes."""
    rows = tables.read(accuracy, tables.ACCURACY).to_pandas()
    rows = rows[rows.measure == "pseudo_accuracy"].set_index(["model", "genes_of"])
    said = []
    for model, title in TITLES.items():
        last = curves[curves.model == model].iloc[-1]
        found = "; ".join(
            f"{100 * rows.value[model, genes_of]:.1f} % of n = {rows.n[model, genes_of]:,} masked "
            f"genes {where}"
            for genes_of, where in (("heldout", "held out"), ("reference", "of the reference"))
            if (model, genes_of) in rows.index
        )
        steps = f"{title}: {last.step:,.0f} steps ({last.epoch:,.1f} epochs)"
        said.append(f"{steps}, in the end {found}" if found else steps)
    return ". ".join(said) + ", most likely of the predictions."


def draw(
    curves: pd.DataFrame, baselines: Mapping[str, float], figures: list[Path], caption: str
) -> None:
    """Draw the two panels on the same scale, and save them in every format asked for.

    The caption is kept in the PNG, for the report.
    """
    figure, panels = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    for letter, (model, title), axes in zip("AB", TITLES.items(), panels, strict=True):
        draw_model(axes, curves[curves.model == model], baselines)
        axes.set_title(f"{letter}   {title}", loc="left", fontweight="bold")
        axes.set_xlabel("optimiser steps")
    panels[0].set_ylabel("pseudo-accuracy (%)")
    panels[0].set_ylim(bottom=0)
    figure.legend(
        handles=legend_lines(), loc="outside lower center", ncols=4, frameon=False, fontsize=9
    )
    for path in figures:
        about = {"CreationDate": None} if path.suffix == ".pdf" else {"Description": caption}
        with writing(path) as beside:
            figure.savefig(beside, dpi=200, metadata=about, format=path.suffix[1:])
    plt.close(figure)


def legend_lines() -> list[Line2D]:
    """One line for each colour, and one for each style."""
    colours = [Line2D([], [], color=colour, label=label) for label, colour in DATA.values()]
    styles = [
        Line2D([], [], color="black", linestyle=style, label=label)
        for label, style in (*READINGS.values(), *BASELINES.values())
    ]
    return colours + styles


def draw_model(axes: Axes, curves: pd.DataFrame, baselines: Mapping[str, float]) -> None:
    """One panel: a colour for each kind of subcontigs, a line style for each reading."""
    for split, (_, colour) in DATA.items():
        for measure, (_, style) in READINGS.items():
            curve = curves[(curves.split == split) & (curves.measure == measure)].sort_values(
                "step"
            )
            axes.plot(
                curve.step,
                100 * curve.value,
                style,
                color=colour,
                linewidth=1.6,
                marker="o" if len(curve) < 40 else None,
                markersize=2.5,
            )
    for name, (_, style) in BASELINES.items():
        axes.axhline(100 * baselines[name], linestyle=style, color="black", linewidth=1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.ticklabel_format(axis="x", style="plain")
    axes.locator_params(axis="x", nbins=6)
