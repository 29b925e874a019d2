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
    interval,
    measure,
    measure_mean,
)
from glm.configuration.analyses import Perceptron
from glm.enzymes.perceptron import Fit, fit
from glm.enzymes.scoring import bootstrap_average_precision, class_f1
from glm.errors import GlmError
from glm.inference.replicates import Replicates, replicate

ALONE = "protein model"
FEATURES = {
    ALONE: None,
    "protein model + gLM": "trained",
    "protein model + untrained gLM": "untrained",
    "protein model + shuffled context": "shuffled",
}
WITH_GLM = "protein model + gLM"
SPLITS = ("stratified", "apart")
CLASSIFIERS = ("perceptron", "linear")


def feature_matrix(table: Mapping[str, Replicates], features: str, number: int) -> np.ndarray:
    """A seed's embeddings of a kind of features, (n, D) or, with a gLM, (n, D + hidden size)."""
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
        weights = bootstrap_weights(examples["cluster"].to_numpy()[test], rounds, seed)
        for classifier in CLASSIFIERS:
            chosen = settings if classifier == "perceptron" else linear(settings)
            fits = {}
            for features in FEATURES:
                fits[features] = [
                    fit(feature_matrix(embeddings, features, k), labels, parts, chosen, s, device)
                    for k, s in enumerate(seeds)
                ]
                mean = np.mean([is_right(f, labels[test]) for f in fits[features]])
                logging.info("%s, %s, %s: accuracy %.3f", split, classifier, features, mean)
            n = {"test": int(test.sum()), "validation": int((parts == "validation").sum())}
            results.append(rows(split, classifier, fits, labels[test], weights, n))
            if classifier == "perceptron":
                counted = compare_classes(fits, labels[test], len(classes), weights)
                counted["train"] = np.bincount(labels[parts == "train"], minlength=len(classes))
                per_class.append(counted.assign(split=split, ec=classes).query("test > 0"))
    return pd.concat(results, ignore_index=True), pd.concat(per_class, ignore_index=True)


def linear(settings: Perceptron) -> Perceptron:
    """The linear probe: the same training without a hidden layer."""
    return settings.model_copy(update={"hidden_sizes": [], "dropout": 0.0})


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
    return np.asarray(made.probabilities.argmax(1) == truth, float)


def rows(
    split: str,
    classifier: str,
    fits: Mapping[str, Sequence[Fit]],
    truth: np.ndarray,
    weights: np.ndarray,
    n: Mapping[str, int],
) -> pd.DataFrame:
    """All measures of all features, each with its difference from the protein model alone."""

    def precision(made: Fit, weights: np.ndarray | None) -> np.ndarray:
        return bootstrap_average_precision(made.probabilities, truth, weights)

    def mean_of(values: Sequence[float]) -> Measured:
        return Measured(float(np.mean(values)), each=values)

    on_test: dict[str, Callable[[Sequence[Fit]], Measured]] = {
        "accuracy": lambda made: measure_mean([is_right(f, truth) for f in made], weights),
        "micro_average_precision": lambda made: measure(precision, made, weights),
    }
    on_validation: dict[str, Callable[[Sequence[Fit]], Measured]] = {
        "validation_accuracy": lambda made: mean_of([f.validation_accuracy for f in made]),
        "best_epoch": lambda made: mean_of([float(f.best_epoch) for f in made]),
    }
    tables = []
    for part, measures, references in (
        ("test", on_test, {"difference": ALONE}), ("validation", on_validation, {}),
    ):  # fmt: skip
        for name, measured in measures.items():
            methods = {features: measured(of_seeds) for features, of_seeds in fits.items()}
            compared = compare(methods, "features", references, itself=False)
            tables.append(compared.assign(measure=name, n=n[part]))
    about = {"split": split, "classifier": classifier, "seeds": len(fits[ALONE])}
    return pd.concat(tables).rename(columns={"deviation": "seed_deviation"}).assign(**about)


def compare_classes(
    fits: Mapping[str, Sequence[Fit]], truth: np.ndarray, classes: int, weights: np.ndarray
) -> pd.DataFrame:
    """F1 of each class with and without the gLM, mean over seeds, and the interval of the gain."""

    def f1(features: str, weights: np.ndarray | None) -> np.ndarray:
        predicted = [f.probabilities.argmax(1) for f in fits[features]]
        return np.mean([class_f1(p, truth, classes, weights) for p in predicted], axis=0)

    means = {"context_free": f1(ALONE, None)[0], "contextualised": f1(WITH_GLM, None)[0]}
    ends = interval(f1(WITH_GLM, weights) - f1(ALONE, weights))
    return pd.DataFrame(
        {
            **means,
            "difference": means["contextualised"] - means["context_free"],
            **ends._asdict(),
            "test": np.bincount(truth, minlength=classes),
        }
    )
