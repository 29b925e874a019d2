"""Enzyme classes from embeddings with and without context: the paper's figures, with controls.

Each kind of features is judged on the same proteins with the same seeds and the same bootstrap
draws, so that differences are paired. Draws take whole clusters of homologues.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from glm.comparison import (
    Measured,
    bootstrap_weights,
    compare,
    draw_groups,
    measure,
    measure_mean,
    weighted_mean,
)
from glm.configuration.analyses import Perceptron
from glm.enzymes.changes import compare_classes
from glm.enzymes.perceptron import Fit, by_protocol, fit
from glm.enzymes.scoring import bootstrap_average_precision
from glm.errors import GlmError
from glm.inference.replicates import Replicates, replicate
from glm.probes import (
    EQUAL,
    NEAREST,
    equal_dimension,
    nearest_neighbours,
    shared_components,
    standardised,
)

ALONE = "protein model"
FEATURES = {
    ALONE: None,
    "protein model + gLM": "trained",
    "protein model + untrained gLM": "untrained",
    "protein model + shuffled context": "shuffled",
    "protein model + mean of neighbours": "neighbours",
}
WITH_GLM = "protein model + gLM"
WITH_NEIGHBOURS = "protein model + mean of neighbours"
SPLITS = ("stratified", "apart")
PERCEPTRON, LINEAR = "perceptron", "linear"
SEEDED = (PERCEPTRON, LINEAR)
CLASSIFIERS = (*SEEDED, EQUAL, NEAREST)


def feature_matrix(table: Mapping[str, Replicates], features: str, number: int) -> np.ndarray:
    """A seed's embeddings of a kind of features, (n, D) or, with its context, (n, D + more)."""
    variant = FEATURES[features]
    alone = replicate(table["context_free"], number)
    if variant is None:
        return alone
    return np.concatenate([alone, replicate(table[variant], number)], axis=1)


