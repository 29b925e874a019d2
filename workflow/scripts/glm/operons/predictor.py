"""A fitted operon predictor as a JSON file: no pickle, with where it comes from.

It holds three logistic regressions, so that its user sees at once what attention adds: on
strand and distance, on attention alone (the paper's), and on all of them. The published one has
attention alone (`glm.model.published_tables`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from glm import statistics
from glm.errors import GlmError
from glm.files import writing
from glm.inference.names import head_name
from glm.operons.classification import regression
from glm.operons.features import (
    ATTENTION,
    COMBINED,
    STRAND_DISTANCE,
    distance_features,
    distance_names,
)

KIND = "glm operon predictor"
VERSION = 1
MODELS = (STRAND_DISTANCE, ATTENTION, COMBINED)


@dataclass(frozen=True)
class Regression:
    """Coefficients for the features as they are (any scaling is folded in), and calibration.

    calibration: predicted, observed and count of each bin, out of fold.
    """

    features: list[str]
    coefficients: list[float]
    intercept: float
    calibration: dict[str, list[float]] = field(default_factory=dict)

    def probability(self, values: np.ndarray) -> np.ndarray:
        """(pairs, features) to the probability of one operon, (pairs,)."""
        return expit(values @ np.array(self.coefficients) + self.intercept)


@dataclass(frozen=True)
class Predictor:
    """The regressions, the labels that they learned from and the gLM that they fit.

    model: fingerprint of the gLM's weights; heads are those of no other model. pairs: that they
    were fitted on, None where nobody says.
    """

    layers: int
    heads: int
    model: str
    labels: str
    genome: str
    pairs: int | None
    regressions: dict[str, Regression]
    stamp: dict[str, Any] = field(default_factory=dict)

    def predict(self, pairs: pd.DataFrame, attention: np.ndarray) -> dict[str, np.ndarray]:
        """Probability that neighbours are of one operon, by regression, (pairs,) each.

        pairs: same_strand, gap. attention: (pairs, layers x heads) of the same gLM.
        """
        if attention.shape[1] != self.layers * self.heads:
            raise GlmError(
                f"the operon predictor was fitted on {self.layers} x {self.heads} heads, the "
                f"attention has {attention.shape[1]}: it is of another model"
            )
        return {
            name: self.regressions[name].probability(values)
            for name, values in inputs(pairs, attention).items()
            if name in self.regressions
        }


def inputs(pairs: pd.DataFrame, attention: np.ndarray) -> dict[str, np.ndarray]:
    """Features of each regression, (pairs, features)."""
    distance = distance_features(pairs)
    return {
        STRAND_DISTANCE: distance,
        ATTENTION: attention,
        COMBINED: np.column_stack([attention, distance]),
    }


def fit(
    pairs: pd.DataFrame,
    attention: np.ndarray,
    layers: int,
    heads: int,
    scores: Mapping[str, np.ndarray],
    **about: Any,
) -> Predictor:
    """Fit on all neighbouring pairs of a genome.

    scores: out-of-fold probabilities by regression, which the calibration is measured on. about:
    model, labels, genome and stamp of the predictor.
    """
    same_operon = pairs["same_operon"].to_numpy(bool)
    head_names = [head_name(layer, head) for layer in range(layers) for head in range(heads)]
    names = {
        STRAND_DISTANCE: distance_names(),
        ATTENTION: head_names,
        COMBINED: [*head_names, *distance_names()],
    }
    regressions = {}
    for name, values in inputs(pairs, attention).items():
        scaler, logistic = (step for _, step in regression().fit(values, same_operon).steps)
        coefficients = logistic.coef_[0] / scaler.scale_
        found = statistics.reliability(same_operon, scores[name])
        regressions[name] = Regression(
            features=names[name],
            coefficients=coefficients.tolist(),
            intercept=float(logistic.intercept_[0] - coefficients @ scaler.mean_),
            calibration={key: column.tolist() for key, column in vars(found).items()},
        )
    return Predictor(layers=layers, heads=heads, pairs=len(pairs), regressions=regressions, **about)


def save(predictor: Predictor, path: Path) -> None:
    """Write the predictor as JSON."""
    with writing(path) as beside:
        beside.write_text(
            json.dumps({"kind": KIND, "version": VERSION, **asdict(predictor)}, indent=1) + "\n"
        )


def load(path: Path) -> Predictor:
    """Read a predictor; raises `GlmError` if the file is none."""
    try:
        content = json.loads(path.read_text())
        if content.pop("kind") != KIND or content.pop("version") != VERSION:
            raise GlmError(f"{path}: not a {KIND} of version {VERSION}")
        content["regressions"] = {
            name: Regression(**fitted) for name, fitted in content["regressions"].items()
        }
        return Predictor(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise GlmError(f"{path}: not a {KIND} ({error}); fit it again") from error
