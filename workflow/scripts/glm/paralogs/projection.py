"""Predictions and labels laid out in the plane (Figure 4E, F); the coordinates are stored."""

from __future__ import annotations

from typing import Literal

import numpy as np

Layout = Literal["umap", "pca"]
NEIGHBOURS = 15


def project(points: np.ndarray, layout: Layout, seed: int) -> np.ndarray:
    """(points, features) to (points, 2): UMAP with a seed, or two principal components."""
    if layout == "umap" and len(points) > NEIGHBOURS + 1:
        from umap import UMAP  # compiles for seconds, so only where it is asked for

        mapped = UMAP(n_neighbors=NEIGHBOURS, random_state=seed, n_jobs=1).fit_transform(points)
        return np.asarray(mapped, float)
    centred = points.astype(float) - points.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:2]
    # the sign of a component is arbitrary: its largest entry is made positive
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    return centred @ (directions * np.sign(largest)).T
