"""Mean and covariance in one pass, in pieces that can be merged (Chan, Golub and LeVeque 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """Count, mean (features,) and scatter about the mean, float64.

    The scatter is the sum of squared deviations: (features,), or (features, features) with the
    products of features.
    """

    count: int
    mean: np.ndarray
    scatter: np.ndarray

    @classmethod
    def empty(cls, features: int, products: bool = False) -> Moments:
        """Moments of nothing."""
        shape = (features, features) if products else (features,)
        return cls(0, np.zeros(features), np.zeros(shape))

    @classmethod
    def of(cls, rows: np.ndarray, products: bool = False) -> Moments:
        """Moments of (rows, features), computed in float64."""
        rows = rows.astype(np.float64)
        if not len(rows):
            return cls.empty(rows.shape[1], products)
        mean = rows.mean(0)
        deviations = rows - mean
        scatter = deviations.T @ deviations if products else np.square(deviations).sum(0)
        return cls(len(rows), mean, scatter)

    def __add__(self, other: Moments) -> Moments:
        """Moments of both parts together."""
        count = self.count + other.count
        if not count:
            return self
        shift = other.mean - self.mean
        between = np.outer(shift, shift) if self.scatter.ndim == 2 else np.square(shift)
        return Moments(
            count,
            self.mean + shift * (other.count / count),
            self.scatter + other.scatter + between * (self.count * other.count / count),
        )
