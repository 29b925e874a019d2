"""Figure 3C and Extended Data 4, with the controls that they lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm import figures
from glm.enzymes.analysis import ALONE, CLASSIFIERS, FEATURES, SPLITS, WITH_GLM
from glm.enzymes.summary import most_changed
from glm.inference.names import REPRESENTATIONS

COLOURS = {
    features: figures.REPRESENTATION_COLOURS[name]
    for features, name in zip(FEATURES, REPRESENTATIONS, strict=True)
}
MARKERS = dict(zip(FEATURES, "oDsv", strict=True))
MEASURES = {"accuracy": "test accuracy", "micro_average_precision": "micro-averaged precision"}
SPLIT_TITLES = {"stratified": "split at random\n(the paper)", "apart": "homologues\nkept apart"}


def results(table: pd.DataFrame, about: Mapping[str, Any]) -> tuple[Figure, str]:
    """Accuracy and micro-averaged precision of all features, classifier by classifier.

    about: how many proteins had partial numbers, and classes that are too small.
    """
    figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.4), layout="constrained", sharey=True)
    rows = [(split, classifier) for split in SPLITS for classifier in CLASSIFIERS]
    for axes, (measure, title), letter in zip(panels, MEASURES.items(), "AB", strict=True):
        for index, features in enumerate(FEATURES):
            draw_features(axes, table, rows, measure, features, (1.5 - index) * 0.17)
        figures.panel(axes, letter, title)
        figures.tidy(axes)
        axes.set_xlabel(title)
        axes.set_yticks(
            [-place for place in range(len(rows))],
            [f"{SPLIT_TITLES[split]}\n{classifier}" for split, classifier in rows], fontsize=8,
        )  # fmt: skip
        axes.grid(axis="x", color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, fontsize=8, frameon=False)
    tested = table[table["measure"] == "accuracy"].groupby("split")["n"].first()
    gains = "; ".join(gain_in_words(table, split) for split in SPLITS)
    return figure, (
        "Four-level EC numbers told from embeddings. Test proteins: "
        f"n = {tested['stratified']:,} split at random, {tested['apart']:,} with whole clusters of "
        "50 % identity on one side; the mean of "
        f"{table['seeds'].iloc[0]} seeds, 95 % intervals over clusters of test proteins. Gain in "
        f"accuracy of the perceptron by the gLM (paired draws): {gains}. Untrained: a gLM with "
        "random weights. Shuffled: the trained gLM among genes of other subcontigs; both are drawn "
        "anew by each seed. Left out: "
        f"{about['partial_numbers']:,} proteins with partial numbers, "
        f"{about['of_small_classes']:,} of classes that are too small."
    )


def draw_features(
    axes: Axes,
    table: pd.DataFrame,
    rows: list[tuple[str, str]],
    measure: str,
    features: str,
    offset: float,
) -> None:
    """Points with intervals of one kind of features."""
    found = table[(table["measure"] == measure) & (table["features"] == features)]
    ordered = found.set_index(["split", "classifier"]).loc[rows]
    value = ordered["value"].to_numpy(float)
    ends = np.abs(ordered[["lower", "upper"]].to_numpy(float).T - value)
    axes.errorbar(
        value, offset - np.arange(len(rows)), xerr=ends, fmt=MARKERS[features], markersize=4,
        color=COLOURS[features], capsize=2, linewidth=1, label=features,
    )  # fmt: skip


def gain_in_words(table: pd.DataFrame, split: str) -> str:
    """Difference of the perceptron's accuracy with its interval."""
    row = table[
        (table["split"] == split) & (table["classifier"] == "perceptron")
        & (table["features"] == WITH_GLM) & (table["measure"] == "accuracy")
    ].iloc[0]  # fmt: skip
    name = "at random" if split == "stratified" else "homologues apart"
    return (
        f"{row['difference']:+.3f} ({row['difference_lower']:+.3f} to "
        f"{row['difference_upper']:+.3f}) {name}"
    )


def classes(table: pd.DataFrame, minimum_test: int) -> tuple[Figure, str]:
    """F1 with and without the gLM of the classes that gain and that lose most (Figure 3C)."""
    gains, losses = most_changed(table, minimum_test)
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 2.8), layout="constrained", sharey=True)
    for axes, chosen, letter, title in zip(
        panels, (gains, losses), "AB", ("largest gains", "largest losses"), strict=True
    ):
        draw_classes(axes, chosen)
        figures.panel(axes, letter, title)
        figures.tidy(axes)
    panels[0].set_ylabel("F1")
    panels[0].set_ylim(0, 1.05)
    handles, names = panels[0 if len(gains) else 1].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, fontsize=8, frameon=False)
    drawn = pd.concat([gains, losses])
    known = int((drawn["lower"] > 0).sum() + (drawn["upper"] < 0).sum())
    considered = table[(table["split"] == "stratified") & (table["test"] >= minimum_test)]
    return figure, (
        f"EC classes whose F1 changes most with context, of {len(considered):,} classes with at "
        f"least {minimum_test} test proteins (n below each bar pair: proteins tested). Extremes of "
        f"many small classes are extreme by chance too: of the {len(drawn)} shown, the 95 % "
        f"interval of the change leaves out zero for {known}."
    )


def draw_classes(axes: Axes, chosen: pd.DataFrame) -> None:
    """Two bars a class."""
    if chosen.empty:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color="0.4")
        axes.set_xticks([])
        return
    place = np.arange(len(chosen))
    for offset, column, features in (
        (-0.19, "context_free", ALONE),
        (0.19, "contextualised", WITH_GLM),
    ):
        axes.bar(
            place + offset, chosen[column], 0.36, color=COLOURS[features], label=features,
            alpha=0.9,
        )  # fmt: skip
    axes.set_xticks(place, [f"{row.ec}\nn = {row.test}" for row in chosen.itertuples()], fontsize=8)
