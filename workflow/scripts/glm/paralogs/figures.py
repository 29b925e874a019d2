"""Figure 4D to F, and how the counts compare with chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from glm import figures
from glm.figures import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, Drawn, panels
from glm.figures.panels import PALETTE, Style
from glm.paralogs.analysis import TRAINED, Analysis
from glm.projection import AXES

STYLES = {
    "trained gLM": Style(BLUE, "D"),
    "untrained gLM": Style(GREY, "s"),
    "training context looked up": Style(VERMILION, "^"),
    "embedding cosine": Style(ORANGE, "o"),
}
CHANCE_MARKS = "v<>"
MEASURES = {"exact": "exact partner", "same_cluster": "same cluster"}
SIDES = {"A": SKY, "C": PURPLE}
LABEL_STYLES = {"labels of A": Style(SKY, "o"), "labels of C": Style(PURPLE, "s")}
OUTCOME_STYLES = {
    "wrong": Style(VERMILION, "o", hollow=True),
    "same cluster": Style(GREEN, "^", hollow=True),
    "exact": Style(BLACK, "D", hollow=True),
}


def draw(found: Analysis, layout: str, folder: Path) -> None:
    """Figures of an analysis as PNG and PDF: Figure 4D to F, counts beside chance, confidence."""
    trained = found.calls[found.calls["method"] == TRAINED]
    area = next(row for row in found.numbers if row["id"] == "paralogs.confidence_roc_area")
    roc_area = json.loads(area["value"])
    drawn = {
        "paralog_projection": projection(found.coordinates, layout, trained["pair"].nunique()),
        "paralog_counts": counts(found.results),
        "paralog_confidence": confidence(trained, float("nan") if roc_area is None else roc_area),
    }
    figures.save_all(drawn, folder)


def draw_task(axes: Axes) -> None:
    """Figure 4D: what the model is given, a gene between two masked ones, and asked."""
    for left, (given, asked) in ((0, "AC"), (4.5, "CA")):
        for place in range(3):
            shown = place == 1
            panels.gene(
                axes, left + place + 0.5, 0.4, given if shown else "?",
                SIDES[given] if shown else "white", masked=not shown,
            )  # fmt: skip
        axes.text(left, 0.85, f"given {given}, find its {asked}")
    axes.set(xlim=(-0.1, 8), ylim=(0.1, 1.1))
    axes.axis("off")


def outcomes(calls: pd.DataFrame) -> pd.Series:
    """Of each call: exact, same cluster, or wrong."""
    exact = calls["exact"].fillna(False).astype(bool)
    cluster = calls["same_cluster"].fillna(False).astype(bool)
    return pd.Series(np.select([exact, cluster], ["exact", "same cluster"], "wrong"), calls.index)


def projection(points: pd.DataFrame, layout: str, pairs: int) -> Drawn:
    """Figure 4D to F: the task; labels and predictions, by correctness and by confidence."""
    titles = {"D": "the task", "E": "labels and predictions", "F": "predictions by confidence"}
    figure, axes_of = figures.page("DD;EF", 4.4, titles, height_ratios=(1, 4))
    draw_task(axes_of["D"])
    labels = points[points["kind"] == "label"]
    labels = labels.assign(group="labels of " + labels["protein"])
    calls = points[points["kind"] == "prediction"].sample(frac=1, random_state=0)
    for letter in "EF":
        panels.plane(axes_of[letter], labels, "group", LABEL_STYLES, AXES[layout])
    calls = calls.assign(group=outcomes(calls))
    panels.plane(axes_of["E"], calls, "group", OUTCOME_STYLES, AXES[layout])
    shade = axes_of["F"].scatter(
        calls["x"], calls["y"], c=calls["confidence"], cmap=figures.SEQUENTIAL,
        s=panels.mark_size(len(calls)), linewidths=0, vmin=0.25 if len(calls) else 0, vmax=1,
    )  # fmt: skip
    figure.colorbar(shade, ax=axes_of["F"], label="confidence")
    axes_of["F"].set(xlim=axes_of["E"].get_xlim(), ylim=axes_of["E"].get_ylim())
    figures.legend_above(figure, axes_of["E"], 5)
    return figure, (
        f"Predicted partners and true labels of n = {pairs:,} pairs of an ATPase (A) and a "
        "permease (C). D: each protein is given alone, forward, between two masked genes, so there "
        f"are {len(calls):,} calls (prediction of highest confidence). E, F: circles, labels "
        "of A; squares, labels of C; marks are smaller the more there are; outlines, predictions "
        "(wrong, same cluster, exact) in random order: where the nearest label is not "
        "of the partner's cluster (CD-HIT, 50 %), is, or is the partner's."
    )


def counts(results: pd.DataFrame) -> Drawn:
    """Exact and same-cluster shares beside three kinds of chance, and recall at k."""
    figure, axes_of = figures.page("AB", 3.8, {"A": "partners found", "B": "recall"})
    either = results[results["direction"] == "either"]
    methods = [name for name in either["method"].unique() if not name.startswith("chance")]
    chances = [name for name in either["method"].unique() if name.startswith("chance")]
    styles = {name: STYLES.get(name, PALETTE[4]) for name in methods}
    styles |= {name: Style(PURPLE, mark) for name, mark in zip(chances, CHANCE_MARKS, strict=False)}
    panels.intervals(axes_of["A"], either, MEASURES, styles, "measure", "method")
    axes_of["A"].set(xlim=(-0.02, 1.02), xlabel="share of pairs right")
    draw_recall(axes_of["B"], results, styles)
    figures.legend_above(figure, axes_of["A"], 3)
    n = int(results["n"].iloc[0])
    exact = either[either["measure"] == "exact"].set_index("method")
    cluster = either[either["measure"] == "same_cluster"].set_index("method")
    said = "; ".join(
        f"{name}: {exact.loc[name, 'hits']:.0f} exact, {cluster.loc[name, 'hits']:.0f} same cluster"
        for name in methods
    )
    chance = "; ".join(
        f"{name.removeprefix('chance: ')}: {exact.loc[name, 'hits']:.1f} and "
        f"{cluster.loc[name, 'hits']:.1f} (p = {exact.loc[name, 'p']:.3g}, "
        f"{cluster.loc[name, 'p']:.3g})"
        for name in chances
    )
    return figure, (
        f"Pairing n = {n:,} pairs; a pair is right if either protein, given alone, has its partner "
        f"found at either masked gene. {said}. The look-up gives what stood beside the most "
        f"similar training protein: what a memory of the training genomes is worth. Chance gives, "
        f"{chance}. Lines: 95 % intervals over "
        "clusters, of chance 95 % of the rounds. B: the more confident call, both directions; "
        "dotted: k / n."
    )


def draw_recall(axes: Axes, results: pd.DataFrame, styles: dict[str, Style]) -> None:
    """Recall at k, mean of both directions."""
    found = results[results["measure"].str.startswith("recall@")]
    found = found.assign(k=found["measure"].str.removeprefix("recall@").astype(int))
    for name, rows in found.groupby("method", sort=False):
        mean, style = rows.groupby("k")[["value", "lower", "upper"]].mean(), styles[str(name)]
        panels.line(axes, mean.index, mean["value"], style, marker=style.mark)
        axes.fill_between(
            mean.index, mean["lower"], mean["upper"], color=style.colour, alpha=0.15, linewidth=0
        )
    steps = np.array(sorted(found["k"].unique()))
    n = int(results["n"].iloc[0])
    panels.line(axes, steps, np.minimum(steps / n, 1), Style(BLACK, line=":"))
    axes.set_xscale("log")
    axes.set_xticks(steps, steps)
    axes.minorticks_off()
    axes.set(ylim=(0, 1), xlabel="k", ylabel="recall@k")


def confidence(calls: pd.DataFrame, roc_area: float) -> Drawn:
    """Confidence of right and wrong calls of the trained gLM."""
    figure, axes_of = figures.page("A", 3)
    axes, outcome = axes_of["A"], outcomes(calls)
    kinds = list(OUTCOME_STYLES)[::-1]
    values = {name: calls.loc[outcome == name, "confidence"] for name in kinds}
    edges = np.linspace(min(0.2, calls["confidence"].min()), 1, 30).tolist()
    panels.histogram(axes, values, OUTCOME_STYLES, edges, density=True)
    axes.set(xlabel="confidence (softmax of the likelihoods)", ylabel="density")
    axes.legend()
    means = "; ".join(
        f"{name}: {of.mean():.3f} (n = {len(of):,})" if len(of) else f"{name}: none"
        for name, of in values.items()
    )
    area = "unknown (all right, or all wrong)" if np.isnan(roc_area) else f"{roc_area:.3f}"
    return figure, (
        f"Confidence of the gLM's calls. Means: {means}. Area under the receiver "
        f"operating characteristic of confidence for calls in the partner's cluster: {area}."
    )
