"""Figure 4A-C, Extended Data 5, and the figures of what the paper lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from sklearn.metrics import precision_recall_curve

from glm import figures
from glm.figures import BLACK, BLUE, GREY, Drawn, panels
from glm.figures.panels import Style
from glm.inference.names import head_name
from glm.operons.classification import circular, judged, verdict
from glm.operons.examples import Example
from glm.operons.features import ATTENTION, COMBINED, COUPLING, PAPER, STRAND_DISTANCE
from glm.operons.heads import best

MODELS = {
    "trained": "trained gLM",
    "untrained": "untrained gLM",
    "reordered_by_place": "trained, genes reordered",
}
STYLES = {
    STRAND_DISTANCE: Style(BLACK, line="--"),
    PAPER: Style(BLUE),
    ATTENTION: Style(figures.SKY),
    COMBINED: Style(figures.VERMILION, line="-."),
    COUPLING: Style(figures.GREEN, line="--"),
    "attention, untrained": Style(GREY, line=":"),
}
FOLD_TITLES = {"random": "folds at random (the paper)", "stretches": "folds by genome stretch"}
FOLD_STYLES = {
    FOLD_TITLES["random"]: Style(figures.SKY, "o"),
    FOLD_TITLES["stretches"]: Style(BLUE, "s"),
}


def heads(table: pd.DataFrame, labels: str) -> Drawn:
    """Figure 4A: r of each head, layers down, for all pairs and neighbours, model by model."""
    kinds = ["all pairs", "neighbours"]
    models = [model for model in MODELS if (table["model"] == model).any()]
    limit = max(table.loc[table["layer"] > 0, "r"].abs().max(), 0.05)
    figure, axes_of = figures.page(
        [[f"{model}, {kind}" for kind in kinds] for model in models],
        min(0.8 + (1 + 0.1 * table["layer"].max()) * len(models), figures.TALLEST),
    )
    for (model, kind), found in table[table["model"].isin(models)].groupby(["model", "pairs"]):
        axes, strongest = axes_of[f"{model}, {kind}"], best(found)
        grid = found.pivot(index="layer", columns="head", values="r")
        image = panels.heat_map(axes, grid, (-limit, limit), figures.DIVERGING, aspect="auto")
        axes.plot(strongest["head"] - 1, strongest["layer"] - 1, "*", color=BLACK, markersize=9)
        axes.set_title(f"{MODELS[model]}\n{kind}: {strongest['name']}, r = {strongest['r']:.2f}")
        axes.set(xlabel="head", ylabel="layer")
    figure.colorbar(image, ax=list(axes_of.values()), label="Pearson's r", shrink=0.6)
    distance = table[table["model"] == "distance"].iloc[0]
    said = []
    for kind in kinds:
        trained = table[(table["model"] == "trained") & (table["pairs"] == kind)]
        said.append(f"{kind} {in_words(best(trained), best(trained, 'chosen_by'))}")
    return figure, (
        f"Correlation of symmetrised attention with operons, head by head (star: the largest). "
        f"Operons: {labels}. Trained gLM, {'; '.join(said)}. 1 / distance in genes alone has r = "
        f"{distance['r']:.3f} on all pairs: so much a head has that looks at nothing but nearness. "
        "The largest of many is large by chance too: hence the head that is best on every other "
        "stretch of the genome, measured on the rest. "
        "Intervals (95 %) draw whole transcription units; p takes pairs as independent, as the "
        "paper does."
    )


def in_words(strongest: pd.Series, chosen: pd.Series) -> str:
    """The head with the largest r, and one half's best head on the other half of the genome."""
    p = strongest["adjusted_p"]
    return (
        f"(n = {strongest['n']:,}): {strongest['name']}, r = {strongest['r']:.3f} "
        f"({strongest['lower']:.3f} to {strongest['upper']:.3f}), Bonferroni-adjusted p "
        f"{f'= {p:.2g}' if p > 0 else '< 1e-300'}; chosen on one half of the genome, "
        f"{chosen['name']}, r = {chosen['other_half']:.3f} ({chosen['other_half_lower']:.3f} to "
        f"{chosen['other_half_upper']:.3f}) on the other"
    )


