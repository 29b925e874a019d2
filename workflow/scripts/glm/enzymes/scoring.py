"""How well enzyme classes are predicted: accuracy, average precision, F1 of each class."""

from __future__ import annotations

import numpy as np
from scipy import sparse

Array = np.ndarray
KEPT_CLASSES = 50
"""Of a protein's classes, those that a bootstrap round looks at: the rest stand far down the list,
and 1e8 entries in each round would take hours."""


def micro_average_precision(scores: Array, truth: Array, weights: Array | None = None) -> Array:
    """Average precision over all (protein, class) pairs at once.

    scores: (n, classes). truth: (n,) class. weights: (rounds, n) how often each protein counts, or
    None for once each. Returns (rounds,); with None and equal scores apart it is scikit-learn's
    `average_precision_score(..., average="micro")`.
    """
    rounds = np.ones((1, len(truth))) if weights is None else weights
    order = np.argsort(-scores, axis=None, kind="stable")
    protein, label = np.divmod(order, scores.shape[1])
    positive = truth[protein] == label
    ranked = scores.ravel()[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    found = []
    for weight in rounds:
        drawn = weight[protein].astype(float)
        true = np.cumsum(drawn * positive)[last_of_tie]
        called = np.cumsum(drawn)[last_of_tie]
        gained = np.diff(true, prepend=0)
        positives = weight.sum()  # each protein has one class, however far down it stands
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.sum(np.where(called > 0, true / called, 0) * gained) / positives)
    return np.array(found)


def bootstrap_average_precision(scores: Array, truth: Array, weights: Array | None = None) -> Array:
    """Micro-averaged precision in each round, (rounds,), around the exact value.

    Only the `KEPT_CLASSES` likeliest classes of each protein enter the rounds; what that leaves
    out is added as a constant.
    """
    exact = micro_average_precision(scores, truth)
    if weights is None:
        return exact
    if scores.shape[1] <= KEPT_CLASSES:
        return micro_average_precision(scores, truth, weights)
    kept = np.argpartition(-scores, KEPT_CLASSES, axis=1)[:, :KEPT_CLASSES]
    fewer = np.take_along_axis(scores, kept, 1)
    is_true = kept == truth[:, None]
    place = np.where(is_true.any(1), is_true.argmax(1), KEPT_CLASSES)  # the last: never reached
    return (
        micro_average_precision(fewer, place, weights)
        - micro_average_precision(fewer, place)
        + exact
    )


def class_f1(predicted: Array, truth: Array, classes: int, weights: Array | None = None) -> Array:
    """F1 of each class, (rounds, classes): 2 TP / (2 TP + FP + FN); nan where there is neither.

    predicted, truth: (n,) classes. weights: (rounds, n), or None for each protein once.
    """
    drawn = np.ones((1, len(truth))) if weights is None else weights
    row = np.arange(len(truth))

    def counts(label: Array, rows: Array) -> Array:
        marks = sparse.csr_array(
            (np.ones(len(rows)), (rows, label[rows])), shape=(len(truth), classes)
        )
        return np.asarray((marks.T @ drawn.T).T)

    hit = counts(truth, row[predicted == truth])
    either = counts(predicted, row) + counts(truth, row)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(either > 0, 2 * hit / either, np.nan)
