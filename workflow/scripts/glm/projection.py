"""Embeddings laid out in the plane: UMAP with a seed, or principal components; both are stored."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

Layout = Literal["umap", "pca"]
AXES: dict[str, str] = {"umap": "UMAP", "pca": "principal component"}  # of figures
NEIGHBOURS = 15
LEAST_POINTS = 4  # that UMAP can lay out


class Components(NamedTuple):
    """The first two principal components: (points, 2), and the share of variance of each."""

    coordinates: np.ndarray
    variance_share: tuple[float, float]


def project(points: np.ndarray, layout: Layout, seed: int) -> np.ndarray:
    """(points, features) to (points, 2): UMAP with a seed, or two principal components.

    Points that are all the same, or too few for UMAP, get principal components.
    """
    if layout == "umap" and len(points) >= LEAST_POINTS and np.ptp(points, axis=0).any():
        from umap import UMAP  # compiles for seconds, so only where it is asked for

        neighbours = min(NEIGHBOURS, len(points) - 1)
        mapped = UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1).fit_transform(points)
        return np.asarray(mapped, float)
    return principal_components(points).coordinates


def principal_components(points: np.ndarray) -> Components:
    """The first two principal components of (points, features); zero where there is no more."""
    centred = points.astype(float) - points.mean(0)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:2]
    # the sign of a component is arbitrary: its largest entry is made positive
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    found = centred @ (directions * np.sign(largest)).T
    coordinates = np.zeros((len(points), 2))
    coordinates[:, : found.shape[1]] = found
    variance = np.append(singular**2, 0.0)
    shares = variance[:2] / variance.sum() if variance.any() else np.zeros(2)
    return Components(coordinates, (float(shares[0]), float(shares[1])))
