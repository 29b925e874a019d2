"""Figure 5, with the controls and the grouped folds that it lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glm import figures
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.projection import AXES
from glm.taxonomy.classification import FEATURES

SHOWN = 8  # labels with a colour of their own; the others are grey
PALETTE = (
    figures.BLUE, figures.VERMILION, figures.GREEN, figures.ORANGE,
    figures.PURPLE, figures.SKY, figures.BLACK, figures.YELLOW,
)  # fmt: skip
MARKERS = "osD^vPX*"
DOMAIN_COLOURS = dict(
    zip(("Bacteria", "Archaea", "Viruses"), (figures.BLUE, figures.ORANGE, figures.GREEN),
        strict=True)
)  # fmt: skip
FOLD_NAMES = {"stratified": "stratified folds (the paper)", "grouped": "folds apart by {group}"}
MARKS = dict(zip(FEATURES, "oDsv", strict=True))


def label_name(label: str) -> str:
    """A column of `TAXONOMY_CONTIGS` in words."""
    return {"taxonomic_class": "class", "accession": "genome"}.get(label, label)


def projection(
    coordinates: pd.DataFrame,
    contigs: pd.DataFrame,
    label: str,
    results: pd.DataFrame,
    layout: str,
) -> tuple[Figure, str]:
    """Figure 5A-D: contigs in the plane, by domain and by label, without and with context."""
    figure, panels = plt.subplots(2, 2, figsize=(7.2, 6), layout="constrained")
    placed = coordinates.merge(contigs, on="subcontig")
    most = contigs[label].value_counts().index[:SHOWN].tolist()
    colours = [
        ("domain", "domain", {d: c for d, c in DOMAIN_COLOURS.items()
                              if (contigs["domain"] == d).any()}),
        (label, label_name(label), dict(zip(most, PALETTE, strict=False))),
    ]  # fmt: skip
    for row, (column, title, palette) in zip(panels, colours, strict=True):
        for axes, features in zip(row, (CONTEXT_FREE, CONTEXTUALISED), strict=True):
            letter = "ABCD"[2 * (column != "domain") + (features == CONTEXTUALISED)]
            scatter(axes, placed[placed["features"] == features], column, palette, AXES[layout])
            figures.panel(axes, letter, f"{features}, by {title}")
        handles, names = row[0].get_legend_handles_labels()
        row[1].legend(handles, names, fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5),
                      frameon=False, markerscale=1.5)  # fmt: skip
    grey = int((~contigs[label].isin(most)).sum())
    widths = silhouettes(results, label_name(label))
    return figure, (
        f"Mean embeddings of n = {len(contigs):,} contigs of {contigs['accession'].nunique():,} "
        f"genomes in the plane (by {AXES[layout]}; the coordinates are stored). {grey:,} contigs "
        f"of other {label_name(label)}es, or of none, are grey. What the eye sees is the layout's; "
        f"in the full space the mean silhouette by {label_name(label)} is {widths}."
    ).replace("genuses", "genera")


def silhouettes(results: pd.DataFrame, task: str) -> str:
    """Silhouettes without and with context and their difference, in words."""
    found = results[
        (results["task"] == task) & (results["measure"] == "silhouette")
    ].set_index("features")  # fmt: skip
    if not {CONTEXT_FREE, CONTEXTUALISED} <= set(found.index):
        return "not measured (too few contigs of a class)"
    gain = found.loc[CONTEXTUALISED]
    return (
        f"{found.loc[CONTEXT_FREE, 'value']:.3f} without context and {gain['value']:.3f} with it "
        f"(difference {gain['difference']:+.3f}, {gain['difference_lower']:+.3f} to "
        f"{gain['difference_upper']:+.3f})"
    )


def scatter(
    axes: Axes, placed: pd.DataFrame, column: str, palette: dict[str, str], name_of_axis: str
) -> None:
    """Points, the rest in grey below."""
    other = placed[~placed[column].isin(palette)]
    axes.scatter(other["x"], other["y"], s=4, color="0.8", linewidths=0)
    for (name, colour), marker in zip(palette.items(), MARKERS, strict=False):
        of = placed[placed[column] == name]
        axes.scatter(of["x"], of["y"], s=9, color=colour, marker=marker, linewidths=0, label=name,
                     alpha=0.8)  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(f"{name_of_axis} 1", fontsize=7)
    axes.set_ylabel(f"{name_of_axis} 2", fontsize=7)


def precision_recall(
    curves: pd.DataFrame, results: pd.DataFrame, label: str, group: str
) -> tuple[Figure, str]:
    """Figure 5E: a curve for each fold, stratified and grouped, and all features' precision."""
    task = label_name(label)
    kinds = [k for k in FOLD_NAMES if ((results["task"] == task) & (results["folds"] == k)).any()]
    figure, panels = plt.subplots(
        1, len(kinds) + 1, figsize=(2.9 * (len(kinds) + 1), 3.2), layout="constrained"
    )
    for axes, kind, letter in zip(panels, kinds, "AB", strict=False):
        of_kind = curves[(curves["task"] == task) & (curves["folds"] == kind)]
        for features, style in ((CONTEXT_FREE, "--"), (CONTEXTUALISED, "-")):
            of_features = of_kind[of_kind["features"] == features]
            for index, (_, curve) in enumerate(of_features.groupby("fold")):
                axes.plot(
                    curve["recall"], curve["precision"], style, linewidth=0.9,
                    color=figures.REPRESENTATION_COLOURS[features],
                    label=features if not index else None,
                )  # fmt: skip
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")
        axes.set_xlim(0, 1.01)
        axes.set_ylim(0, 1.03)
        figures.panel(axes, letter, FOLD_NAMES[kind].format(group=label_name(group)))
        figures.tidy(axes)
        axes.legend(fontsize=7, frameon=False, loc="lower left")
    draw_average_precision(panels[-1], results, task, kinds, label_name(group))
    figures.panel(panels[-1], "ABC"[len(kinds)], "average precision")
    said = "; ".join(gain_in_words(results, task, kind, label_name(group)) for kind in kinds)
    return figure, (
        f"Micro-averaged precision and recall of a logistic regression that tells the {task} of a "
        f"contig, fold by fold (curves), and the average precision of the pooled folds with 95 % "
        f"intervals. {said}. Grouped folds have no {label_name(group)} in two folds. Controls: a "
        "gLM with random weights, and the trained gLM with genes standing among those of other "
        "contigs, both drawn anew for each way of folding."
    )


