"""Enzyme classes from embeddings with and without context: the paper's figures, with controls.

Each kind of features is judged on the same proteins with the same seeds and the same bootstrap
draws, so that differences are paired. Draws take whole clusters of homologues.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from glm.configuration.analyses import Perceptron
from glm.enzymes.perceptron import Fit, fit
from glm.enzymes.scoring import bootstrap_average_precision, class_f1, micro_average_precision
from glm.errors import GlmError
from glm.inference.replicates import Replicates, replicate
from glm.statistics import bootstrap_weights, interval

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
    results: list[dict[str, Any]] = []
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
                mean = np.mean([judged(f, labels[test]) for f in fits[features]])
                logging.info("%s, %s, %s: accuracy %.3f", split, classifier, features, mean)
            n = {"test": int(test.sum()), "validation": int((parts == "validation").sum())}
            results += rows(split, classifier, fits, labels[test], weights, n)
            if classifier == "perceptron":
                counted = compare_classes(fits, labels[test], len(classes), weights)
                counted["train"] = np.bincount(labels[parts == "train"], minlength=len(classes))
                per_class.append(counted.assign(split=split, ec=classes).query("test > 0"))
    return pd.DataFrame(results), pd.concat(per_class, ignore_index=True)


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


def judged(made: Fit, truth: np.ndarray) -> float:
    """Accuracy on the test proteins."""
    return float((made.probabilities.argmax(1) == truth).mean())


def rows(
    split: str,
    classifier: str,
    fits: Mapping[str, Sequence[Fit]],
    truth: np.ndarray,
    weights: np.ndarray,
    n: Mapping[str, int],
) -> list[dict[str, Any]]:
    """All measures of all features, each with its difference from the protein model alone."""
    made: list[dict[str, Any]] = []
    alone: dict[str, tuple[float, np.ndarray]] = {}
    total = weights.sum(1)
    for features, of_seeds in fits.items():
        right = [(f.probabilities.argmax(1) == truth).astype(float) for f in of_seeds]
        precision = [float(micro_average_precision(f.probabilities, truth)[0]) for f in of_seeds]
        drawn = {
            "accuracy": ([r.mean() for r in right], weights @ np.mean(right, axis=0) / total),
            "micro_average_precision": (
                precision,
                np.mean(
                    [
                        bootstrap_average_precision(f.probabilities, truth, weights)
                        for f in of_seeds
                    ],
                    axis=0,
                ),
            ),
        }
        for measure, (values, in_rounds) in drawn.items():
            mean = float(np.mean(values))
            first = alone.setdefault(measure, (mean, in_rounds))
            ends = interval(in_rounds)
            row = {"value": mean, "lower": ends.lower, "upper": ends.upper, "n": n["test"]}
            if features != ALONE:
                ends = interval(in_rounds - first[1])
                row["difference"] = mean - first[0]
                row["difference_lower"], row["difference_upper"] = ends
            made.append({**row, "features": features, "measure": measure,
                         "seed_deviation": deviation(values)})  # fmt: skip
        for measure, values in (
            ("validation_accuracy", [f.validation_accuracy for f in of_seeds]),
            ("best_epoch", [float(f.best_epoch) for f in of_seeds]),
        ):
            made.append(
                {
                    "features": features,
                    "measure": measure,
                    "value": float(np.mean(values)),
                    "seed_deviation": deviation(values),
                    "n": n["validation"],
                }
            )
    empty = dict.fromkeys(("lower", "upper", "difference", "difference_lower", "difference_upper"))
    seeds = len(next(iter(fits.values())))
    return [{**empty, "split": split, "classifier": classifier, "seeds": seeds, **row}
            for row in made]  # fmt: skip


def deviation(values: Sequence[float]) -> float | None:
    """Standard deviation over seeds; None of one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def compare_classes(
    fits: Mapping[str, Sequence[Fit]], truth: np.ndarray, classes: int, weights: np.ndarray
) -> pd.DataFrame:
    """F1 of each class with and without the gLM, mean over seeds, and the interval of the gain."""
    means: dict[str, np.ndarray] = {}
    rounds: dict[str, np.ndarray] = {}
    for features in (ALONE, WITH_GLM):
        predicted = [f.probabilities.argmax(1) for f in fits[features]]
        means[features] = np.mean([class_f1(p, truth, classes)[0] for p in predicted], axis=0)
        rounds[features] = np.mean(
            [class_f1(p, truth, classes, weights) for p in predicted], axis=0
        )
    gain = rounds[WITH_GLM] - rounds[ALONE]
    ends = [interval(gain[:, index]) for index in range(classes)]
    return pd.DataFrame(
        {
            "context_free": means[ALONE],
            "contextualised": means[WITH_GLM],
            "difference": means[WITH_GLM] - means[ALONE],
            "lower": [end.lower for end in ends],
            "upper": [end.upper for end in ends],
            "test": np.bincount(truth, minlength=classes),
        }
    )
