"""Figure 4E and F, and how the counts compare with chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from glm import figures
from glm.paralogs.analysis import TRAINED, Analysis
from glm.projection import AXES

COLOURS = {
    "trained gLM": figures.BLUE,
    "untrained gLM": figures.GREY,
    "training context looked up": figures.VERMILION,
    "embedding cosine": figures.ORANGE,
}
SIDES = {"A": figures.SKY, "C": figures.PURPLE}


def draw(found: Analysis, layout: str, folder: Path) -> None:
    """Figures of an analysis as PNG and PDF: Figure 4E and F, counts beside chance, confidence."""
    trained = found.calls[found.calls["method"] == TRAINED]
    area = next(row for row in found.numbers if row["id"] == "paralogs.confidence_roc_area")
    roc_area = json.loads(area["value"])
    drawn = {
        "paralog_projection": projection(found.coordinates, layout, trained["pair"].nunique()),
        "paralog_counts": counts(found.results),
        "paralog_confidence": confidence(trained, float("nan") if roc_area is None else roc_area),
    }
    for name, (figure, caption) in drawn.items():
        figures.save(figure, folder, name, caption)


def draw_contigs(axes: Axes) -> None:
    """Figure 4D: what the model is given, a gene between two masked ones, and asked."""
    for row, (given, asked) in enumerate((("A", "C"), ("C", "A"))):
        height = 1.6 * (1 - row)
        for place in range(3):
            corners = [(0, 0), (0.55, 0), (0.85, 0.25), (0.55, 0.5), (0, 0.5)]
            shown = place == 1
            axes.add_patch(
                Polygon(
                    [(x + place, y + height) for x, y in corners],
                    facecolor=SIDES[given] if shown else "white", edgecolor="black",
                    linestyle="-" if shown else "--", linewidth=0.8,
                )
            )  # fmt: skip
            axes.text(
                place + 0.35, height + 0.25, given if shown else "?", ha="center", va="center"
            )
        axes.text(0, height + 0.62, f"given {given}, find its {asked}", fontsize=8)
    axes.set_xlim(-0.1, 3)
    axes.set_ylim(-0.6, 2.7)
    axes.axis("off")
    figures.panel(axes, "D", "the task")


def projection(points: pd.DataFrame, layout: str, pairs: int) -> tuple[Figure, str]:
    """Figure 4D to F: the task; labels and predictions, by correctness and by confidence."""
    figure, (task, by_truth, by_confidence) = plt.subplots(
        1, 3, figsize=(10, 3.8), width_ratios=(1, 2.1, 2.4), layout="constrained"
    )
    by_confidence.sharex(by_truth)
    by_confidence.sharey(by_truth)
    draw_contigs(task)
    labels = points[points["kind"] == "label"]
    calls = points[points["kind"] == "prediction"]
    exact = calls["exact"].fillna(False).astype(bool)
    cluster = calls["same_cluster"].fillna(False).astype(bool) & ~exact
    wrong = ~exact & ~cluster
    for (side, colour), marker in zip(SIDES.items(), "os", strict=True):
        chosen = labels[labels["protein"] == side]
        for axes in (by_truth, by_confidence):
            axes.plot(
                chosen["x"], chosen["y"], marker, color=colour, markersize=2.5, alpha=0.6,
                label=f"labels of {side}", linestyle="none", zorder=1,
            )  # fmt: skip
    kinds = (
        (wrong, figures.ORANGE, "x", "wrong"),
        (cluster, figures.GREEN, "^", "same cluster"),
        (exact, figures.BLACK, "*", "exact"),
    )
    for chosen, colour, marker, name in kinds:
        by_truth.plot(
            calls["x"][chosen], calls["y"][chosen], marker, color=colour, markersize=4,
            linestyle="none", label=f"{name} (n = {int(chosen.sum()):,})", alpha=0.8,
        )  # fmt: skip
    shade = by_confidence.scatter(
        calls["x"], calls["y"], c=calls["confidence"], cmap=figures.SEQUENTIAL, s=9, zorder=2,
        vmin=0.25 if len(calls) else 0, vmax=1,
    )  # fmt: skip
    figure.colorbar(shade, ax=by_confidence, label="confidence")
    figures.panel(by_truth, "E", "labels and predictions")
    figures.panel(by_confidence, "F", "predictions by confidence")
    by_truth.legend(fontsize=6.5, frameon=False, markerscale=1.4, loc="best")
    for axes in (by_truth, by_confidence):
        axes.set_xlabel(f"{AXES[layout]} 1", fontsize=8)
        axes.set_xticks([])
        axes.set_yticks([])
    by_truth.set_ylabel(f"{AXES[layout]} 2", fontsize=8)
    return figure, (
        f"Predicted partners and true labels of n = {pairs:,} pairs of an ATPase (A) and a "
        "permease (C). D: each protein is given alone, forward, between two masked genes, so there "
        f"are {len(calls):,} calls (prediction of highest confidence). E, F: small circles, labels "
        "of A; squares, labels of C; wrong, same cluster, exact: where the nearest label is not "
        "of the partner's cluster (CD-HIT, 50 %), is, or is the partner's."
    )


def counts(results: pd.DataFrame) -> tuple[Figure, str]:
    """Exact and same-cluster shares beside three kinds of chance, and recall at k."""
    figure, panels = plt.subplots(1, 3, figsize=(11.5, 3.6), layout="constrained")
    either = results[results["direction"] == "either"]
    methods = [name for name in either["method"].unique() if not name.startswith("chance")]
    chances = [name for name in either["method"].unique() if name.startswith("chance")]
    names = [*methods, *chances]
    for axes, (letter, measure, title) in zip(
        panels, (("A", "exact", "exact partner"), ("B", "same_cluster", "same cluster")),
        strict=False,
    ):  # fmt: skip
        rows = either[either["measure"] == measure].set_index("method").reindex(names)
        for place, (name, row) in enumerate(rows.iterrows()):
            colour = COLOURS.get(str(name), figures.PURPLE)
            axes.hlines(place, row["lower"], row["upper"], color=colour, linewidth=1.6)
            axes.plot(row["value"], place, "o", color=colour, markersize=5)
        axes.set_yticks(range(len(names)), names if letter == "A" else [], fontsize=7)
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.set_xlabel("share of pairs right", fontsize=8)
        figures.panel(axes, letter, title)
        figures.tidy(axes)
    n = draw_recall(panels[2], results)
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
        "clusters, of chance 95 % of the rounds. C: the more confident call, both directions; "
        "dotted: k / n."
    )


def draw_recall(axes: Axes, results: pd.DataFrame) -> int:
    """Recall at k, mean of both directions; returns the number of pairs."""
    found = results[results["measure"].str.startswith("recall@")]
    found = found.assign(k=found["measure"].str.removeprefix("recall@").astype(int))
    n = int(results["n"].iloc[0])
    for name, rows in found.groupby("method", sort=False):
        mean = rows.groupby("k")[["value", "lower", "upper"]].mean()
        colour = COLOURS.get(str(name), figures.PURPLE)
        axes.plot(mean.index, mean["value"], "o-", color=colour, markersize=4, label=name)
        axes.fill_between(mean.index, mean["lower"], mean["upper"], color=colour, alpha=0.15, lw=0)
    steps = np.array(sorted(found["k"].unique()))
    axes.plot(steps, np.minimum(steps / n, 1), ":", color="black", linewidth=1, label="chance")
    axes.set_xscale("log")
    axes.set_xticks(steps, steps)
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.set_xlabel("k", fontsize=8)
    axes.set_ylabel("recall@k", fontsize=8)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    figures.panel(axes, "C", "recall")
    figures.tidy(axes)
    return n


def confidence(calls: pd.DataFrame, roc_area: float) -> tuple[Figure, str]:
    """Confidence of right and wrong calls of the trained gLM."""
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    kinds = {
        "exact": calls["exact"],
        "same cluster": calls["same_cluster"] & ~calls["exact"],
        "wrong": ~calls["same_cluster"],
    }
    colours = (figures.BLACK, figures.GREEN, figures.ORANGE)
    bins = np.linspace(min(0.2, calls["confidence"].min()), 1, 30).tolist()
    means = []
    for (name, chosen), colour in zip(kinds.items(), colours, strict=True):
        values = calls.loc[chosen, "confidence"]
        if not len(values):
            means.append(f"{name}: none")
            continue
        axes.hist(values, bins, density=True, histtype="step", color=colour, linewidth=1.6,
                  label=f"{name} (n = {len(values):,})")  # fmt: skip
        means.append(f"{name}: {values.mean():.3f} (n = {len(values):,})")
    axes.set_xlabel("confidence (softmax of the likelihoods)")
    axes.set_ylabel("density")
    axes.legend(fontsize=7, frameon=False)
    figures.tidy(axes)
    area = "unknown (all right, or all wrong)" if np.isnan(roc_area) else f"{roc_area:.3f}"
    return figure, (
        f"Confidence of the gLM's calls. Means: {'; '.join(means)}. Area under the receiver "
        f"operating characteristic of confidence for calls in the partner's cluster: {area}."
    )