def draw_average_precision(
    axes: Axes, results: pd.DataFrame, task: str, kinds: list[str], group: str
) -> None:
    """Points with intervals of all features."""
    found = results[(results["task"] == task) & (results["measure"] == "average_precision")]
    for index, features in enumerate(FEATURES):
        rows = found[found["features"] == features].set_index("folds").loc[kinds]
        value = rows["value"].to_numpy()
        ends = np.abs(rows[["lower", "upper"]].to_numpy().T - value)
        axes.errorbar(
            np.arange(len(kinds)) + (index - 1.5) * 0.18, value, yerr=ends, fmt=MARKS[features],
            color=figures.REPRESENTATION_COLOURS[features], markersize=4, capsize=2, linewidth=1,
            label=features,
        )  # fmt: skip
    names = {"stratified": "stratified\n(the paper)", "grouped": f"apart by\n{group}"}
    axes.set_xticks(range(len(kinds)), [names[kind] for kind in kinds], fontsize=8)
    axes.set_xlim(-0.6, len(kinds) - 0.4)
    axes.set_ylim(0, 1.03)
    axes.legend(fontsize=7, frameon=False, loc="lower left")
    figures.tidy(axes)


def gain_in_words(results: pd.DataFrame, task: str, kind: str, group: str) -> str:
    """Gain of average precision by context."""
    row = results[
        (results["task"] == task) & (results["folds"] == kind)
        & (results["features"] == CONTEXTUALISED) & (results["measure"] == "average_precision")
    ].iloc[0]  # fmt: skip
    return (
        f"{FOLD_NAMES[kind].format(group=group)}: n = {row['n']:,} contigs of {row['classes']} "
        f"{task} labels ({row['dropped']:,} left out: no label, or one too small), gain by context "
        f"{row['difference']:+.3f} ({row['difference_lower']:+.3f} to "
        f"{row['difference_upper']:+.3f})"
    )


def confusion(table: pd.DataFrame, label: str) -> tuple[Figure, str]:
    """Figure 5F: which labels are taken for which, with context."""
    task = label_name(label)
    of_task = table[(table["task"] == task) & (table["features"] == CONTEXTUALISED)]
    kind = next(kind for kind in FOLD_NAMES if (of_task["folds"] == kind).any())
    found = of_task[of_task["folds"] == kind]
    grid = found.pivot_table(index="truth", columns="predicted", values="contigs", fill_value=0)
    names = sorted(set(grid.index) | set(grid.columns))
    grid = grid.reindex(index=names, columns=names, fill_value=0)
    totals = grid.sum(1).replace(0, 1)
    share = grid.div(totals, axis=0)
    size = min(max(3.6, 0.22 * len(names) + 2.2), 12)
    figure, axes = plt.subplots(figsize=(size + 0.8, size), layout="constrained")
    image = axes.imshow(share, cmap=figures.SEQUENTIAL, vmin=0, vmax=1)
    fontsize = 8 if len(names) <= 20 else 5
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=fontsize)
    axes.set_yticks(range(len(names)), [f"{n} ({grid.loc[n].sum():.0f})" for n in names],
                    fontsize=fontsize)  # fmt: skip
    if len(names) <= 12:
        for (row, column), value in np.ndenumerate(share.to_numpy()):
            if value:
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7,
                          color="black" if value > 0.5 else "white")  # fmt: skip
    axes.set_xlabel(f"predicted {task}")
    axes.set_ylabel(f"{task} (contigs)")
    figure.colorbar(image, ax=axes, label="share of the row", shrink=0.7)
    n = int(grid.to_numpy().sum())
    return figure, (
        f"Confusion of {task} by logistic regression on contextualised contig embeddings, out of "
        f"fold ({FOLD_NAMES[kind].format(group='')}), n = {n:,} contigs; rows sum to one."
    )


TOO_FEW = "under two labels have a contig for each fold, so there is nothing to tell apart"


def viruses(results: pd.DataFrame) -> tuple[Figure, str]:
    """Viruses against prokaryotes: average precision of all features, fold by fold."""
    kinds = [
        kind for kind in FOLD_NAMES
        if ((results["task"] == "virus") & (results["folds"] == kind)).any()
    ]  # fmt: skip
    if not kinds:
        return figures.nothing(
            "Viruses against prokaryotes",
            "the genomes have too few viral contigs (or none) for the folds",
        )
    figure, axes = plt.subplots(figsize=(4, 3.2), layout="constrained")
    draw_average_precision(axes, results, "virus", kinds, "group")
    axes.set_ylabel("average precision")
    said = "; ".join(gain_in_words(results, "virus", kind, "group") for kind in kinds)
    return figure, f"Viral contigs told from prokaryotic ones by logistic regression. {said}."
