"""Figure 3D: histograms of the context variance, the log-normal fit, and the words of the tails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from glm import figures
from glm.inference.names import REPRESENTATIONS

WORDS = 6  # of each tail
COLOURS = {"annotated": figures.BLUE, "unannotated": figures.ORANGE}


def draw(
    variances: pd.DataFrame,
    fits: pd.DataFrame,
    words: pd.DataFrame,
    about: Mapping[str, Any],
    bins: int,
) -> tuple[Figure, str]:
    """A: annotated and unannotated proteins; B: words of the tails; C: the controls' variances."""
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(12, 3.7), layout="constrained", width_ratios=(1.25, 1, 0.9)
    )
    variances = variances[variances["seed"] == 0]
    trained = variances[variances["variant"] == "trained"]
    fit = fits[fits["variant"] == "trained"].set_index("proteins")
    histogram(left, trained, fit, bins)
    tails(middle, words[words["variant"] == "trained"])
    controls(right, variances, fits)
    for axes in (left, middle, right):
        axes.tick_params(axis="both", labelsize=7.5)
    return figure, caption(trained, fits, words, about, bins)


def histogram(axes: Axes, trained: pd.DataFrame, fit: pd.DataFrame, bins: int) -> None:
    """Two histograms that are not stacked, and the fitted densities, scaled to counts."""
    edges = np.linspace(0, max(trained["variance"].max(), 1e-6), bins + 1)
    for name, rows in trained.groupby(
        trained["annotated"].map({True: "annotated", False: "unannotated"})
    ):
        colour = COLOURS[str(name)]
        axes.hist(rows["variance"], edges.tolist(), color=colour, alpha=0.45,
                  label=f"{name} (n = {len(rows):,})")  # fmt: skip
        row = fit.loc[name]
        if np.isfinite(row["mean_log"]):
            at = np.linspace(edges[1] / 4, edges[-1], 400)
            density = stats.lognorm(row["deviation_log"], scale=np.exp(row["mean_log"])).pdf(at)
            scale = (row["n"] - row["zero"]) * edges[1]
            style = "-" if name == "annotated" else "--"
            axes.plot(at, density * scale, style, color=colour, linewidth=1.4,
                      label=f"log-normal, KS distance {row['distance']:.2f}")  # fmt: skip
    axes.set_xlabel("context variance (mean pairwise distance)", fontsize=8)
    axes.set_ylabel("proteins", fontsize=8)
    axes.legend(fontsize=6.5, frameon=False)
    figures.panel(axes, "A", "context variance")
    figures.tidy(axes)


def tails(axes: Axes, words: pd.DataFrame) -> None:
    """The most enriched words of each tail; filled where significant after adjustment."""
    rows = words[words["in_tail"] > 0].groupby("tail", sort=False).head(WORDS)
    rows = rows.sort_values(["tail", "p"], ascending=[True, False]).reset_index(drop=True)
    if rows.empty:
        axes.text(0.5, 0.5, "no word is common enough", ha="center", fontsize=8)
        axes.axis("off")
        return
    for place, row in rows.iterrows():
        colour = figures.VERMILION if row["tail"].startswith("most") else figures.SKY
        sure = row["adjusted_p"] < 0.05
        axes.barh(place, np.log2(row["enrichment"]), color=colour if sure else "white",
                  edgecolor=colour, linewidth=1.2)  # fmt: skip
    names = [f"{row['word']} ({row['in_tail']}/{row['with_word']})" for _, row in rows.iterrows()]
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    axes.axvline(0, color=figures.GREY, linewidth=0.6)
    axes.set_xlabel("enrichment in the tail (log2)", fontsize=8)
    for tail, colour in (("most variant", figures.VERMILION), ("least variant", figures.SKY)):
        axes.barh(np.nan, np.nan, color=colour, label=tail)
    axes.legend(fontsize=6.5, frameon=False, loc="best")
    figures.panel(axes, "B", "words of the tails")
    figures.tidy(axes)


def controls(axes: Axes, variances: pd.DataFrame, fits: pd.DataFrame) -> None:
    """Variances of every variant, side by side."""
    names = list(dict.fromkeys(variances["variant"]))
    values = [variances.loc[variances["variant"] == name, "variance"] for name in names]
    drawn = axes.boxplot(values, whis=(5, 95), showfliers=False, widths=0.55, patch_artist=True)
    titles = {variant: name for name, variant in REPRESENTATIONS.items()}
    for box, name in zip(drawn["boxes"], names, strict=True):
        box.set(facecolor=figures.REPRESENTATION_COLOURS[titles[name]], alpha=0.5)
    for line in drawn["medians"]:
        line.set_color("black")
    all_fits = fits[fits["proteins"] == "all"].set_index("variant")
    ticks = [f"{titles[name]}\n{correlated(all_fits.loc[name])}" for name in names]
    axes.set_xticks(range(1, len(names) + 1), ticks, fontsize=7.5)
    axes.set_ylabel("context variance", fontsize=8)
    axes.set_ylim(bottom=0)
    figures.panel(axes, "C", "controls")
    figures.tidy(axes)


def correlated(fit: pd.Series) -> str:
    """Correlation with the trained gLM, and its deviation over the seeds where there is one."""
    spread = fit["correlation_deviation"]
    more = f"\nsd {spread:.3f}" if np.isfinite(spread) and spread > 0 else ""
    return f"rho = {fit['correlation']:.2f}{more}"


def caption(
    trained: pd.DataFrame,
    fits: pd.DataFrame,
    words: pd.DataFrame,
    about: Mapping[str, Any],
    bins: int,
) -> str:
    """n, what was sampled, the fits and the difference."""
    fit = fits[fits["variant"] == "trained"].set_index("proteins")
    goodness = "; ".join(
        f"{name}: n = {fit.loc[name, 'n']:,} ({fit.loc[name, 'zero']:,} of them zero), "
        f"KS distance {fit.loc[name, 'distance']:.3f} "
        f"(sd {fit.loc[name, 'distance_deviation']:.3f}; p = {fit.loc[name, 'p']:.2g}; normal "
        f"{fit.loc[name, 'normal_distance']:.3f})"
        for name in ("annotated", "unannotated")
    )
    row = fit.loc["all"]
    return (
        f"n = {len(trained):,} proteins with at least {about['minimum_occurrences']:,} occurrences "
        f"away from edges; {about['samples']} samples of {about['sample_size']} each. A: "
        f"{bins} bins, not stacked. Log-normal fit, {goodness}. Mean log variance, annotated less "
        f"unannotated {row['difference']:+.3f} ({row['difference_lower']:+.3f} to "
        f"{row['difference_upper']:+.3f}; sd {row['difference_deviation']:.3f}). Fits are means of "
        f"{row['seeds']} draws of the samples, sd is over them; the first is drawn here. B: "
        f"words of annotated proteins in each tail ({about['tail_share']:.0%}), tail / "
        "all with the word; filled: adjusted p < 0.05. C: "
        "quartiles, whiskers 5 to 95 %; rho: Spearman's with the trained gLM's variances."
    )
