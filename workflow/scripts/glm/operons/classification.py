"""Logistic regressions of same-operon on neighbouring genes, compared (Figure 4C and its lack).

The paper deals pairs into five folds at random; neighbouring pairs then share a gene and a
context between training and test. Folds of whole stretches of the genome do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from glm import comparison
from glm.comparison import bootstrap_weights, measure
from glm.errors import GlmError
from glm.operons.features import ATTENTION, COMBINED, INPUTS, STRAND_DISTANCE, FeatureSet
from glm.statistics import average_precision

# differences are to strand + distance, and to what the gLM reads (embeddings and strand), which is
# the fair one where labels are made of strand and distance
REFERENCES = {"difference": STRAND_DISTANCE, "beyond_inputs": INPUTS}
FOLDS = 5
FoldKind = Literal["random", "stretches"]
FOLD_KINDS: tuple[FoldKind, ...] = ("random", "stretches")
ITERATIONS = 1000
Folds = list[tuple[np.ndarray, np.ndarray]]


class Comparison(NamedTuple):
    """The table of all feature sets and folds; scores by (set, folds); fold of each pair by folds.

    table: one row a set and kind of folds. scores: (pairs,) out of fold. fold: (pairs,) int64.
    """

    table: pd.DataFrame
    scores: dict[tuple[str, FoldKind], np.ndarray]
    fold: dict[FoldKind, np.ndarray]


def make_folds(kind: FoldKind, stretch: np.ndarray, seed: int) -> Folds:
    """Five folds, of pairs at random or of whole stretches: (training, test) indices.

    Raises `GlmError` if there are fewer than five stretches.
    """
    index = np.arange(len(stretch))
    if kind == "random":
        return list(KFold(FOLDS, shuffle=True, random_state=seed).split(index))
    if (count := len(np.unique(stretch))) < FOLDS:
        raise GlmError(
            f"operons: {count} stretches of the genome cannot make {FOLDS} folds; lower "
            "operons.genes_per_stretch, or use a larger genome"
        )
    split = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(split.split(index, groups=stretch))


def regression(scaled: bool = True) -> Pipeline:
    """The classifier: logistic regression with scikit-learn's own regularisation."""
    steps = [StandardScaler()] if scaled else []
    return make_pipeline(*steps, LogisticRegression(max_iter=ITERATIONS))


def out_of_fold(features: FeatureSet, same_operon: np.ndarray, folds: Folds) -> np.ndarray:
    """Score of each pair by a classifier that did not see its fold, (pairs,)."""
    if not features.fitted:
        return features.values[:, 0].astype(float)
    score = np.empty(len(same_operon))
    for train, test in folds:
        if len(np.unique(same_operon[train])) < 2:
            raise GlmError("operons: a fold's training pairs are all of one kind; too few operons")
        fitted = regression(features.scaled).fit(features.values[train], same_operon[train])
        score[test] = fitted.predict_proba(features.values[test])[:, 1]
    return score


def compare(
    sets: Sequence[FeatureSet],
    same_operon: np.ndarray,
    unit: np.ndarray,
    stretch: np.ndarray,
    rounds: int,
    seed: int,
) -> Comparison:
    """Average precision of every feature set by both kinds of folds.

    same_operon: (pairs,) bool. unit: (pairs,), drawn whole for the intervals. stretch: (pairs,).
    Raises `GlmError` where all pairs are of one kind.
    """
    positives = int(same_operon.sum())
    if not 0 < positives < len(same_operon):
        raise GlmError(
            f"operons: {positives} of {len(same_operon)} neighbouring pairs are of one operon; "
            "both kinds are needed"
        )
    weights = bootstrap_weights(unit, rounds, seed)
    tables: list[pd.DataFrame] = []
    scores: dict[tuple[str, FoldKind], np.ndarray] = {}
    fold_of: dict[FoldKind, np.ndarray] = {}
    for kind in FOLD_KINDS:
        folds = make_folds(kind, stretch, seed)
        fold_of[kind] = np.empty(len(stretch), np.int64)
        for number, (_, test) in enumerate(folds):
            fold_of[kind][test] = number
        measured, about = {}, []
        for features in sets:
            score = scores[features.name, kind] = out_of_fold(features, same_operon, folds)
            precision = partial(average_precision, same_operon)
            measured[features.name] = measure(precision, [score], weights)
            about.append(
                {
                    "meaning": features.meaning,
                    "feature_count": features.values.shape[1],
                    **measures(same_operon, score, folds),
                }
            )
        compared = comparison.compare(measured, "features", REFERENCES, value="average_precision")
        tables.append(pd.concat([compared, pd.DataFrame(about)], axis=1).assign(folds=kind))
    counts = {"pairs": len(same_operon), "positives": positives, "units": len(np.unique(unit))}
    table = pd.concat(tables, ignore_index=True).assign(**counts)
    return Comparison(table, scores, fold_of)


def measures(same_operon: np.ndarray, score: np.ndarray, folds: Folds) -> dict[str, float]:
    """Average precision fold by fold, areas under both curves of the pooled folds.

    `area` is that of the pooled precision-recall curve by trapezoids, as the published code has
    it; it is larger than the average precision where scores are tied.
    """
    precision, recall, _ = precision_recall_curve(same_operon, score)
    each = [float(average_precision(same_operon[test], score[test])[0]) for _, test in folds]
    return {
        "average_precision_per_fold": float(np.nanmean(each)),
        "area": float(auc(recall, precision)),
        "roc_area": float(roc_auc_score(same_operon, score)),
    }


def verdict(table: pd.DataFrame, name: str, labels: str) -> str:
    """One sentence: whether attention (the feature set `name`) adds anything, and to what.

    To strand and distance; where the silver standard makes labels of these two, to what the gLM
    reads.
    """
    row = table[(table["features"] == name) & (table["folds"] == "stretches")].iloc[0]
    measure, reference = "difference", "strand and distance"
    if "silver" in labels:
        measure, reference = "beyond_inputs", "the embeddings and strands that the gLM reads"
    value, lower, upper = (row[f"{measure}{end}"] for end in ("", "_lower", "_upper"))
    numbers = (
        f"{value:+.3f} in average precision (95 % interval {lower:+.3f} to {upper:+.3f}; "
        f"{int(row['pairs']):,} neighbouring pairs; labels: {labels})"
    )
    if lower > 0:
        return f"{name} is better than {reference}: {numbers}"
    if upper < 0:
        return f"{name} is worse than {reference}: {numbers}"
    return f"{name} is no better than {reference}: {numbers}"


def judged(labels: str) -> str:
    """The feature set that the verdict is about: attention alone where distance is the label."""
    return ATTENTION if "silver" in labels else COMBINED


def circular(labels: str) -> str:
    """A warning where the labels are made of what a baseline looks at."""
    if "silver" not in labels:
        return ""
    return (
        " The silver standard is defined by strand and distance, so what looks at these two is "
        "right by definition: only the other rows can be compared."
    )
