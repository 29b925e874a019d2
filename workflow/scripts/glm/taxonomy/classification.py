"""Taxa predicted from contig embeddings by logistic regression, out of fold (Figure 5E, F).

Stratified folds are the paper's. Beside them stand folds that part no group: contigs of one genus
(or of one genome, where the label is the genus) are alike, and a fold that has seen a sister is no
test of a new one. Viruses against prokaryotes is a task of its own.

A context-free contig is the mean of its proteins, so it is the mean of their neighbours too: which
genes stand beside each other is known without a gLM already.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, silhouette_samples
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

from glm.comparison import (
    Measured,
    bootstrap_weights,
    compare,
    measure,
    measure_mean,
)
from glm.enzymes.scoring import bootstrap_average_precision, micro_average_precision
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED, REPRESENTATIONS
from glm.inference.replicates import Replicates, replicate
from glm.probes import EQUAL, NEAREST, equal_dimension, nearest_neighbours, shared_components

LOGISTIC = "logistic regression"
CLASSIFIERS = (LOGISTIC, EQUAL, NEAREST)
CURVE_POINTS = 200
LEAST_ITERATIONS = 2000
BLOCK_MEGABYTES = 64


@dataclass(frozen=True)
class Task:
    """What is classified: (n,) labels and groups of the contigs that take part, and which they are.

    drawn: (n,) what is drawn together for intervals: genomes, or the groups of grouped folds.
    dropped: contigs without a label, or of one with too few members or groups.
    """

    name: str
    folds: str
    rows: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    drawn: np.ndarray
    dropped: int

    @property
    def classes(self) -> np.ndarray:
        """The labels' names, sorted; a label is an index into them."""
        return np.unique(self.labels)


@dataclass
class Found:
    """Tables of the analysis, task by task."""

    results: list[pd.DataFrame] = field(default_factory=list)
    curves: list[pd.DataFrame] = field(default_factory=list)
    confusion: list[pd.DataFrame] = field(default_factory=list)


def make_task(
    name: str,
    folds: str,
    labels: pd.Series,
    groups: pd.Series,
    count: int,
    genomes: pd.Series | None = None,
) -> Task | None:
    """A task of the contigs that have a label and enough company; None if under two classes have.

    labels, groups: (contigs,) names, null where unknown. genomes: (contigs,), each of its own if
    not given. A class needs a member for each of `count` folds, and in grouped folds two groups.
    """
    known = labels.notna() & (groups.notna() if folds == "grouped" else True)
    sizes = labels[known].map(labels[known].value_counts())
    enough = known & (sizes.reindex(labels.index, fill_value=0) >= count)
    if folds == "grouped":
        spread = groups[enough].groupby(labels[enough]).nunique()
        enough &= labels.map(spread).fillna(0) >= 2
    rows = np.flatnonzero(enough.to_numpy())
    if labels.iloc[rows].nunique() < 2:
        company = f"{count} contigs{' in two groups' if folds == 'grouped' else ''}"
        logging.info("%s, %s folds: not done, under two classes have %s", name, folds, company)
        return None
    grouped = groups.iloc[rows].fillna("").to_numpy(dtype=str)
    of_genome = rows if genomes is None else genomes.iloc[rows].to_numpy(dtype=str)
    return Task(
        name, folds, rows, labels.iloc[rows].to_numpy(dtype=str), grouped,
        grouped if folds == "grouped" else of_genome, int(len(labels) - len(rows)),
    )  # fmt: skip


