"""Annotation transfer potential: how many unannotated proteins lie near a named one (Figure 3A, B).

Near means within a radius at which transfer is known to be right often enough. Half of the
annotated proteins (drawn at random) calibrate it: the largest radius at which the nearest other
annotated protein has the same product for at least the target share. The other half, their labels
hidden, measure what that radius is worth. So representations are compared at equal promises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from glm.statistics import Array, bootstrap_weights, interval, proportion_interval

ROWS = 1024  # of the distances that are in memory at a time
FEWEST = 10  # calibrating proteins within a radius for its precision to be believed
SAYS_NOTHING = re.compile(
    r"\b(putative|probable|predicted|possible|protein|family|domain-containing|domain)\b"
)


def label(product: str) -> str:
    """A product name without case, punctuation and the words that qualify it."""
    return " ".join(re.findall(r"[a-z0-9]+", SAYS_NOTHING.sub(" ", product.lower())))


class Nearest(NamedTuple):
    """The nearest annotated protein of each point: (n,) float64 distance, (n,) int64 which."""

    distance: Array
    which: Array


def nearest_annotated(points: Array, candidates: Array) -> Nearest:
    """The nearest candidate of each point, itself left out, a block of rows at a time.

    points: (n, features). candidates: (c,) int64 indices into points, at least two.
    """
    among = points[candidates].astype(np.float64)
    length = (among**2).sum(1)
    place = np.full(len(points), -1)
    place[candidates] = np.arange(len(candidates))
    distance, index = np.empty(len(points)), np.empty(len(points), np.int64)
    for start in range(0, len(points), ROWS):
        rows = points[start : start + ROWS].astype(np.float64)
        squared = (rows**2).sum(1)[:, None] + length - 2 * rows @ among.T
        own = place[start : start + ROWS]
        squared[np.flatnonzero(own >= 0), own[own >= 0]] = np.inf
        best = squared.argmin(1)
        distance[start : start + ROWS] = np.linalg.norm(rows - among[best], axis=1)
        index[start : start + ROWS] = candidates[best]
    return Nearest(distance, index)


def calibrate(distance: Array, right: Array, target: float) -> float:
    """The largest radius within which transfer is right for at least the target share.

    distance, right: (n,) of the calibrating proteins. Equal distances are one radius. Returns nan
    where no radius with at least `FEWEST` proteins in it is good enough.
    """
    order = np.argsort(distance, kind="stable")
    ranked = distance[order]
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    ends = np.append(ranked[1:] > ranked[:-1], True)
    good = np.flatnonzero(ends & (precision >= target) & (np.arange(1, len(order) + 1) >= FEWEST))
    return float(ranked[good[-1]]) if len(good) else float("nan")


@dataclass(frozen=True)
class Proteins:
    """One gene of each protein of the share.

    annotated: (n,) bool. label: (n,) int64, equal for the same product; -1 if unannotated. unit:
    (n,) int64, the subcontig: intervals draw whole ones.
    """

    annotated: Array
    label: Array
    unit: Array

    @property
    def reason_against(self) -> str | None:
        """Why nothing can be measured, or None."""
        named = int(self.annotated.sum())
        if named < 4 * FEWEST or len(self.annotated) - named < FEWEST:
            return (
                f"{named} annotated and {len(self.annotated) - named} unannotated proteins in the "
                f"share; {4 * FEWEST} and {FEWEST} are needed (raise unannotated.share)"
            )
        return None


class Transferred(NamedTuple):
    """A row of TRANSFER but the gain, the bootstrap values of the potential, and each point's."""

    row: dict[str, Any]
    draws: Array
    distance: Array
    same_product: Array


def measure(
    points: Array, proteins: Proteins, target: float, rounds: int, seed: int
) -> Transferred:
    """Transfer potential and precision of one representation, points (n, features)."""
    named = np.flatnonzero(proteins.annotated)
    half = np.random.default_rng(seed).permutation(named)
    calibrating, hidden = half[: len(half) // 2], half[len(half) // 2 :]
    found = nearest_annotated(points, named)
    same = proteins.label[found.which] == proteins.label
    radius = calibrate(found.distance[calibrating], same[calibrating], target)
    within = found.distance <= (radius if np.isfinite(radius) else -1.0)
    weights = bootstrap_weights(proteins.unit, rounds, seed).astype(float)
    unnamed = ~proteins.annotated
    tested = np.zeros(len(points), bool)
    tested[hidden] = True
    inside = tested & within
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = weights[:, unnamed] @ within[unnamed] / weights[:, unnamed].sum(1)
    potential, precision = interval(draws), proportion_interval(same[inside], weights[:, inside])
    row = {
        "radius": radius,
        "potential": float(within[unnamed].mean()),
        "potential_lower": potential.lower,
        "potential_upper": potential.upper,
        "precision": float(same[inside].mean()) if inside.any() else float("nan"),
        "precision_lower": precision.lower,
        "precision_upper": precision.upper,
        "recall": float((inside & same).sum() / max(len(hidden), 1)),
        "nearest_precision": float(same[hidden].mean()),
        "calibration": len(calibrating),
        "hidden": len(hidden),
        "unannotated": int(unnamed.sum()),
        "subcontigs": len(np.unique(proteins.unit)),
    }
    return Transferred(row, draws, found.distance, same)


def table(measured: dict[str, Transferred], reference: str) -> pd.DataFrame:
    """TRANSFER: every representation, with its gain over the reference on the same draws."""
    base = measured[reference]
    rows = []
    for name, found in measured.items():
        gain = interval(found.draws - base.draws)
        rows.append(
            {
                "representation": name,
                **found.row,
                "gain": found.row["potential"] - base.row["potential"],
                "gain_lower": gain.lower,
                "gain_upper": gain.upper,
            }
        )
    return pd.DataFrame(rows)