def analyse(
    examples: pd.DataFrame,
    embeddings: Mapping[str, Replicates],
    settings: Perceptron,
    seeds: Sequence[int],
    rounds: int,
    seed: int,
    device: torch.device | str = "cpu",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `ENZYME_RESULTS` and of `ENZYME_CLASSES`.

    examples: rows of `ENZYME_EXAMPLES`. embeddings: draws of `ENZYME_FEATURES`, (n, …) each.
    seeds: of the networks, and so of the controls. seed: of the bootstrap.
    """
    classes, labels = np.unique(examples["ec"].to_numpy(dtype=str), return_inverse=True)
    results: list[pd.DataFrame] = []
    per_class: list[pd.DataFrame] = []
    for split in SPLITS:
        parts = examples[split].to_numpy(dtype=str)
        check_parts(parts, split)
        test = parts == "test"
        weights = {
            part: bootstrap_weights(examples["cluster"].to_numpy()[parts == part], rounds, seed)
            for part in ("test", "validation")
        }
        for classifier in CLASSIFIERS:
            fits = fit_all(classifier, embeddings, labels, parts, settings, seeds, device)
            for features, made in fits.items():
                mean = np.mean([is_right(one, labels[test]) for one in made])
                logging.info("%s, %s, %s: accuracy %.3f", split, classifier, features, mean)
            results.append(rows(split, classifier, fits, labels[test], weights, seed))
            if classifier == PERCEPTRON:
                clusters = examples["cluster"].to_numpy()[test]
                counted = compare_classes(
                    fits[ALONE], fits[WITH_GLM], labels[test], len(classes), clusters,
                    weights["test"], seed,
                )  # fmt: skip
                counted["train"] = np.bincount(labels[parts == "train"], minlength=len(classes))
                per_class.append(counted.assign(split=split, ec=classes).query("test > 0"))
    return pd.concat(results, ignore_index=True), pd.concat(per_class, ignore_index=True)


def fit_all(
    classifier: str,
    embeddings: Mapping[str, Replicates],
    labels: np.ndarray,
    parts: np.ndarray,
    settings: Perceptron,
    seeds: Sequence[int],
    device: torch.device | str,
) -> dict[str, list[Fit]]:
    """One of `CLASSIFIERS` on each kind of features, of each seed.

    labels, parts: (n,). Classifiers that are not `SEEDED` draw little or nothing, and judge each
    replicate of features once.
    """
    train = parts == "train"
    chosen = by_protocol(settings)
    if classifier != PERCEPTRON:  # the same training without a hidden layer
        chosen = chosen.model_copy(update={"hidden_sizes": [], "dropout": 0.0})
    sizes = (feature_matrix(embeddings, features, 0).shape[1] for features in FEATURES)
    components = shared_components(sizes, int(train.sum()))
    found: dict[str, list[Fit]] = {}
    for features, column in FEATURES.items():
        replicates = len(embeddings[column or "context_free"])
        found[features] = []
        for number, seed in enumerate(seeds if classifier in SEEDED else seeds[:replicates]):
            values = standardised(feature_matrix(embeddings, features, number), train)
            if classifier == EQUAL:
                values = equal_dimension(values, train, components)
            made = (
                by_nearest(values, labels, parts)
                if classifier == NEAREST
                else fit(values, labels, parts, chosen, seed, device)
            )
            found[features].append(made)
    return found


def by_nearest(values: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> Fit:
    """What the nearest training proteins say; values: (n, features), standardised."""
    train = parts == "train"
    model = nearest_neighbours(int(train.sum())).fit(values[train], labels[train])
    validation = parts == "validation"
    validated = (model.predict(values[validation]) == labels[validation]).astype(float)
    test = parts == "test"
    scores = np.zeros((int(test.sum()), int(labels.max()) + 1), np.float32)
    scores[:, model.classes_] = model.predict_proba(values[test])
    return Fit(scores, float("nan"), validated)


def check_parts(parts: np.ndarray, split: str) -> None:
    """Raise `GlmError` if a part of a split is empty."""
    for name in ("train", "validation", "test"):
        if not (parts == name).any():
            raise GlmError(
                f"the {split} split has no {name} protein ({len(parts)} in all): too few enzymes; "
                "take more subcontigs (enzymes.subcontigs) or a larger enzymes.reference"
            )


def is_right(made: Fit, truth: np.ndarray) -> np.ndarray:
    """Whether each test protein's likeliest class is its own, (n,) of 0 and 1."""
    return np.asarray(made.scores.argmax(1) == truth, float)


def rows(
    split: str,
    classifier: str,
    fits: Mapping[str, Sequence[Fit]],
    truth: np.ndarray,
    weights: Mapping[str, np.ndarray],
    seed: int,
) -> pd.DataFrame:
    """All measures of all features, those of test proteins with the difference from the protein's.

    weights: (rounds, n) of the test and of the validation proteins. Epochs are drawn by network.
    """

    def precision(made: Fit, weights: np.ndarray | None) -> np.ndarray:
        return bootstrap_average_precision(made.scores, truth, weights)

    def mean_of(values: Sequence[float]) -> Measured:
        drawn = draw_groups(len(values), len(weights["test"]), seed)
        return Measured(float(np.mean(values)), weighted_mean(np.array(values), drawn), values)

    on_test: dict[str, Callable[[Sequence[Fit]], Measured]] = {
        "accuracy": lambda made: measure_mean([is_right(f, truth) for f in made], weights["test"]),
        "micro_average_precision": lambda made: measure(precision, made, weights["test"]),
    }
    on_validation: dict[str, Callable[[Sequence[Fit]], Measured]] = {
        "validation_accuracy": lambda made: measure_mean(
            [f.validated for f in made], weights["validation"]
        ),
        "best_epoch": lambda made: mean_of([f.best_epoch for f in made]),
    }
    tables = []
    for part, measures, references in (
        ("test", on_test, {"difference": ALONE}), ("validation", on_validation, {}),
    ):  # fmt: skip
        for name, measured in measures.items():
            methods = {features: measured(of_seeds) for features, of_seeds in fits.items()}
            compared = compare(methods, "features", references, itself=False)
            tables.append(compared.assign(measure=name, n=weights[part].shape[1]))
    found = pd.concat(tables).rename(columns={"deviation": "seed_deviation"})
    of_seeds = found["features"].map({features: len(made) for features, made in fits.items()})
    return found.assign(split=split, classifier=classifier, seeds=of_seeds)
