"""Two controls of every comparison of features, beside the classifier that it is about.

Labels that come of a search for homologues are had from the nearest protein, with nothing trained.
And the larger of two embeddings is more to overfit, and otherwise penalised: before context is said
to do harm, features are compared at equal dimension and scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

NEAREST = "nearest neighbours"
EQUAL = "linear, equal dimension"
NEIGHBOURS = 5
COMPONENTS = 256


def nearest_neighbours(train: int) -> KNeighborsClassifier:
    """The vote of the nearest training rows, each by the inverse of its distance.

    train: how many rows it will be fitted on.
    """
    return KNeighborsClassifier(min(NEIGHBOURS, train), weights="distance")


def shared_components(sizes: Iterable[int], train: int) -> int:
    """Principal components that embeddings of these sizes all have; train: least training rows."""
    return max(min(COMPONENTS, train - 1, *sizes), 1)


def standardised(features: np.ndarray, train: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Features with mean 0 and deviation 1 over the training rows, (n, features) float32."""
    values = features.astype(np.float32)
    deviation = values[train].std(0)
    return (values - values[train].mean(0)) / np.where(deviation > 0, deviation, 1)


def equal_dimension(values: np.ndarray, train: np.ndarray, components: int) -> np.ndarray:
    """Principal components of the training rows, (n, components), of mean variance 1 over them.

    values: (n, features), standardised. train: (n,) bool.
    """
    fitted = PCA(components, svd_solver="covariance_eigh").fit(values[train])
    found: np.ndarray = fitted.transform(values)
    return found / np.sqrt(fitted.explained_variance_.mean() or 1)


def all_at_equal_dimension(embeddings: Mapping[str, Sequence[np.ndarray]]) -> dict[str, np.ndarray]:
    """Embeddings of the same rows with as many features and one scale, (n, components) each.

    embeddings: (n, features), standardised; several of one name are read side by side.
    """
    sizes = [values.shape[1] for sides in embeddings.values() for values in sides]
    every = np.ones(len(next(iter(embeddings.values()))[0]), bool)
    components = shared_components(sizes, len(every))
    return {
        name: equal_dimension(np.concatenate(sides, axis=1), every, components)
        for name, sides in embeddings.items()
    }
