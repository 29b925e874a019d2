"""Small statistics that several analyses share: average precision, correlation, intervals.

Everything takes weights with one row for each bootstrap round, so that an interval costs one
matrix product, and two quantities that were given the same weights can be subtracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
Array = np.ndarray


class Interval(NamedTuple):
    """Ends of a percentile interval."""

    lower: float
    upper: float


def draw_groups(count: int, rounds: int, seed: int) -> Array:
    """How often each of `count` groups is drawn in each bootstrap round, (rounds, count) int64."""
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=rounds)


def bootstrap_weights(groups: Array, rounds: int, seed: int) -> Array:
    """How often each record counts in each bootstrap round that draws whole groups.

    groups: (n,) labels of what is exchangeable: records that stand or fall together (the pairs of
    one operon, the queries of one cluster) have the same label. Returns (rounds, n) int64.
    """
    names, group = np.unique(groups, return_inverse=True)
    return draw_groups(len(names), rounds, seed)[:, group]


def interval(values: Array, level: float = LEVEL) -> Interval:
    """Percentile interval of bootstrap values, rounds without a value (nan) left out.

    Returns nan for both ends where no round has a value.
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return Interval(float("nan"), float("nan"))
    lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(lower), float(upper))


def average_precision(positive: Array, score: Array, weights: Array | None = None) -> Array:
    """Average precision, for each row of weights: sum of precision x gain in recall.

    positive: (n,) bool. score: (n,), higher is more positive; equal scores are one threshold.
    weights: (rounds, n), or None for each record once. Returns (rounds,), equal to scikit-learn's
    `average_precision_score` with those sample weights; nan where no positive has weight.
    """
    order = np.argsort(-np.asarray(score, float), kind="stable")
    ranked = np.asarray(score, float)[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    weight = np.ones((1, len(ranked))) if weights is None else np.asarray(weights, float)[:, order]
    true = np.cumsum(weight * np.asarray(positive, bool)[order], axis=1)[:, last_of_tie]
    called = np.cumsum(weight, axis=1)[:, last_of_tie]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(called > 0, true / called, 0)
        recall = true / true[:, -1:]
        return np.sum(precision * np.diff(recall, axis=1, prepend=0), axis=1)


def pearson(x: Array, y: Array, groups: Array | None = None, weights: Array | None = None) -> Array:
    """Pearson's r of each column of x with y.

    x: (n, columns). y: (n,). groups: (n,), and weights: (rounds, groups), how often each group (in
    the order of np.unique) counts; without them all records count once, in one round.
    Returns (rounds, columns); nan where a side does not vary.
    """
    values, other = np.asarray(x, float), np.asarray(y, float)[:, None]
    # around the means, or the differences of large sums lose the digits that matter
    values, other = values - values.mean(0), other - other.mean()
    parts = [np.ones_like(other), values, other, values * other, values**2, other**2]
    if groups is None:
        sums = [part.sum(0, keepdims=True) for part in parts]
    else:
        _, sums = summed_by(groups, *parts)
    drawn = np.ones((1, len(sums[0]))) if weights is None else np.asarray(weights, float)
    total, sum_x, sum_y, sum_xy, sum_xx, sum_yy = (drawn @ part for part in sums)
    variance_x, variance_y = sum_xx - sum_x**2 / total, sum_yy - sum_y**2 / total
    still = (variance_x <= 1e-12 * sums[4].sum(0)) | (variance_y <= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (sum_xy - sum_x * sum_y / total) / np.sqrt(variance_x * variance_y)
    return np.where(still, np.nan, r)


def bonferroni(p_values: Array) -> Array:
    """p-values times their number, at most 1."""
    return np.minimum(np.asarray(p_values, float) * np.size(p_values), 1.0)


def summed_by(groups: Array, *columns: Array) -> tuple[Array, list[Array]]:
    """Sums of some (n, …) columns over each group; returns the groups and the sums."""
    names, group = np.unique(groups, return_inverse=True)
    sums = []
    for column in columns:
        summed = np.zeros((len(names), *np.shape(column)[1:]))
        np.add.at(summed, group, column)
        sums.append(summed)
    return names, sums


@dataclass(frozen=True)
class Reliability:
    """Predicted against observed frequency, bin by bin: (bins,) each."""

    predicted: Array
    observed: Array
    count: Array

    @property
    def expected_error(self) -> float:
        """Mean distance of the two, weighted by the bins' counts (ECE)."""
        distance = np.abs(self.predicted - self.observed)
        return float(np.sum(distance * self.count) / self.count.sum())


def reliability(positive: Array, probability: Array, bins: int = 10) -> Reliability:
    """Calibration in bins of equal count (fewer where probabilities are tied)."""
    probability = np.asarray(probability, float)
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, probability, side="right")
    _, (count, predicted, observed) = summed_by(
        place, np.ones(len(place)), probability, np.asarray(positive, float)
    )
    return Reliability(predicted / count, observed / count, count)


def proportion_interval(hits: Sequence[bool] | Array, weights: Array) -> Interval:
    """Bootstrap interval of a share: hits (n,) bool, weights (rounds, n)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return interval(weights @ np.asarray(hits, float) / weights.sum(1))