def precision_recall(scores: pd.DataFrame, comparison: pd.DataFrame, labels: str) -> Drawn:
    """Figure 4C: precision and recall, pooled and fold by fold, both kinds of folds."""
    titles = dict(zip("AB", FOLD_TITLES.values(), strict=True))
    figure, axes_of = figures.page("AB", 4.3, titles)
    base = scores.loc[scores["features"] == ATTENTION, "same_operon"].mean()
    for axes, kind in zip(axes_of.values(), FOLD_TITLES, strict=True):
        for name, style in STYLES.items():
            found = scores[(scores["features"] == name) & (scores["folds"] == kind)]
            if found.empty:
                continue
            row = comparison[(comparison["features"] == name) & (comparison["folds"] == kind)]
            label = f"{name} ({row['average_precision'].iloc[0]:.3f})"
            draw_curve(axes, found, style, label, linewidth=2.4 if name == PAPER else 1.2)
            for _, fold in found.groupby("fold") if name == PAPER else ():
                draw_curve(axes, fold, style, alpha=0.25, linewidth=0.7)
        axes.axhline(base, color=GREY, linewidth=0.8)
        panels.shares(axes, "recall", "precision")
        axes.legend(title="average precision", loc="upper left", bbox_to_anchor=(0, -0.14))
    n = int(comparison["pairs"].iloc[0])
    return figure, (
        "Out-of-fold predictions of logistic regressions (coupling is a score by itself, nothing "
        f"fitted) for n = {n:,} pairs of neighbouring genes, "
        f"{int(comparison['positives'].iloc[0]):,} of them in one operon (grey line: the base "
        f"rate, {base:.3f}). Operons: {labels}. Bold: the paper's classifier, logistic regression "
        "on all heads as they are; thin: its single folds; the others stand beside it."
        f"{circular(labels)}"
    )


def draw_curve(
    axes: Axes, scores: pd.DataFrame, style: Style, label: str | None = None, **more: float
) -> None:
    """Precision at each recall, of rows of OPERON_SCORES."""
    precision, recall, _ = precision_recall_curve(scores["same_operon"], scores["score"])
    panels.line(axes, recall, precision, style, label, **more)


def comparison(table: pd.DataFrame, labels: str) -> Drawn:
    """Average precision of every feature set, with intervals: what attention adds, at a glance."""
    names = list(dict.fromkeys(table["features"]))
    figure, axes_of = figures.page("A", 0.9 + 0.26 * len(names))
    axes = axes_of["A"]
    panels.intervals(
        axes, table.assign(value=table["average_precision"], folds=table["folds"].map(FOLD_TITLES)),
        {name: name for name in names}, FOLD_STYLES, "features", "folds",
    )  # fmt: skip
    base = table.loc[table["features"] == "none", "average_precision"].iloc[0]
    axes.axvline(base, color=GREY, linewidth=0.8)
    for place, name in enumerate(names):
        if name in STYLES:
            axes.axhspan(place - 0.5, place + 0.5, color=figures.YELLOW, alpha=0.15, linewidth=0)
    axes.set(xlim=(0, 1.03), xlabel="average precision, pooled over five folds")
    figures.legend_above(figure, axes, 2)
    row = table[(table["features"] == COMBINED) & (table["folds"] == "stretches")].iloc[0]
    return figure, (
        f"Which of n = {int(row['pairs']):,} pairs of neighbouring genes are of one operon "
        f"({int(row['positives']):,} are)? Operons: {labels}. Lines: 95 % intervals, drawing the "
        f"{int(row['units']):,} transcription units whole; grey line: the base rate; yellow: "
        "what has a curve in Figure 4C. Folds by "
        f"stretch: {verdict(table, judged(labels), labels)}.{circular(labels)}"
    )


def calibration(bins: pd.DataFrame, transfer: pd.DataFrame, reference: str) -> Drawn:
    """Predicted against observed frequency, for the reference and for each other genome."""
    genomes = [reference, *(name for name in bins["genome"].unique() if name != reference)]
    figure, axes_of = figures.page(
        [genomes], min(figures.WIDTH / len(genomes), 3.5) + 0.5, sharey=True
    )
    said = []
    for genome, axes in axes_of.items():
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
        for name in (STRAND_DISTANCE, ATTENTION, COMBINED):
            rows = bins[(bins["genome"] == genome) & (bins["features"] == name)]
            panels.line(
                axes, rows["predicted"], rows["observed"], STYLES[name], name, marker="o",
                markersize=3,
            )  # fmt: skip
        n = int(rows["count"].sum())
        fitted = "out of fold" if genome == reference else "no fitting"
        axes.set_title(f"{genome}\n{fitted}")
        panels.shares(axes, "predicted probability", "share in one operon")
        axes.label_outer()
        judged = transfer[(transfer["genome"] == genome) & transfer["features"].isin(list(STYLES))]
        scores = ", ".join(
            f"{row.features} {row.average_precision:.3f}" for row in judged.itertuples()
        )
        said.append(f"{genome}: n = {n:,}" + (f", average precision {scores}" if scores else ""))
    figures.legend_above(figure, axes_of[reference], 3)
    labels = " / ".join(dict.fromkeys(transfer["labels"])) or "as in the reference"
    return figure, (
        "Calibration of the operon predictor, in bins of equal count of neighbouring pairs. "
        f"{'. '.join(said)}. Labels of the other genomes: {labels}.{circular(labels)}"
    )


