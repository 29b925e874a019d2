"""The published pickles: norm.pkl and pca.pkl, which inputs and labels are made with, as tables;
operon_predictor.pkl as a predictor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glm.errors import GlmError
from glm.inference.names import head_name
from glm.model.pickles import Model, read_pickle
from glm.operons.features import ATTENTION
from glm.operons.predictor import Predictor, Regression


def read_standardisation(path: Path) -> pd.DataFrame:
    """Rows of standardisation of norm.pkl: a dictionary of `mean` and `std`, each (features,).

    How many proteins they are of is not published. Raises `GlmError` for anything else.
    """
    found = read_pickle(path)
    if not isinstance(found, dict) or not {"mean", "std"} <= found.keys():
        raise GlmError(f"{path}: holds {described(found)}, not a dictionary of mean and std")
    mean, deviation = (numbers(path, name, found[name], 1) for name in ("mean", "std"))
    if len(mean) != len(deviation):
        raise GlmError(f"{path}: has {len(mean)} means and {len(deviation)} deviations")
    return pd.DataFrame(
        {
            "feature": np.arange(len(mean)),
            "mean": mean,
            "standard_deviation": deviation,
            "count": pd.array([pd.NA] * len(mean), "Int64"),
        }
    )


def read_label_components(path: Path) -> pd.DataFrame:
    """Rows of label_components of pca.pkl, scikit-learn's PCA with whitening.

    A score is (components_ @ x - components_ @ mean_) / sqrt(explained_variance_). Raises
    `GlmError` for another pickle, and for a PCA that does not whiten.
    """
    has = attributes(path, "PCA", "components_", "mean_", "explained_variance_")
    if not has.get("whiten"):
        raise GlmError(f"{path}: a PCA that does not whiten; the published labels are whitened")
    components = numbers(path, "components_", has["components_"], 2)
    variance = numbers(path, "explained_variance_", has["explained_variance_"], 1)
    share = has.get("explained_variance_ratio_", np.full(len(variance), np.nan))
    return pd.DataFrame(
        {
            "component": np.arange(len(components)),
            "direction": list(components),
            "centre": components @ numbers(path, "mean_", has["mean_"], 1),
            "variance": variance,
            "variance_share": share,
            "count": pd.array([has.get("n_samples_", pd.NA)] * len(components), "Int64"),
        }
    )


def read_operon_predictor(path: Path, layers: int, heads: int, model: str) -> Predictor:
    """The predictor of operon_predictor.pkl, scikit-learn's regression on A + A transposed.

    Its coefficients are of all heads of the first layer, then of the second, not standardised; the
    class that it predicts is "one operon". model: fingerprint of the gLM's weights. Raises
    `GlmError` for another pickle, other classes, or coefficients of another number of heads.
    """
    has = attributes(path, "LogisticRegression", "coef_", "intercept_", "classes_")
    coefficients = numbers(path, "coef_", has["coef_"], 2)
    intercept = numbers(path, "intercept_", has["intercept_"], 1)
    classes = numbers(path, "classes_", has["classes_"], 1)
    if classes.tolist() != [0, 1] or has.get("multi_class") == "multinomial":
        raise GlmError(f"{path}: not a regression of class 1 against class 0")
    if coefficients.shape != (1, layers * heads) or len(intercept) != 1:
        raise GlmError(
            f"{path}: {coefficients.shape[1]} coefficients, but the gLM has {layers} x {heads} "
            "heads: it is of another model"
        )
    names = [head_name(layer, head) for layer in range(layers) for head in range(heads)]
    fitted = Regression(names, coefficients[0].tolist(), float(intercept[0]))
    return Predictor(
        layers=layers,
        heads=heads,
        model=model,
        labels=f"those of the published {path.name}",
        genome="Escherichia coli K-12",
        pairs=None,
        regressions={ATTENTION: fitted},
    )


def attributes(path: Path, kind: str, *needed: str) -> Mapping[str, Any]:
    """Attributes of a fitted model of scikit-learn; raises `GlmError` if it is none of its kind."""
    found = read_pickle(path)
    if not isinstance(found, Model) or found.name != kind:
        raise GlmError(f"{path}: holds {described(found)}, not scikit-learn's {kind}")
    if missing := set(needed) - found.attributes.keys():
        raise GlmError(f"{path}: a {kind} without {', '.join(sorted(missing))}; was it fitted?")
    return found.attributes


def numbers(path: Path, name: str, found: Any, dimensions: int) -> np.ndarray:
    """A finite array of so many dimensions, as float64; raises `GlmError` if it is none."""
    is_array = isinstance(found, np.ndarray) and found.ndim == dimensions and found.size
    if not is_array or not np.isfinite(found).all():
        raise GlmError(f"{path}: {name} is {described(found)}, not finite numbers in {dimensions}D")
    return found.astype(np.float64)


def described(found: Any) -> str:
    """What something is, in a word or two."""
    if isinstance(found, np.ndarray):
        return f"an array of shape {list(found.shape)}"
    return f"a {found.name if isinstance(found, Model) else type(found).__name__}"
