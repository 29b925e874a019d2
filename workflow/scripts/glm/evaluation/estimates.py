"""Accuracies with their uncertainty, and paired margins between predictors.

Each gene has a score: whether it was found, or the share of its maskings in which it was (or, for
chance, the probability that it would be). Genes of one subcontig, or genome, stand or fall
together, so what is independent are groups of genes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

MOST_LIKELY, CLOSEST = "most_likely", "closest_of_four"
Scores = dict[tuple[str, str], np.ndarray]  # predictor and reading to (judged genes,)
QUANTILE = 1.959963984540054  # of the standard normal, for a two-sided 95 % interval


class Estimate(NamedTuple):
    """A mean over genes, its 95 % interval and standard error over groups, the number of genes."""

    value: float
    lower: float
    upper: float
    standard_error: float
    n: int


def standard_error_of_mean(scores: np.ndarray, groups: np.ndarray | None) -> float:
    """Standard error of the mean of (genes,) scores where whole groups, (genes,), are drawn.

    That of a ratio of sums over groups, as samplers of clusters have it; without groups, each gene
    is one. Of a single group it is that of a single gene.
    """
    residuals = scores - scores.mean()
    if groups is None:
        return float(np.sqrt(np.mean(residuals**2) / len(scores)))
    _, group = np.unique(groups, return_inverse=True)
    sums = np.bincount(group, residuals)
    if len(sums) == 1:
        return float(np.sqrt(np.mean(residuals**2)))
    few = len(sums) / (len(sums) - 1)
    return float(np.sqrt(few * np.sum(sums**2)) / len(scores))


def estimate(scores: np.ndarray, groups: np.ndarray | None = None) -> Estimate:
    """Mean of scores in [0, 1], (genes,), with Wilson's interval.

    groups: (genes,), what is drawn together. Wilson's interval is for counts of right and wrong.
    Scores that vary less, or genes that depend on each other, are as if there were more or fewer
    genes: the number is scaled by that, and for independent right and wrong this is Wilson's
    interval exactly. Scores that do not vary say nothing of that: then it is the number of groups.
    Raises `ValueError` without genes.
    """
    genes = len(scores)
    if not genes:
        raise ValueError("no gene was masked, so there is no accuracy")
    value = float(scores.mean())
    standard_error = standard_error_of_mean(np.asarray(scores, float), groups)
    binomial = value * (1 - value)
    counted = genes if groups is None else len(np.unique(groups))
    effective = binomial / standard_error**2 if standard_error > 0 and binomial > 0 else counted
    shrink = 1 + QUANTILE**2 / effective
    middle = (value + QUANTILE**2 / (2 * effective)) / shrink
    half = QUANTILE / shrink * math.sqrt(binomial / effective + (QUANTILE / effective / 2) ** 2)
    # rounding must not put the mean outside its own interval
    return Estimate(
        value, min(middle - half, value), max(middle + half, value), standard_error, genes
    )


class Margin(NamedTuple):
    """By how much one predictor is better than another on the same genes."""

    difference: float
    standard_error: float
    standard_errors: float
    n: int


def margin(scores: np.ndarray, others: np.ndarray, groups: np.ndarray | None = None) -> Margin:
    """Mean of the paired differences, its standard error over groups, how many of these it is.

    No difference on any gene has no standard error, and is zero of them.
    """
    differences = scores - others
    mean = float(differences.mean())
    standard_error = standard_error_of_mean(differences, groups)
    if standard_error == 0:
        return Margin(mean, 0.0, math.copysign(math.inf, mean) if mean else 0.0, len(scores))
    return Margin(mean, standard_error, mean / standard_error, len(scores))
