"""Which enzyme classes gain and lose by context, without what seeds and many classes do by chance.

Half of the seeds choose the extremes, the others measure them. Both see the same test proteins:
what is chance of these, a false-discovery rate over all classes tells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from glm.comparison import chance_p, interval
from glm.enzymes.perceptron import Fit
from glm.enzymes.scoring import class_f1

SHOWN = 3  # classes that gain and that lose most
SWAPS = 2000  # rounds behind each p
FALSE_DISCOVERIES = 0.05


def halves(seeds: int) -> tuple[slice, slice]:
    """Seeds to choose by, and to measure on; of one seed the same."""
    middle = seeds // 2
    return (slice(middle), slice(middle, None)) if middle else (slice(None), slice(None))


def compare_classes(
    without: Sequence[Fit],
    context: Sequence[Fit],
    truth: np.ndarray,
    classes: int,
    clusters: np.ndarray,
    weights: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """F1 of each class without and with the gLM, and the gain: a row a class.

    without, context: of each seed. truth, clusters: (n,) of the test proteins. weights: (rounds, n)
    of the bootstrap. Values are means over the seeds to measure on; `chosen_by` is the gain, and
    `ratio_chosen_by` the ratio, over the others.
    """
    choosing, measuring = halves(len(without))
    columns: dict[str, np.ndarray] = {}
    draws = []
    for name, fits in (("context_free", without), ("contextualised", context)):
        measured = fits[measuring]
        columns[name] = mean_f1(measured, truth, classes)[0]
        draws.append(mean_f1(measured, truth, classes, weights))
        ends = interval(draws[-1])
        columns |= {f"{name}_lower": ends.lower, f"{name}_upper": ends.upper}
    of_half = [mean_f1(fits[choosing], truth, classes)[0] for fits in (context, without)]
    pairs = list(zip(without[measuring], context[measuring], strict=True))
    gain = columns["contextualised"] - columns["context_free"]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = interval(np.where(draws[0] > 0, draws[1] / draws[0], np.nan))
    by_chance = swapped_gains(pairs, truth, classes, clusters, seed)
    return pd.DataFrame(
        {
            **columns,
            "difference": gain,
            **interval(draws[1] - draws[0])._asdict(),
            "p": [chance_p(abs(gain[k]), np.abs(by_chance[:, k])) for k in range(classes)],
            "chosen_by": of_half[0] - of_half[1],
            **{f"ratio_{end}": ends for end, ends in ratio._asdict().items()},
            "ratio_chosen_by": of_half[0] / np.where(of_half[1] > 0, of_half[1], np.nan),
            "seeds": len(pairs),
            "choosing_seeds": len(without) - len(pairs),
            "test": np.bincount(truth, minlength=classes),
        }
    )


def mean_f1(
    fits: Sequence[Fit], truth: np.ndarray, classes: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """F1 of each class, mean over the seeds, (rounds, classes)."""
    each = [class_f1(fit.scores.argmax(1), truth, classes, weights) for fit in fits]
    found: np.ndarray = np.mean(each, axis=0)
    return found


def swapped_gains(
    pairs: Sequence[tuple[Fit, Fit]],
    truth: np.ndarray,
    classes: int,
    clusters: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Gains of F1 where context says nothing: (rounds, classes), mean over the seeds.

    By permutation: both predictions of a cluster of homologues change sides or not, at random and
    in all seeds alike. Unlike a bootstrap this is right for a class of two or three proteins, of
    which no p can be small.
    """
    cluster = np.unique(clusters, return_inverse=True)[1]
    random = np.random.default_rng(seed)
    swapped = random.integers(0, 2, (SWAPS, cluster.max() + 1), dtype=np.int8)[:, cluster]
    # each protein stands here by both predictions, of which a side has one
    side = np.concatenate([swapped, 1 - swapped], axis=1)
    twice = np.concatenate([truth, truth])
    gains = []
    for without, context in pairs:
        predicted = np.concatenate([without.scores.argmax(1), context.scores.argmax(1)])
        ends = (class_f1(predicted, twice, classes, drawn) for drawn in (side, 1 - side))
        gains.append(np.subtract(*ends))
    found: np.ndarray = np.mean(gains, axis=0)
    return found


def considered(classes: pd.DataFrame, minimum_test: int) -> pd.DataFrame:
    """Classes of the paper's split with enough test proteins, with `adjusted_p`.

    It is Benjamini and Hochberg's: the rate of false discoveries among classes up to this p.
    """
    paper = classes[(classes["split"] == "stratified") & (classes["test"] >= minimum_test)]
    adjusted = stats.false_discovery_control(paper["p"]) if len(paper) else []
    return paper.assign(adjusted_p=adjusted)


def most_changed(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of the classes `considered`, those that gain and that lose most by the choosing seeds.

    The largest change first; ties go to the larger class.
    """
    ranked = found.sort_values(["chosen_by", "test"], ascending=[False, False], kind="stable")
    gains = ranked[ranked["chosen_by"] > 0].head(SHOWN)
    losses = ranked[ranked["chosen_by"] < 0].sort_values("chosen_by", kind="stable").head(SHOWN)
    return gains, losses


def largest_ratio(found: pd.DataFrame) -> pd.Series | None:
    """Of the classes `considered`, that of the largest F1 with context over that without.

    By the choosing seeds; its `ratio` is that over the others. None if no class has an F1 without
    context by both.
    """
    known = found[(found["context_free"] > 0) & found["ratio_chosen_by"].notna()]
    if known.empty:
        return None
    chosen = known.loc[known["ratio_chosen_by"].idxmax()]
    return pd.concat(
        [chosen, pd.Series({"ratio": chosen["contextualised"] / chosen["context_free"]})]
    )


def said(classes: pd.DataFrame) -> str:
    """Changes of F1 in words."""
    return "; ".join(
        f"{row.ec}: F1 {row.context_free:.2f} to {row.contextualised:.2f} ({row.test} tested, "
        f"false-discovery rate {row.adjusted_p:.2g})"
        for row in classes.itertuples()
    )


def how_chosen(found: pd.DataFrame) -> str:
    """By which seeds the extremes were chosen, in words."""
    if found.empty or not found["choosing_seeds"].iloc[0]:
        return "chosen and measured by the same seed, since there is but one"
    return (
        f"chosen by {found['choosing_seeds'].iloc[0]} of the seeds, measured by the other "
        f"{found['seeds'].iloc[0]}"
    )
