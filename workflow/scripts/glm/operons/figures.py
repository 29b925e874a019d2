"""Figure 4A-C, Extended Data 5, and the figures of what the paper lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from sklearn.metrics import precision_recall_curve

from glm import figures
from glm.operons.classification import circular, judged, verdict
from glm.operons.examples import Example
from glm.operons.features import ATTENTION, COMBINED, STRAND_DISTANCE

MODELS = {
    "trained": "trained gLM",
    "untrained": "untrained gLM",
    "shuffled": "trained, genes shuffled",
}
COLOURS = {
    STRAND_DISTANCE: figures.BLACK,
    ATTENTION: figures.BLUE,
    COMBINED: figures.VERMILION,
    "attention, untrained": figures.GREY,
}
STYLES = {STRAND_DISTANCE: "--", ATTENTION: "-", COMBINED: "-.", "attention, untrained": ":"}
FOLD_TITLES = {"shuffled": "folds at random (the paper)", "stretches": "folds by genome stretch"}
PAPER = "attention, as the paper"


def heads(table: pd.DataFrame, labels: str) -> tuple[Figure, str]:
    """Figure 4A: r of each head, layers down, for all pairs and neighbours, model by model."""
    kinds = ["all pairs", "neighbours"]
    models = [model for model in MODELS if (table["model"] == model).any()]
    limit = max(table.loc[table["layer"] > 0, "r"].abs().max(), 0.05)
    height = 1 + 0.1 * table["layer"].max()
    figure, panels = plt.subplots(
        len(models), 2, figsize=(7, 0.8 + height * len(models)), layout="constrained", squeeze=False
    )
    for row, model in zip(panels, models, strict=True):
        for axes, kind in zip(row, kinds, strict=True):
            found = table[(table["model"] == model) & (table["pairs"] == kind)]
            grid = found.pivot(index="layer", columns="head", values="r")
            image = axes.imshow(
                grid, cmap=figures.DIVERGING, vmin=-limit, vmax=limit, aspect="auto"
            )
            best = found.loc[found["r"].abs().idxmax()]
            axes.plot(best["head"] - 1, best["layer"] - 1, "*", color="black", markersize=9)
            figures.panel(axes, "", f"{MODELS[model]}\n{kind}: {best['name']}, r = {best['r']:.2f}")
            axes.set_xticks(range(grid.shape[1]), grid.columns)
            axes.set_yticks(range(grid.shape[0]), grid.index)
            axes.tick_params(labelsize=7)
            axes.set_ylabel("layer", fontsize=8)
    for axes in panels[-1]:
        axes.set_xlabel("head", fontsize=8)
    figure.colorbar(image, ax=panels, label="Pearson's r", shrink=0.6)
    n = {kind: table.loc[table["pairs"] == kind, "n"].iloc[0] for kind in kinds}
    best = {
        kind: (found := table[(table["model"] == "trained") & (table["pairs"] == kind)]).loc[
            found["r"].abs().idxmax()
        ]
        for kind in kinds
    }
    distance = table[table["model"] == "distance"].iloc[0]
    said = "; ".join(
        f"{kind} (n = {n[kind]:,}): {row['name']}, r = {row['r']:.3f} "
        f"({row['lower']:.3f} to {row['upper']:.3f}), Bonferroni-adjusted p "
        + (f"= {row['adjusted_p']:.2g}" if row["adjusted_p"] > 0 else "< 1e-300")
        for kind, row in best.items()
    )
    return figure, (
        f"Correlation of symmetrised attention with operons, head by head (star: the largest). "
        f"Operons: {labels}. Trained gLM, {said}. 1 / distance in genes alone has r = "
        f"{distance['r']:.3f} on all pairs: so much a head has that looks at nothing but nearness. "
        "Intervals (95 %) draw whole transcription units; p takes pairs as independent, as the "
        "paper does."
    )


def precision_recall(
    scores: pd.DataFrame, comparison: pd.DataFrame, labels: str
) -> tuple[Figure, str]:
    """Figure 4C: precision and recall, pooled and fold by fold, both kinds of folds."""
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
    base = scores.loc[scores["features"] == ATTENTION, "same_operon"].mean()
    for letter, (kind, title), axes in zip("AB", FOLD_TITLES.items(), panels, strict=True):
        for name, colour in COLOURS.items():
            found = scores[(scores["features"] == name) & (scores["folds"] == kind)]
            if found.empty:
                continue
            precision, recall, _ = precision_recall_curve(found["same_operon"], found["score"])
            row = comparison[(comparison["features"] == name) & (comparison["folds"] == kind)]
            label = f"{name} ({row['average_precision'].iloc[0]:.3f})"
            axes.plot(recall, precision, STYLES[name], color=colour, label=label, linewidth=1.6)
            if name == ATTENTION:
                for _, fold in found.groupby("fold"):
                    precision, recall, _ = precision_recall_curve(
                        fold["same_operon"], fold["score"]
                    )
                    axes.plot(recall, precision, color=colour, alpha=0.25, linewidth=0.7)
        axes.axhline(base, color=figures.GREY, linewidth=0.8)
        figures.panel(axes, letter, title)
        axes.set_xlabel("recall")
        axes.set_ylim(0, 1.02)
        axes.legend(
            title="average precision", loc="lower left", fontsize=7, title_fontsize=7, frameon=False
        )
        figures.tidy(axes)
    panels[0].set_ylabel("precision")
    n = int(comparison["pairs"].iloc[0])
    return figure, (
        f"Out-of-fold predictions of logistic regressions for n = {n:,} pairs of neighbouring "
        f"genes, {int(comparison['positives'].iloc[0]):,} of them in one operon (grey line: the "
        f"base rate, {base:.3f}). Operons: {labels}. Thin lines: single folds of attention."
        f"{circular(labels)}"
    )


def comparison(table: pd.DataFrame, labels: str) -> tuple[Figure, str]:
    """Average precision of every feature set, with intervals: what attention adds, at a glance."""
    names = list(dict.fromkeys(table["features"]))[::-1]
    figure, axes = plt.subplots(figsize=(7, 0.9 + 0.3 * len(names)), layout="constrained")
    markers = {"shuffled": ("o", figures.SKY, 0.16), "stretches": ("s", figures.BLUE, -0.16)}
    for kind, (marker, colour, shift) in markers.items():
        rows = table[table["folds"] == kind].set_index("features").loc[names]
        place = np.arange(len(names)) + shift
        axes.hlines(place, rows["lower"], rows["upper"], color=colour, linewidth=1.4)
        axes.plot(
            rows["average_precision"], place, marker, color=colour, markersize=5,
            label=FOLD_TITLES[kind], markeredgecolor="black", markeredgewidth=0.4,
        )  # fmt: skip
    axes.axvline(table.loc[table["features"] == "none", "average_precision"].iloc[0],
                 color=figures.GREY, linewidth=0.8)  # fmt: skip
    for row_place, name in enumerate(names):
        if name in COLOURS or name == PAPER:
            axes.axhspan(
                row_place - 0.5, row_place + 0.5, color=figures.YELLOW, alpha=0.15, linewidth=0
            )
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(0, 1.03)
    axes.set_xlabel("average precision, pooled over five folds")
    figure.legend(fontsize=7, frameon=False, loc="outside upper right", ncols=2)
    figures.tidy(axes)
    row = table[(table["features"] == COMBINED) & (table["folds"] == "stretches")].iloc[0]
    return figure, (
        f"Which of n = {int(row['pairs']):,} pairs of neighbouring genes are of one operon "
        f"({int(row['positives']):,} are)? Operons: {labels}. Lines: 95 % intervals, drawing the "
        f"{int(row['units']):,} transcription units whole; grey line: the base rate. Folds by "
        f"stretch: {verdict(table, judged(labels), labels)}.{circular(labels)}"
    )


def calibration(bins: pd.DataFrame, transfer: pd.DataFrame, reference: str) -> tuple[Figure, str]:
    """Predicted against observed frequency, for the reference and for each other genome."""
    genomes = [reference, *(name for name in bins["genome"].unique() if name != reference)]
    figure, panels = plt.subplots(
        1, len(genomes), figsize=(2.9 * len(genomes) + 0.4, 3.2), sharey=True,
        layout="constrained", squeeze=False,
    )  # fmt: skip
    said = []
    for axes, genome in zip(panels[0], genomes, strict=True):
        axes.plot([0, 1], [0, 1], color=figures.GREY, linewidth=0.8)
        for name in (STRAND_DISTANCE, ATTENTION, COMBINED):
            rows = bins[(bins["genome"] == genome) & (bins["features"] == name)]
            axes.plot(
                rows["predicted"], rows["observed"], STYLES[name], marker="o", markersize=3,
                color=COLOURS[name], label=name, linewidth=1.2,
            )  # fmt: skip
        n = int(rows["count"].sum())
        fitted = "out of fold" if genome == reference else "no fitting"
        figures.panel(axes, "", f"{genome}\n{fitted}")
        axes.set_xlabel("predicted probability", fontsize=8)
        figures.tidy(axes)
        judged = transfer[(transfer["genome"] == genome) & transfer["features"].isin(COLOURS)]
        scores = ", ".join(
            f"{row.features} {row.average_precision:.3f}" for row in judged.itertuples()
        )
        said.append(f"{genome}: n = {n:,}" + (f", average precision {scores}" if scores else ""))
    panels[0][0].set_ylabel("share in one operon")
    panels[0][0].legend(fontsize=6.5, frameon=False, loc="upper left")
    labels = " / ".join(dict.fromkeys(transfer["labels"])) or "as in the reference"
    return figure, (
        "Calibration of the operon predictor, in bins of equal count of neighbouring pairs. "
        f"{'. '.join(said)}. Labels of the other genomes: {labels}.{circular(labels)}"
    )


def one_subcontig(
    values: np.ndarray, operon: np.ndarray, layers: int, n_heads: int, name: str
) -> tuple[Figure, str]:
    """Extended Data 5: every head's symmetrised attention for one subcontig.

    values: (pairs, layers x heads) of all its pairs. operon: (genes,), -1 for none.
    """
    genes = len(operon)
    first, second = np.triu_indices(genes, k=1)
    size = 0.75 if layers * n_heads > 60 else 1.1
    figure, panels = plt.subplots(
        layers + 1, n_heads, figsize=(size * n_heads, size * (layers + 1)), layout="constrained",
        squeeze=False,
    )  # fmt: skip
    for index in range(layers * n_heads):
        axes = panels[index // n_heads + 1][index % n_heads]
        grid = np.full((genes, genes), np.nan)
        grid[first, second] = grid[second, first] = values[:, index]
        axes.imshow(grid, cmap=figures.SEQUENTIAL, vmin=0, vmax=np.nanquantile(grid, 0.99))
        axes.set_xticks([])
        axes.set_yticks([])
        if index % n_heads == 0:
            axes.set_ylabel(f"layer {index // n_heads + 1}", fontsize=7)
        if index < n_heads:
            axes.set_title(f"head {index + 1}", fontsize=7)
    same = (operon[:, None] == operon[None]) & (operon >= 0)[:, None]
    truth = panels[0][0]
    truth.imshow(np.where(np.eye(genes, dtype=bool), np.nan, same), cmap="Greys", vmin=0, vmax=1)
    truth.set_title("operons", fontsize=7)
    truth.set_xticks([])
    truth.set_yticks([])
    for axes in panels[0][1:]:
        axes.axis("off")
    return figure, (
        f"All {layers} x {n_heads} attention heads for {name}, n = {genes} genes: symmetrised, "
        "each head on its own scale up to its 99th percentile, depth increasing down the figure. "
        "Top left: which genes are of one operon."
    )


def examples(chosen: Sequence[Example], head: str, labels: str) -> tuple[Figure, str]:
    """Figure 4B: operons (top), the best head between neighbours, and the regression's calls."""
    if not chosen:
        figure, axes = plt.subplots(figsize=(7.5, 1), layout="constrained")
        axes.axis("off")
        return figure, f"No operon lies whole within one subcontig. Operons: {labels}."
    figure, panels = plt.subplots(
        len(chosen), 1, figsize=(7.5, 1.75 * len(chosen)), layout="constrained", squeeze=False
    )
    limit = max((example.attention.max() for example in chosen), default=1)
    wrong = missed = total = 0
    for axes, example in zip(panels[:, 0], chosen, strict=True):
        draw_genes(axes, example)
        called = example.probability > 0.5
        wrong += int((called & ~example.truth).sum())
        missed += int((~called & example.truth).sum())
        total += len(called)
        for place, (truth, attention, probability) in enumerate(
            zip(example.truth, example.attention, example.probability, strict=True)
        ):
            left = place + 0.5
            shade = plt.get_cmap("Blues")(0.05 + 0.9 * attention / limit)
            axes.add_patch(Rectangle((left, 1), 1, 0.7, facecolor=shade, edgecolor="white"))
            colour = "white"
            if probability > 0.5:
                colour = figures.GREEN if truth else figures.VERMILION
            axes.add_patch(
                Rectangle(
                    (left, 0), 1, 0.7, facecolor=colour, edgecolor="grey", linewidth=0.5,
                    hatch="xxx" if probability > 0.5 and not truth else None,
                )
            )  # fmt: skip
            axes.text(
                left + 0.5, 0.35, f"{probability:.2f}", ha="center", va="center", fontsize=6,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
        figures.panel(axes, "", example.name)
    return figure, (
        f"{len(chosen)} random operons of {total + len(chosen)} genes with the genes beside them. "
        f"Operons: {labels}. Top: genes by strand, those of the operon dark. Middle: attention of "
        f"{head} between neighbours (darker is more). Bottom: out-of-fold probability of the "
        f"regression on all heads; called where over one half (green: right; vermilion, hatched: "
        f"false positive). n = {total} pairs; false positives: {wrong}, missed: {missed}."
    )


def draw_genes(axes: Axes, example: Example) -> None:
    """Genes as arrows in their order, with the rows' names."""
    in_operon = example.genes["operon_name"].to_numpy() == example.name
    for place, (forward, inside, name) in enumerate(
        zip(example.genes["forward"], in_operon, example.genes["symbol"], strict=True)
    ):
        tip, tail = (place + 0.45, place - 0.4) if forward else (place - 0.45, place + 0.4)
        neck = tip - 0.25 if forward else tip + 0.25
        corners = [(tail, 2.05), (neck, 2.05), (tip, 2.35), (neck, 2.65), (tail, 2.65)]
        colour = figures.BLUE if inside else "#DDDDDD"
        axes.add_patch(
            Polygon([(x + 0.5, y) for x, y in corners], facecolor=colour, edgecolor="black", lw=0.5)
        )
        axes.text(
            place + 0.5, 2.35, name, ha="center", va="center", fontsize=6, style="italic",
            color="white" if inside else "black",
        )  # fmt: skip
    axes.set_xlim(-0.1, len(example.genes) + 0.1)
    axes.set_ylim(-0.1, 2.8)
    axes.set_yticks([2.35, 1.35, 0.35], ["genes", "attention", "prediction"], fontsize=7)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
