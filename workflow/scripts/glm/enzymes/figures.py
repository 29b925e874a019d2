"""Figure 3C and Extended Data 4, with the controls that they lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from glm import figures
from glm.enzymes.analysis import ALONE, CLASSIFIERS, FEATURES, SPLITS, WITH_GLM
from glm.enzymes.summary import most_changed
from glm.figures import Drawn, panels
from glm.inference.names import REPRESENTATIONS

STYLES = {
    features: panels.REPRESENTATION_STYLES[name]
    for features, name in zip(FEATURES, REPRESENTATIONS, strict=True)
}
MEASURES = {
    "accuracy": "test accuracy",
    "micro_average_precision": "micro-averaged average precision",
}
SPLIT_TITLES = {"stratified": "split at random\n(the paper)", "apart": "homologues\nkept apart"}


def results(table: pd.DataFrame, about: Mapping[str, Any]) -> Drawn:
    """Accuracy and micro-averaged average precision of all features, classifier by classifier.

    about: how many proteins had partial numbers, and classes that are too small.
    """
    titles = dict(zip("AB", MEASURES.values(), strict=True))
    figure, axes_of = figures.page("AB", 3.6, titles, sharey=True)
    rows = {
        (split, classifier): f"{SPLIT_TITLES[split]}\n{classifier}"
        for split in SPLITS
        for classifier in CLASSIFIERS
    }
    for axes, (measure, title) in zip(axes_of.values(), MEASURES.items(), strict=True):
        found = table[table["measure"] == measure]
        panels.intervals(axes, found, rows, STYLES, ["split", "classifier"], "features")
        axes.set_xlabel(title)
    figures.legend_above(figure, axes_of["A"], 4)
    tested = table[table["measure"] == "accuracy"].groupby("split")["n"].first()
    gains = "; ".join(gain_in_words(table, split) for split in SPLITS)
    return figure, (
        "Four-level EC numbers predicted from embeddings. Test proteins: "
        f"n = {tested['stratified']:,} split at random, {tested['apart']:,} with whole clusters of "
        "50 % identity on one side; the mean of "
        f"{table['seeds'].iloc[0]} seeds, 95 % intervals over clusters of test proteins. Gain in "
        f"accuracy of the perceptron by the gLM (paired draws): {gains}. Untrained: a gLM with "
        "random weights. Shuffled: the trained gLM among genes of other subcontigs; both are drawn "
        "anew by each seed. Left out: "
        f"{about['partial_numbers']:,} proteins with partial numbers, "
        f"{about['of_small_classes']:,} of classes that are too small."
    )


def gain_in_words(table: pd.DataFrame, split: str) -> str:
    """Difference of the perceptron's accuracy with its interval."""
    row = table[
        (table["split"] == split) & (table["classifier"] == "perceptron")
        & (table["features"] == WITH_GLM) & (table["measure"] == "accuracy")
    ].iloc[0]  # fmt: skip
    name = "at random" if split == "stratified" else "homologues apart"
    return f"{figures.with_interval(row)} {name}"


def classes(table: pd.DataFrame, minimum_test: int) -> Drawn:
    """F1 with and without the gLM of the classes that gain and that lose most (Figure 3C)."""
    chosen = dict(zip("AB", most_changed(table, minimum_test), strict=True))
    titles = {"A": "largest gains", "B": "largest losses"}
    figure, axes_of = figures.page("AB", 1.1 + 0.3 * max(map(len, chosen.values())), titles)
    styles = {name: STYLES[name] for name in (ALONE, WITH_GLM)}
    for letter, found in chosen.items():
        rows = {row.ec: f"{row.ec} (n = {row.test})" for row in found.itertuples()}
        found = found.rename(columns={"context_free": ALONE, "contextualised": WITH_GLM})
        found = found.melt("ec", list(styles), "features")
        panels.intervals(axes_of[letter], found, rows, styles, "ec", "features")
        axes_of[letter].set(xlim=(-0.03, 1.03), xlabel="F1")
    figures.legend_above(figure, axes_of["A" if len(chosen["A"]) else "B"], 2)
    drawn = pd.concat(chosen.values())
    known = int((drawn["lower"] > 0).sum() + (drawn["upper"] < 0).sum())
    considered = table[(table["split"] == "stratified") & (table["test"] >= minimum_test)]
    return figure, (
        f"EC classes whose F1 changes most with context, of {len(considered):,} classes with at "
        f"least {minimum_test} test proteins (n: proteins tested). Extremes of "
        f"many small classes are extreme by chance too: of the {len(drawn)} shown, the 95 % "
        f"interval of the change leaves out zero for {known}."
    )
