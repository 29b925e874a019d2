"""How context variances are distributed, and which words of annotation stand in the tails."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from glm.comparison import Array, chance_p, interval
from glm.scorecard_entries import Numbers

WORD = re.compile(r"[a-z][a-z-]+[a-z]")
# of product names, what says nothing of the function
EMPTY_WORDS = frozenset(
    """and the for from with protein proteins family domain subunit putative probable predicted
    containing domain-containing like type unknown function uncharacterized hypothetical
    conserved possible related""".split()  # noqa: SIM905
)
REJECTED = 0.05  # p under which a fit is rejected
BINS = 100  # of the histogram
DRAWN_AT_ONCE = 1_000_000  # numbers of the bootstrap in memory
SPREAD = (
    "distance",
    "correlation",
    "difference",
)  # measures whose deviation over seeds is reported
TAILS = ("most variant", "least variant")


def fit(values: Array, rounds: int, seed: int) -> dict[str, float]:
    """Fit a log-normal distribution to (n,) variances, and say how good it is.

    Zeros have no logarithm: they are counted and left out. The p of the Kolmogorov-Smirnov
    distance is by parametric bootstrap, since the fit's parameters come from the same values: that
    of scipy's goodness_of_fit, which has all rounds in memory at once (1.2 GB for 20,000 values and
    1,000 rounds, here 0.06 GB) and takes twice as long.
    """
    logs = np.log(values[values > 0])
    fitted: dict[str, float] = {"n": len(values), "zero": int((values <= 0).sum())}
    keys = ("mean_log", "deviation_log", "distance", "p", "normal_distance", "normal_p",
            "skew_log")  # fmt: skip
    if len(logs) < 3 or np.ptp(logs) == 0:
        return fitted | dict.fromkeys(keys, float("nan"))
    rng = np.random.default_rng(seed)
    at_once = max(DRAWN_AT_ONCE // len(logs), 1)
    drawn = [
        normal_distance(rng.normal(size=(min(at_once, rounds - first), len(logs))))
        for first in range(0, rounds, at_once)
    ]
    by_chance = np.concatenate(drawn)
    distance, of_normal = (
        float(normal_distance(each[None])[0]) for each in (logs, values[values > 0])
    )
    return fitted | {
        "mean_log": float(logs.mean()),
        "deviation_log": float(logs.std(ddof=1)),
        "distance": distance,
        "p": chance_p(distance, by_chance),
        "normal_distance": of_normal,
        "normal_p": chance_p(of_normal, by_chance),
        "skew_log": float(stats.skew(logs)),
    }


def normal_distance(values: Array) -> Array:
    """Kolmogorov-Smirnov distance of each row of (rounds, n) from the normal fitted to it."""
    ranked = np.sort(values, axis=1)
    n = values.shape[1]
    scale = ranked.std(1, ddof=1, keepdims=True)
    expected = stats.norm.cdf((ranked - ranked.mean(1, keepdims=True)) / scale)
    steps = np.arange(1, n + 1) / n
    below, above = steps - expected, expected - (steps - 1 / n)
    return np.asarray(np.maximum(below, above).max(1))


def without_occurrences(logs: Array, occurrences: Array) -> Array:
    """Logarithms of variances, (n,), without what a line through log occurrences explains."""
    counted = np.log(np.asarray(occurrences, float))
    if len(logs) < 3 or np.ptp(counted) == 0:
        return logs
    slope, intercept = np.polyfit(counted, logs, 1)
    return np.asarray(logs - slope * counted - intercept)


def mean_difference(logs: Array, annotated: Array, rounds: int, seed: int) -> dict[str, float]:
    """Mean of the logarithms of annotated less that of unannotated proteins, with its interval."""
    parts = [logs[annotated], logs[~annotated]]
    if min(map(len, parts)) < 2:
        return dict.fromkeys(("difference", "difference_lower", "difference_upper"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = [
        np.array([rng.choice(part, len(part)).mean() for _ in range(rounds)]) for part in parts
    ]
    ends = interval(drawn[0] - drawn[1])
    return {
        "difference": float(parts[0].mean() - parts[1].mean()),
        "difference_lower": ends.lower,
        "difference_upper": ends.upper,
    }


def over_seeds(fits: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """VARIANCE_FIT of every variant: means of its seeds' rows, and the deviation of some of them.

    fits: one for each variant and seed; columns of the table but seeds and deviations.
    """
    if not fits:
        return []
    grouped = pd.concat(fits).groupby(["variant", "proteins"], sort=False)
    found = grouped.mean()
    for name in SPREAD:
        found[f"{name}_deviation"] = grouped[name].std(ddof=1)
    found = found.assign(seeds=grouped.size()).round({"n": 0, "zero": 0})
    return [found.astype({"n": np.int64, "zero": np.int64}).reset_index()]


def words_of(product: str) -> frozenset[str]:
    """Words of a product name that may say what it does, in lower case."""
    return frozenset(WORD.findall(product.lower())) - EMPTY_WORDS


def enriched_words(
    products: list[str], variance: Array, tail_share: float, minimum: int
) -> pd.DataFrame:
    """Words over-represented among the most and the least variant of annotated proteins.

    products, variance: of the annotated proteins. tail_share: of them that make a tail. minimum:
    proteins that must have a word for it to be tested. p: hypergeometric, adjusted by
    Benjamini-Hochberg over the words of the tail. Columns of VARIANCE_WORDS but `variant`.
    """
    words = [words_of(product) for product in products]
    total = Counter(word for found in words for word in found)
    tested = sorted(word for word, count in total.items() if count >= minimum)
    size = max(round(tail_share * len(products)), 1)
    order = np.argsort(variance, kind="stable")
    rows = []
    for tail, members in zip(TAILS, (order[-size:], order[:size]), strict=True):
        inside = Counter(word for index in members for word in words[index])
        p = [float(stats.hypergeom.sf(inside[word] - 1, len(words), total[word], size))
             for word in tested]  # fmt: skip
        adjusted = stats.false_discovery_control(p) if p else []
        rows += [
            {
                "tail": tail,
                "word": word,
                "in_tail": inside[word],
                "tail_size": size,
                "with_word": total[word],
                "proteins": len(words),
                "enrichment": inside[word] / size / (total[word] / len(words)),
                "p": one,
                "adjusted_p": other,
            }
            for word, one, other in zip(tested, p, adjusted, strict=True)
        ]
    columns = ["tail", "word", "in_tail", "tail_size", "with_word", "proteins", "enrichment", "p",
               "adjusted_p"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values(["tail", "p"], ignore_index=True)


def numbers(fits: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`: what variances are distributed as.

    Log-normal is said where neither fraction rejects it (p of 0.05 or more, of the
    Kolmogorov-Smirnov distance) and both reject a normal one; being closer to it than to a normal
    one is another finding. Where neither is rejected, too few proteins tell nothing.
    """
    trained = fits[fits["variant"] == "trained"].set_index("proteins")
    parts = trained.loc[["annotated", "unannotated"]]
    said_is: str | None
    if (parts["p"] < REJECTED).any():
        closer = (parts["distance"] < parts["normal_distance"]).all()
        said_is = "closer to log-normal than to normal" if closer else "not log-normal"
    else:
        said_is = "log-normal" if (parts["normal_p"] < REJECTED).all() else None
    said = "; ".join(
        f"{name}: Kolmogorov-Smirnov distance {row['distance']:.3f} (p = {row['p']:.2g}), of a "
        f"normal fit {row['normal_distance']:.3f} (p = {row['normal_p']:.2g})"
        for name, row in parts.iterrows()
    )
    found = Numbers("context_variance", n=int(trained.loc["all", "n"]), unit="proteins")
    found.add("bins", BINS, setting=True, needs=())
    found.add("distribution", said_is, note=said)
    return found
