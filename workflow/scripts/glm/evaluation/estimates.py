"""Accuracies with their uncertainty over genes, and paired margins between predictors.

Genes are taken as independent. Each gene has a score: whether it was found, or the share of its
maskings in which it was (or, for chance, the probability that it would be).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

QUANTILE = 1.959963984540054  # of the standard normal, for a two-sided 95 % interval


class Estimate(NamedTuple):
    """A mean over genes, its 95 % interval, its standard error, and the number of genes."""

    value: float
    lower: float
    upper: float
    standard_error: float
    n: int


def estimate(scores: np.ndarray) -> Estimate:
    """Mean of scores in [0, 1], (genes,), with Wilson's interval.

    Wilson's interval is for counts of right and wrong. Scores between the two vary less, as if
    there were more genes: the number of genes is scaled by how much less, and for right and wrong
    this is Wilson's interval exactly. Raises `ValueError` without genes.
    """
    genes = len(scores)
    if not genes:
        raise ValueError("no gene was masked, so there is no accuracy")
    value = float(scores.mean())
    standard_error = float(scores.std()) / math.sqrt(genes)
    binomial = value * (1 - value)
    effective = binomial / standard_error**2 if standard_error > 0 and binomial > 0 else genes
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


def margin(scores: np.ndarray, others: np.ndarray) -> Margin:
    """Mean of the paired differences, its standard error, and how many of these it is.

    No difference on any gene has no standard error, and is zero of them.
    """
    differences = scores - others
    mean = float(differences.mean())
    standard_error = float(differences.std()) / math.sqrt(len(differences))
    if standard_error == 0:
        return Margin(mean, 0.0, math.copysign(math.inf, mean) if mean else 0.0, len(scores))
    return Margin(mean, standard_error, mean / standard_error, len(scores))
