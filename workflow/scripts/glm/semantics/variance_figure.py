"""Figure 3D: histograms of the context variance, the log-normal fit, and the words of the tails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from scipy import stats

from glm import figures
from glm.figures import BLUE, ORANGE, SKY, VERMILION, Drawn, panels
from glm.figures.panels import REPRESENTATION_STYLES, Style
from glm.inference.names import REPRESENTATIONS

WORDS = 6  # of each tail
STYLES = {"annotated": Style(BLUE, line="-"), "unannotated": Style(ORANGE, line="--")}
TAIL_COLOURS = {"most variant": VERMILION, "least variant": SKY}


def draw(
    variances: pd.DataFrame,
    fits: pd.DataFrame,
    words: pd.DataFrame,
    about: Mapping[str, Any],
    bins: int,
) -> Drawn:
    """A: annotated and unannotated proteins; B: words of the tails; C: the controls' variances."""
    titles = {"A": "context variance", "B": "words of the tails", "C": "controls"}
    figure, axes_of = figures.page("AA;BC", 5.4, titles)
    variances = variances[variances["seed"] == 0]
    trained = variances[variances["variant"] == "trained"]
    fit = fits[fits["variant"] == "trained"].set_index("proteins")
    histogram(axes_of["A"], trained, fit, bins)
    tails(axes_of["B"], words[words["variant"] == "trained"])
    controls(axes_of["C"], variances, fits)
    return figure, caption(trained, fits, about, bins)


def histogram(axes: Axes, trained: pd.DataFrame, fit: pd.DataFrame, bins: int) -> None:
    """Two histograms that are not stacked, and the fitted densities, scaled to counts."""
    edges = np.linspace(0, max(trained["variance"].max(), 1e-6), bins + 1)
    values = {
        "annotated": trained.loc[trained["annotated"], "variance"],
        "unannotated": trained.loc[~trained["annotated"], "variance"],
    }
    panels.histogram(axes, values, STYLES, edges.tolist())
    for name, style in STYLES.items():
        row = fit.loc[name]
        if np.isfinite(row["mean_log"]):
            at = np.linspace(edges[1] / 4, edges[-1], 400)
            density = stats.lognorm(row["deviation_log"], scale=np.exp(row["mean_log"])).pdf(at)
            scale = (row["n"] - row["zero"]) * edges[1]
            label = f"log-normal, KS distance {row['distance']:.2f}"
            panels.line(axes, at, density * scale, style, label)
    axes.set(xlabel="context variance (mean pairwise distance)", ylabel="proteins")
    axes.legend()


def tails(axes: Axes, words: pd.DataFrame) -> None:
    """The most enriched words of each tail; filled where significant after adjustment."""
    rows = words[words["in_tail"] > 0].groupby("tail", sort=False).head(WORDS)
    rows = rows.sort_values(["tail", "p"], ascending=[True, False])
    if rows.empty:
        axes.text(0.5, 0.5, "no word is common enough", ha="center")
        axes.axis("off")
        return
    names = [f"{row.word} ({row.in_tail}/{row.with_word})" for row in rows.itertuples()]
    colours = rows["tail"].map(TAIL_COLOURS).tolist()
    panels.bars(axes, names, np.log2(rows["enrichment"]), colours, rows["adjusted_p"] < 0.05)
    axes.set_xlabel("enrichment in the tail (log2)")
    handles = [Patch(color=colour, label=name) for name, colour in TAIL_COLOURS.items()]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.4, -0.18), ncols=2)


def controls(axes: Axes, variances: pd.DataFrame, fits: pd.DataFrame) -> None:
    """Variances of every variant, beside one another."""
    titles = {variant: name for name, variant in REPRESENTATIONS.items()}
    all_fits = fits[fits["proteins"] == "all"].set_index("variant")
    names = list(dict.fromkeys(variances["variant"]))
    drawn = axes.boxplot(
        [variances.loc[variances["variant"] == name, "variance"] for name in names],
        whis=(5, 95), showfliers=False, widths=0.55, patch_artist=True, orientation="horizontal",
        medianprops={"color": "black"},
        tick_labels=[f"{titles[name]}\n{correlated(all_fits.loc[name])}" for name in names],
    )  # fmt: skip
    for box, name in zip(drawn["boxes"], names, strict=True):
        box.set(facecolor=REPRESENTATION_STYLES[titles[name]].colour, alpha=0.5)
    axes.invert_yaxis()
    axes.set(xlabel="context variance", xlim=(0, None))


def correlated(fit: pd.Series) -> str:
    """Correlation with the trained gLM, and its deviation over the seeds where there is one."""
    spread = fit["correlation_deviation"]
    more = f"\nsd {spread:.3f}" if np.isfinite(spread) and spread > 0 else ""
    return f"rho = {fit['correlation']:.2f}{more}"


def caption(
    trained: pd.DataFrame,
    fits: pd.DataFrame,
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
        f"{bins} bins of a linear axis, not stacked. Log-normal fit, {goodness}. Mean log "
        f"variance at equal occurrences, annotated less unannotated {row['difference']:+.3f} "
        f"({row['difference_lower']:+.3f} to {row['difference_upper']:+.3f}; sd "
        f"{row['difference_deviation']:.3f}). Fits are means of "
        f"{row['seeds']} draws of the samples, sd is over them; the first is drawn here. B: "
        f"words of annotated proteins in each tail ({about['tail_share']:.0%}), tail / "
        "all with the word; filled: adjusted p < 0.05. C: "
        "quartiles, whiskers 5 to 95 %; rho: Spearman's with the trained gLM's variances."
    )
