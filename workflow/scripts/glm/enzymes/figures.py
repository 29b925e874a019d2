"""Figure 3C and Extended Data 4, with the controls that they lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from glm import figures
from glm.enzymes.analysis import ALONE, CLASSIFIERS, FEATURES, PERCEPTRON, SPLITS, WITH_GLM
from glm.enzymes.changes import FALSE_DISCOVERIES, considered, how_chosen, most_changed
from glm.figures import Drawn, panels
from glm.inference.names import REPRESENTATIONS, WITH_NEIGHBOURS
from glm.probes import EQUAL, NEAREST

STYLES = {
    features: panels.REPRESENTATION_STYLES[name]
    for features, name in zip(FEATURES, (*REPRESENTATIONS, WITH_NEIGHBOURS), strict=True)
}
MEASURES = {
    "accuracy": "test accuracy",
    "micro_average_precision": "micro-averaged average precision",
}
SPLIT_TITLES = {"stratified": "split at random (the paper)", "apart": "homologues kept apart"}


def results(table: pd.DataFrame, about: Mapping[str, Any]) -> Drawn:
    """Accuracy and micro-averaged average precision of all features, classifier by classifier.

    about: how many proteins had partial numbers, and classes that are too small.
    """
    titles = dict(zip("AB", MEASURES.values(), strict=True))
    figure, axes_of = figures.page("AB", 6.6, titles, sharey=True)
    rows = {
        (split, classifier): f"{SPLIT_TITLES[split]}\n{classifier}"
        for split in SPLITS
        for classifier in CLASSIFIERS
    }
    for axes, (measure, title) in zip(axes_of.values(), MEASURES.items(), strict=True):
        found = table[table["measure"] == measure]
        panels.intervals(axes, found, rows, STYLES, ["split", "classifier"], "features")
        axes.set_xlabel(title)
    figures.legend_above(figure, axes_of["A"], 3)
    tested = table[table["measure"] == "accuracy"].groupby("split")["n"].first()
    gains = "; ".join(gain_in_words(table, split) for split in SPLITS)
    return figure, (
        "Four-level EC numbers predicted from embeddings. Test proteins: "
        f"n = {tested['stratified']:,} split at random, {tested['apart']:,} with whole clusters of "
        "50 % identity on one side; the mean of "
        f"{table['seeds'].iloc[0]} seeds, 95 % intervals over clusters of test proteins. Gain in "
        f"accuracy of the perceptron by the gLM (paired draws): {gains}. Untrained: a gLM with "
        "random weights. Shuffled: the trained gLM among genes of other subcontigs; both are drawn "
        "anew by each seed. Mean of neighbours: of the other genes' embeddings, without a gLM. "
        f"{NEAREST.capitalize()} vote with nothing trained; {EQUAL}: as many principal components "
        "of all features, scaled alike. Left out: "
        f"{about['partial_numbers']:,} proteins with partial numbers, "
        f"{about['of_small_classes']:,} of classes that are too small."
    )


def gain_in_words(table: pd.DataFrame, split: str) -> str:
    """Difference of the perceptron's accuracy with its interval, and that at equal dimension."""
    rows = table[
        (table["split"] == split) & (table["features"] == WITH_GLM)
        & (table["measure"] == "accuracy")
    ].set_index("classifier")  # fmt: skip
    name = "at random" if split == "stratified" else "homologues apart"
    equal = figures.with_interval(rows.loc[EQUAL])
    return f"{figures.with_interval(rows.loc[PERCEPTRON])} {name} ({EQUAL}: {equal})"


def classes(table: pd.DataFrame, minimum_test: int) -> Drawn:
    """F1 with and without the gLM of the classes that gain and that lose most (Figure 3C)."""
    shown = considered(table, minimum_test)
    chosen = dict(zip("AB", most_changed(shown), strict=True))
    titles = {"A": "largest gains", "B": "largest losses"}
    figure, axes_of = figures.page("AB", 1.2 + 0.45 * max(map(len, chosen.values())), titles)
    kinds = {"context_free": ALONE, "contextualised": WITH_GLM}
    styles = {name: STYLES[name] for name in kinds.values()}
    for letter, found in chosen.items():
        rows = {
            row.ec: f"{row.ec} (n = {row.test})\nfalse discoveries {row.adjusted_p:.2g}"
            for row in found.itertuples()
        }
        of_kinds = pd.concat(
            pd.DataFrame(
                {
                    "ec": found["ec"],
                    "features": name,
                    "value": found[kind],
                    "lower": found[f"{kind}_lower"],
                    "upper": found[f"{kind}_upper"],
                }
            )
            for kind, name in kinds.items()
        )
        panels.intervals(axes_of[letter], of_kinds, rows, styles, "ec", "features")
        axes_of[letter].set(xlim=(-0.03, 1.03), xlabel="F1")
    figures.legend_above(figure, axes_of["A" if len(chosen["A"]) else "B"], 2)
    known = int((shown["adjusted_p"] <= FALSE_DISCOVERIES).sum())
    return figure, (
        f"EC classes whose F1 changes most with context, of {len(shown):,} classes with at least "
        f"{minimum_test} test proteins (n: proteins tested), {how_chosen(shown)}. Lines: 95 % "
        "intervals over clusters of test proteins. Extremes of many small classes are extreme by "
        f"chance too: at a false-discovery rate of {FALSE_DISCOVERIES:.0%} (permutations of the "
        "predictions of whole clusters, Benjamini and Hochberg) "
        f"{known:,} of the {len(shown):,} change."
    )
