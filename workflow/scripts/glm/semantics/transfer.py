"""Annotation transfer potential: how many unannotated proteins lie near a named one (Figure 3A, B).

Near means within a radius at which transfer is known to be right often enough. Half of the
annotated proteins (drawn at random) calibrate it: the largest radius at which the nearest other
annotated protein has the same product for at least the target share. The other half, their labels
hidden, measure what that radius is worth. So representations are compared at equal promises. Each
seed halves anew (and draws anew the random weights and the shuffled context of a control).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from glm.comparison import Array, Measured, compare, draw_groups, mean_by_unit
from glm.inference.names import (
    CONTEXT_FREE,
    CONTEXTUALISED,
    SHUFFLED,
    WITH_GLM,
    at_equal_dimension,
    is_at_equal_dimension,
)
from glm.scorecard_entries import Numbers

BLOCK_BYTES = 64_000_000  # of the distances that are in memory at a time
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


def nearest_annotated(points: Array, candidates: Array, apart: Array | None = None) -> Nearest:
    """The nearest candidate of each point, itself left out, a block of rows at a time.

    points: (n, features). candidates: (c,) int64 indices into points, at least two. apart: (n,)
    int64, of whose equals (the genes of a genome) none is a candidate; default: each is its own.
    """
    among = points[candidates].astype(np.float64)
    length = (among**2).sum(1)
    block = max(BLOCK_BYTES // (8 * len(among)), 1)
    of = np.arange(len(points)) if apart is None else apart
    distance, index = np.empty(len(points)), np.empty(len(points), np.int64)
    for start in range(0, len(points), block):
        rows = points[start : start + block].astype(np.float64)
        squared = (-2 * rows) @ among.T
        squared += length  # the row's own length is the same for all
        squared[of[start : start + block, None] == of[candidates]] = np.inf
        best = squared.argmin(1)
        distance[start : start + block] = np.linalg.norm(rows - among[best], axis=1)
        index[start : start + block] = candidates[best]
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
    (n,) int64, the genome or the subcontig: intervals draw whole ones.
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
    """A row of TRANSFER but the gain, the potential, and each point's distance and match."""

    row: dict[str, Any]
    potential: Measured
    distance: Array
    same_product: Array


MEANS = ("radius", "potential", "precision", "recall", "nearest_precision")


def measure(
    replicates: Iterable[Array], proteins: Proteins, target: float, rounds: int, seed: int
) -> Transferred:
    """Transfer potential and precision of one representation, means over its replicates.

    replicates: (n, features) each, the same proteins from different seeds; a fixed representation
    is the same array given as often as annotated proteins are to be halved. The distances that are
    returned are the first's.
    """
    drawn_units = draw_groups(int(proteins.unit.max()) + 1, rounds, seed).astype(float)
    named = np.flatnonzero(proteins.annotated)
    found: list[Nearest] = []
    rows, in_rounds, measured = [], [], None
    for number, points in enumerate(replicates):
        if points is not measured:
            found.append(nearest_annotated(points, named))
            measured = points
        row, drawn = halve(found[-1], proteins, target, drawn_units, seed + number)
        rows.append(row)
        in_rounds.append(drawn)
    same = proteins.label[found[0].which] == proteins.label
    frame = pd.DataFrame(rows)
    of = {
        name: Measured(
            float(frame[name].mean()),
            # of seeds without a radius there is no precision; the mean is of the others
            pd.DataFrame([drawn[name] for drawn in in_rounds]).mean().to_numpy(),
            frame[name].dropna().tolist(),
        )
        for name in ("potential", "precision")
    }
    means: dict[str, Any] = {name: float(frame[name].mean()) for name in MEANS}
    for name, measured_of in of.items():
        means[f"{name}_lower"], means[f"{name}_upper"] = measured_of.interval
        means[f"{name}_deviation"] = measured_of.deviation
    means |= {
        "seeds": len(rows),
        **{name: int(frame[name].iloc[0]) for name in ("calibration", "hidden")},
        "unannotated": int((~proteins.annotated).sum()),
        "units": len(np.unique(proteins.unit)),
    }
    return Transferred(means, of["potential"], found[0].distance, same)


def halve(
    found: Nearest, proteins: Proteins, target: float, drawn: Array, seed: int
) -> tuple[dict[str, float], dict[str, Array]]:
    """Calibrate on one half of the annotated proteins, test on the other.

    drawn: (rounds, units) how often each unit counts in each bootstrap round. Returns the measures,
    and potential and precision in each round.
    """
    half = np.random.default_rng(seed).permutation(np.flatnonzero(proteins.annotated))
    calibrating, hidden = half[: len(half) // 2], half[len(half) // 2 :]
    same = proteins.label[found.which] == proteins.label
    radius = calibrate(found.distance[calibrating], same[calibrating], target)
    within = found.distance <= (radius if np.isfinite(radius) else -1.0)
    inside = np.zeros(len(within), bool)
    inside[hidden] = within[hidden]
    unnamed = ~proteins.annotated
    row = {
        "radius": radius,
        "potential": float(within[unnamed].mean()),
        "precision": float(same[inside].mean()) if inside.any() else float("nan"),
        "recall": float((inside & same).sum() / max(len(hidden), 1)),
        "nearest_precision": float(same[hidden].mean()),
        "calibration": len(calibrating),
        "hidden": len(hidden),
    }
    return row, {
        "potential": mean_by_unit(within, proteins.unit, drawn, unnamed),
        "precision": mean_by_unit(same, proteins.unit, drawn, inside),
    }


def table(measured: dict[str, Transferred]) -> pd.DataFrame:
    """TRANSFER: every representation, with its gain over the protein alone on the same draws.

    At equal dimension it is over the protein's at that.
    """
    gains = []
    for reference in (CONTEXT_FREE, at_equal_dimension(CONTEXT_FREE)):
        alike = {
            name: found.potential
            for name, found in measured.items()
            if is_at_equal_dimension(name) == is_at_equal_dimension(reference)
        }
        gains.append(compare(alike, "representation", {"gain": reference}))
    rows = pd.DataFrame([found.row for found in measured.values()], index=pd.Index(measured))
    gained = pd.concat(gains).set_index("representation")
    columns = ["gain", "gain_lower", "gain_upper"]
    return rows.join(gained[columns]).rename_axis("representation").reset_index()


def numbers(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`: the potential in context, and what it differs by from the protein
    alone: as it is, at equal dimension, beside the protein, and with a shuffled context."""
    if rows.empty:
        return []
    by_name = rows.set_index("representation")
    found = Numbers("context_transfer", n=rows["unannotated"].iloc[0], unit="proteins")
    found.add_row("potential", by_name.loc[CONTEXTUALISED], "potential")
    for id, name in (
        ("gain", CONTEXTUALISED),
        ("gain_at_equal_dimension", at_equal_dimension(CONTEXTUALISED)),
        ("gain_beside_protein", at_equal_dimension(WITH_GLM)),
        ("gain_with_shuffled_context", SHUFFLED),
    ):
        found.add_row(id, by_name.loc[name], "gain", note=f"{name}, less the protein alone")
    return list(found)
