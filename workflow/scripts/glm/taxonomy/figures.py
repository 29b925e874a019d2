"""Figure 5, with the controls and the grouped folds that it lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from glm import figures
from glm.figures import BLUE, GREEN, ORANGE, WIDTH, Drawn, panels
from glm.figures.panels import PALETTE, REPRESENTATION_STYLES, Style
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED, REPRESENTATIONS
from glm.probes import EQUAL
from glm.projection import AXES
from glm.taxonomy.classification import CLASSIFIERS, LOGISTIC

DOMAIN_STYLES = {
    "Bacteria": Style(BLUE, "o"),
    "Archaea": Style(ORANGE, "s"),
    "Viruses": Style(GREEN, "D"),
}
FOLD_NAMES = {"stratified": "stratified folds (the paper)", "grouped": "folds apart by {group}"}
FOLD_LABELS = {"stratified": "stratified (the paper)", "grouped": "apart by {group}"}
STYLES = {name: REPRESENTATION_STYLES[name] for name in REPRESENTATIONS}
TOO_FEW = "under two labels have a contig for each fold, so there is nothing to tell apart"
CONTROLS = (
    "Equal dimension: the same regression on as many principal components of each embedding, "
    "scaled alike. Nearest neighbours vote with nothing trained. A context-free contig is the mean "
    "of its proteins, and so the mean of their neighbours too."
)
MOST_IN_WORDS = 12  # labels of a confusion matrix whose shares are written out


def label_name(label: str) -> str:
    """A column of `TAXONOMY_CONTIGS` in words."""
    return {"taxonomic_class": "class", "accession": "genome"}.get(label, label)


def projection(
    coordinates: pd.DataFrame,
    contigs: pd.DataFrame,
    label: str,
    results: pd.DataFrame,
    layout: str,
) -> Drawn:
    """Figure 5A-D: contigs in the plane, by domain and by label, without and with context."""
    figure, axes_of = figures.page("AB;CD", 5.6)
    placed = coordinates.merge(contigs, on="subcontig")
    most = contigs[label].value_counts().index[: len(PALETTE)].tolist()
    of_domain = {d: s for d, s in DOMAIN_STYLES.items() if (contigs["domain"] == d).any()}
    colours = {"AB": ("domain", of_domain), "CD": (label, panels.styles_of(most))}
    for letters, (column, styles) in colours.items():
        for letter, features in zip(letters, (CONTEXT_FREE, CONTEXTUALISED), strict=True):
            axes, points = axes_of[letter], placed[placed["features"] == features]
            panels.plane(axes, points, column, styles, AXES[layout])
            axes.set_title(f"{letter}   {features}, by {label_name(column)}")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    grey = int((~contigs[label].isin(most)).sum())
    widths = silhouettes(results, label_name(label))
    return figure, (
        f"Mean embeddings of n = {len(contigs):,} contigs of {contigs['accession'].nunique():,} "
        f"genomes in the plane (by {AXES[layout]}; the coordinates are stored; drawn "
        f"in random order). {grey:,} contigs "
        f"of other {label_name(label)}es, or of none, are grey. What the eye sees is the layout's; "
        f"in the full space the mean silhouette by {label_name(label)} is {widths}."
    ).replace("genuses", "genera")


def silhouettes(results: pd.DataFrame, task: str) -> str:
    """Silhouettes without and with context and their difference, in words."""
    found = results[(results["task"] == task) & (results["measure"] == "silhouette")]
    found = found.set_index("features")
    if not {CONTEXT_FREE, CONTEXTUALISED} <= set(found.index):
        return "not measured (too few contigs of a class)"
    gain = found.loc[CONTEXTUALISED]
    return (
        f"{found.loc[CONTEXT_FREE, 'value']:.3f} without context and {gain['value']:.3f} with it "
        f"(difference {gain['difference']:+.3f}, {gain['difference_lower']:+.3f} to "
        f"{gain['difference_upper']:+.3f})"
    )


def precision_recall(curves: pd.DataFrame, results: pd.DataFrame, label: str, group: str) -> Drawn:
    """Figure 5E: a curve for each fold, stratified and grouped; all average precisions."""
    task, group = label_name(label), label_name(group)
    kinds = folds_of(results, task)
    letters, last = "AB"[: len(kinds)], "ABC"[len(kinds)]
    names = [FOLD_NAMES[kind].format(group=group) for kind in kinds]
    titles = dict(zip(letters + last, [*names, "average precision"], strict=True))
    layout = f"{letters};{last * len(kinds)}"
    figure, axes_of = figures.page(layout, 6.2, titles, height_ratios=(3, 4))
    for letter, kind in zip(letters, kinds, strict=True):
        axes = axes_of[letter]
        of_kind = curves[(curves["task"] == task) & (curves["folds"] == kind)]
        for features in (CONTEXT_FREE, CONTEXTUALISED):
            style = STYLES[features]
            for _, fold in of_kind[of_kind["features"] == features].groupby("fold"):
                panels.line(axes, fold["recall"], fold["precision"], style, linewidth=0.9)
            panels.line(axes, [], [], style, features)
        panels.shares(axes, "recall", "precision")
        axes.legend(loc="lower left")
    draw_average_precision(axes_of[last], results, task, group)
    said = "; ".join(gain_in_words(results, task, kind, group) for kind in kinds)
    return figure, (
        f"Micro-averaged precision and recall of a logistic regression that tells the {task} of a "
        f"contig, fold by fold (curves), and the average precision of the pooled folds with 95 % "
        f"intervals. {said}. Grouped folds have no {group} in two folds. Controls: a "
        "gLM with random weights, and the trained gLM with genes standing among those of other "
        f"contigs, both drawn anew for each way of folding. {CONTROLS}"
    )


def folds_of(table: pd.DataFrame, task: str) -> list[str]:
    """Ways of folding that a task has been judged by."""
    known = set(table.loc[table["task"] == task, "folds"])
    return [kind for kind in FOLD_NAMES if kind in known]


def draw_average_precision(axes: Axes, results: pd.DataFrame, task: str, group: str) -> None:
    """Points with intervals of all features, for each way of folding."""
    found = results[(results["task"] == task) & (results["measure"] == "average_precision")]
    rows = {
        (kind, classifier): f"{FOLD_LABELS[kind].format(group=group)}\n{classifier}"
        for kind in folds_of(results, task)
        for classifier in CLASSIFIERS
    }
    panels.intervals(axes, found, rows, STYLES, ["folds", "classifier"], "features")
    axes.set(xlim=(0, 1.03), xlabel="average precision")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def gain_in_words(results: pd.DataFrame, task: str, kind: str, group: str) -> str:
    """Gain of average precision by context, and at equal dimension."""
    rows = results[
        (results["task"] == task) & (results["folds"] == kind)
        & (results["features"] == CONTEXTUALISED) & (results["measure"] == "average_precision")
    ].set_index("classifier")  # fmt: skip
    row = rows.loc[LOGISTIC]
    return (
        f"{FOLD_NAMES[kind].format(group=group)}: n = {row['n']:,} contigs of {row['classes']} "
        f"{task} labels ({row['dropped']:,} left out: no label, or one too small), gain by context "
        f"{figures.with_interval(row)}, at equal dimension {figures.with_interval(rows.loc[EQUAL])}"
    )


def confusion(table: pd.DataFrame, label: str) -> Drawn:
    """Figure 5F: which labels are taken for which, with context."""
    task = label_name(label)
    of_task = table[(table["task"] == task) & (table["features"] == CONTEXTUALISED)]
    kind = folds_of(of_task, task)[0]
    found = of_task[of_task["folds"] == kind]
    grid = found.pivot_table(index="truth", columns="predicted", values="contigs", fill_value=0)
    names = sorted(set(grid.index) | set(grid.columns))
    grid = grid.reindex(index=names, columns=names, fill_value=0)
    totals = grid.sum(axis=1)
    share = grid.div(totals.replace(0, 1), axis=0)
    share.index = [f"{name} ({totals[name]:.0f})" for name in names]
    figure, axes_of = figures.page("A", min(max(3.6, 0.22 * len(names) + 2.2), WIDTH))
    axes = axes_of["A"]
    image = panels.heat_map(axes, share, (0, 1))
    axes.tick_params(axis="x", rotation=90)
    if len(names) > 20:
        axes.tick_params(labelsize=5)
    if len(names) <= MOST_IN_WORDS:
        for (row, column), value in np.ndenumerate(share.to_numpy()):
            if value:
                colour = "black" if value > 0.5 else "white"
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour)
    axes.set(xlabel=f"predicted {task}", ylabel=f"{task} (contigs)")
    figure.colorbar(image, ax=axes, label="share of the row", shrink=0.7)
    n = int(totals.sum())
    return figure, (
        f"Confusion of {task} by logistic regression on contextualised contig embeddings, out of "
        f"fold ({FOLD_NAMES[kind].format(group='')}), n = {n:,} contigs; rows sum to one."
    )


def viruses(results: pd.DataFrame) -> Drawn:
    """Viruses against prokaryotes: average precision of all features, fold by fold."""
    kinds = folds_of(results, "virus")
    if not kinds:
        return figures.nothing(
            "Viruses against prokaryotes",
            "the genomes have too few viral contigs (or none) for the folds",
        )
    figure, axes_of = figures.page("A", 1 + 1.2 * len(kinds))
    draw_average_precision(axes_of["A"], results, "virus", "group")
    said = "; ".join(gain_in_words(results, "virus", kind, "group") for kind in kinds)
    return (
        figure,
        f"Viral contigs told from prokaryotic ones by logistic regression. {said}. {CONTROLS}",
    )