def assign_folds(task: Task, count: int, seed: int) -> np.ndarray:
    """The fold that each contig is tested in, (n,)."""
    kind = StratifiedKFold if task.folds == "stratified" else StratifiedGroupKFold
    there = len(np.unique(task.groups)) if task.folds == "grouped" else count
    made = kind(min(count, there), shuffle=True, random_state=seed)
    fold = np.full(len(task.labels), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # small classes were counted before
        for number, (_, test) in enumerate(made.split(fold, task.labels, task.groups)):
            fold[test] = number
    return fold


def out_of_fold(
    features: np.ndarray, task: Task, fold: np.ndarray, classifier: str, components: int
) -> np.ndarray:
    """Probabilities of each contig by the model that did not see its fold, (n, classes).

    classifier: of `CLASSIFIERS`. components: of features at equal dimension.
    """
    classes = task.classes
    found = np.zeros((len(task.labels), len(classes)))
    for number in np.unique(fold):
        train, test = fold != number, fold == number
        values = StandardScaler().fit(features[train]).transform(features)
        if classifier == EQUAL:
            values = equal_dimension(values, train, components)
        model = (
            nearest_neighbours(int(train.sum()))
            if classifier == NEAREST
            else LogisticRegression(max_iter=LEAST_ITERATIONS)
        )
        model.fit(values[train], task.labels[train])
        seen = np.searchsorted(classes, model.classes_)
        found[np.ix_(test, seen)] = model.predict_proba(values[test])
    return found


def silhouettes(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Silhouette of each contig on standardised features, (n, features) and (n,) labels to (n,).

    Distances are in memory a block at a time.
    """
    with config_context(working_memory=BLOCK_MEGABYTES):
        return silhouette_samples(StandardScaler().fit_transform(values), truth)


def judge(
    task: Task,
    embeddings: Mapping[str, Replicates],
    count: int,
    seeds: Sequence[int],
    rounds: int,
    found: Found,
) -> None:
    """Measure all features on one task, and add the rows."""
    truth = np.searchsorted(task.classes, task.labels)
    weights = bootstrap_weights(task.drawn, rounds, seeds[0])
    folds = [assign_folds(task, count, seed) for seed in seeds]

    train = len(truth) - max(int(np.bincount(fold).max()) for fold in folds)
    sizes = (embeddings[of][0].shape[1] for of in REPRESENTATIONS.values())
    components = shared_components(sizes, train)
    measured: dict[tuple[str, str], dict[str, Measured]] = {}
    for features, column in REPRESENTATIONS.items():
        values = [rows[task.rows] for rows in embeddings[column]]
        for classifier in CLASSIFIERS:
            scores = [
                out_of_fold(replicate(values, k), task, fold, classifier, components)
                for k, fold in enumerate(folds)
            ]
            of_scores = measures(scores, truth, folds, weights)
            for name, one in of_scores.items():
                measured.setdefault((classifier, name), {})[features] = one
            if classifier == LOGISTIC and features in (CONTEXT_FREE, CONTEXTUALISED):
                add_drawn(task, features, scores[0], truth, folds[0], found)
            logging.info(
                "%s, %s folds, %s, %s: average precision %.3f",
                *(task.name, task.folds, classifier, features),
                of_scores["average_precision"].value,
            )
        if task.folds == "stratified":
            width = np.mean([silhouettes(rows, truth) for rows in values], axis=0)
            of_contigs = measure_mean([width], weights)
            measured.setdefault(("none", "silhouette"), {})[features] = of_contigs
    about = {"task": task.name, "folds": task.folds, "classes": len(task.classes)}
    for (classifier, name), methods in measured.items():
        compared = compare(methods, "features", {"difference": CONTEXT_FREE}, itself=False)
        compared = compared.rename(columns={"deviation": "fold_deviation"})
        compared = compared.assign(classifier=classifier, measure=name)
        found.results.append(compared.assign(**about, n=len(truth), dropped=task.dropped))


def measures(
    scores: Sequence[np.ndarray],
    truth: np.ndarray,
    folds: Sequence[np.ndarray],
    weights: np.ndarray,
) -> dict[str, Measured]:
    """Average precision and accuracy of the pooled folds, each of them by way of folding and fold.

    scores: (n, classes) out of fold, and folds: (n,), of each way of folding. truth: (n,) int64.
    """

    def precision(scores: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
        return bootstrap_average_precision(scores, truth, weights)

    parts = [(s, fold == k) for s, fold in enumerate(folds) for k in np.unique(fold)]
    right = [(score.argmax(1) == truth).astype(float) for score in scores]
    pooled = measure(precision, scores, weights)
    accuracy = measure_mean(right, weights)
    by_fold = [float(micro_average_precision(scores[s][m], truth[m])[0]) for s, m in parts]
    return {
        "average_precision": replace(pooled, each=by_fold),
        "accuracy": replace(accuracy, each=[float(right[s][m].mean()) for s, m in parts]),
    }


def add_drawn(
    task: Task, features: str, scores: np.ndarray, truth: np.ndarray, fold: np.ndarray, found: Found
) -> None:
    """Precision-recall curves of the folds and the confusion of the pooled predictions."""
    about = {"task": task.name, "folds": task.folds, "features": features}
    marks = np.eye(scores.shape[1], dtype=bool)[truth]
    for number in np.unique(fold):
        test = fold == number
        precision, recall, _ = precision_recall_curve(marks[test].ravel(), scores[test].ravel())
        chosen = np.unique(np.linspace(0, len(recall) - 1, CURVE_POINTS).astype(int))
        curve = pd.DataFrame({"recall": recall[chosen], "precision": precision[chosen]})
        found.curves.append(curve.assign(fold=number, **about))
    predicted = task.classes[scores.argmax(1)]
    counted = pd.DataFrame({"truth": task.labels, "predicted": predicted})
    found.confusion.append(counted.value_counts().reset_index(name="contigs").assign(**about))


def analyse(
    contigs: pd.DataFrame,
    embeddings: Mapping[str, Replicates],
    label: str,
    group: str,
    count: int,
    seeds: Sequence[int],
    rounds: int,
) -> Found:
    """All tasks: the label in stratified and in grouped folds, and viruses against the rest.

    contigs: rows of `TAXONOMY_CONTIGS`. embeddings: draws of `TAXONOMY_FEATURES`, (contigs, …)
    each. label, group: columns of contigs. seeds: of the folds, and so of the controls. A task
    that the contigs cannot answer is logged and left out.
    """
    found = Found()
    virus = contigs["domain"].map(lambda domain: "virus" if domain == "Viruses" else "prokaryote")
    name = {"taxonomic_class": "class"}.get(label, label)
    for task_name, labels in ((name, contigs[label]), ("virus", virus)):
        for folds in ("stratified", "grouped"):
            given = labels, contigs[group], count, contigs["accession"]
            task = make_task(task_name, folds, *given)
            if task is not None:
                judge(task, embeddings, count, seeds, rounds, found)
    return found