def one_subcontig(
    values: np.ndarray, operon: np.ndarray, layers: int, n_heads: int, name: str
) -> Drawn:
    """Extended Data 5: every head's symmetrised attention for one subcontig.

    values: (pairs, layers x heads) of all its pairs. operon: (genes,), -1 for none.
    """
    genes = len(operon)
    first, second = np.triu_indices(genes, k=1)
    same = (operon[:, None] == operon[None]) & (operon >= 0)[:, None]
    grids = {"operons": np.where(np.eye(genes, dtype=bool), np.nan, same)}
    for index in range(layers * n_heads):
        grid = np.full((genes, genes), np.nan)
        grid[first, second] = grid[second, first] = values[:, index]
        grids[head_name(index // n_heads, index % n_heads)] = grid
    names = [[head_name(layer, head) for head in range(n_heads)] for layer in range(layers)]
    layout = [["operons", *["."] * (n_heads - 1)], *names]
    height = min((figures.WIDTH / n_heads + 0.1) * len(layout), figures.TALLEST)
    figure, axes_of = figures.page(layout, height)
    for title, axes in axes_of.items():
        limit = 1 if title == "operons" else np.nanquantile(grids[title], 0.99)
        colours = "Greys" if title == "operons" else figures.SEQUENTIAL
        axes.imshow(grids[title], cmap=colours, vmin=0, vmax=limit, aspect="auto")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(True)
        axes.set_title(title, fontsize=6, pad=2)
    return figure, (
        f"All {layers} x {n_heads} attention heads for {name}, n = {genes} genes: symmetrised, "
        "each head on its own scale up to its 99th percentile, depth increasing down the figure. "
        "Top left: which genes are of one operon."
    )


def examples(chosen: Sequence[Example], head: pd.Series, labels: str) -> Drawn:
    """Figure 4B: operons (top), the best head between neighbours, and the regression's calls.

    head: its row of ATTENTION_HEADS.
    """
    if not chosen:
        return figures.nothing("Operons", f"none of {labels} lies whole within one subcontig")
    figure, axes_of = figures.page([[example.name] for example in chosen], 1.65 * len(chosen))
    limit = max(example.attention.max() for example in chosen)
    for example in chosen:
        draw_example(axes_of[example.name], example, limit)
    probability = np.concatenate([example.probability for example in chosen])
    truth = np.concatenate([example.truth for example in chosen])
    total, wrong = len(truth), int(((probability > 0.5) & ~truth).sum())
    missed = int(((probability <= 0.5) & truth).sum())
    within = "more" if head["r"] > 0 else "less"
    return figure, (
        f"{len(chosen)} random operons of {total + len(chosen)} genes with the genes beside them. "
        f"Operons: {labels}. Top: genes by strand, those of the operon dark. Middle: attention of "
        f"{head['name']}, of all heads the best over all pairs (r = {head['r']:.2f}: {within} "
        "within operons), between neighbours (darker is more). "
        "Bottom: probability by the paper's classifier (all heads, folds at random); called where "
        "over one half (green: right; vermilion, hatched: false positive). n = "
        f"{total} pairs; false positives: {wrong}, missed: {missed}."
    )


def draw_example(axes: Axes, example: Example, limit: float) -> None:
    """Genes as arrows in their order; below, for each two neighbours, attention and call.

    limit: the attention that is darkest.
    """
    inside = example.genes["operon_name"].to_numpy() == example.name
    for place, (forward, within, name) in enumerate(
        zip(example.genes["forward"], inside, example.genes["symbol"], strict=True)
    ):
        colour, words = (BLUE, "white") if within else ("#DDDDDD", BLACK)
        panels.gene(
            axes, place + 0.5, 2.35, name, colour, forward, color=words, fontsize=6, style="italic"
        )
    for place, (truth, attention, probability) in enumerate(
        zip(example.truth, example.attention, example.probability, strict=True)
    ):
        shade = colormaps["Blues"](0.05 + 0.9 * attention / limit)
        axes.add_patch(Rectangle((place + 0.5, 1), 1, 0.7, facecolor=shade, edgecolor="white"))
        right, wrong = probability > 0.5 and truth, probability > 0.5 and not truth
        axes.add_patch(
            Rectangle(
                (place + 0.5, 0), 1, 0.7, edgecolor="grey", linewidth=0.5,
                facecolor=figures.GREEN if right else figures.VERMILION if wrong else "white",
                hatch="xxx" if wrong else None,
            )
        )  # fmt: skip
        axes.text(
            place + 1, 0.35, f"{probability:.2f}", ha="center", va="center", fontsize=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip
    axes.set(xlim=(-0.1, len(example.genes) + 0.1), ylim=(-0.1, 2.8), xticks=[])
    axes.set_yticks([2.35, 1.35, 0.35], ["genes", "attention", "prediction"])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(example.name)
