"""What an operon classifier may look at: strand, distance, embeddings, attention, couplings.

One `FeatureSet` for each row of the comparison: the paper's (attention of all heads), and what a
sceptic wants beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

DISTANCE_RULES = (50, 100, 300)  # bases
KNOTS = (-20, -5, 0, 20, 50, 100, 200, 300)  # bases
SHORTEST, LONGEST = -60, 500
EMBEDDING_COMPONENTS = 64
ATTENTION, COMBINED = "attention", "attention + distance + strand"
STRAND_DISTANCE, INPUTS = "strand + distance", "embedding pairs + strand"
COUPLING = "coupling"
PAPER = "attention, as the paper"
COUPLINGS = {
    f"{COUPLING}, signed": (
        "change",
        "how much more likely each gene is where the gLM sees the other",
    ),
    f"{COUPLING}, not corrected": ("coupling", "size of the changes, whether better or worse"),
    COUPLING: ("corrected", "size less the average product: the gLM alone, nothing fitted"),
}
"""Rows of the comparison by the gLM's likelihoods alone, with their columns and meanings."""


@dataclass(frozen=True)
class FeatureSet:
    """Features of some gene pairs, and how they become a score.

    values: (pairs, features). fitted: by logistic regression; else the only feature is the score.
    scaled: standardised before the regression (the paper's protocol is not).
    """

    name: str
    meaning: str
    values: np.ndarray
    fitted: bool = True
    scaled: bool = True


def strand_features(pairs: pd.DataFrame) -> np.ndarray:
    """Whether a pair is on one strand, (pairs, 1)."""
    return pairs["same_strand"].to_numpy(float)[:, None]


def distance_names() -> list[str]:
    """Names of the columns of `distance_features`."""
    return ["same strand", "gap", *(f"gap over {knot}" for knot in KNOTS)]


def distance_features(pairs: pd.DataFrame) -> np.ndarray:
    """Strand and gap of neighbours, (pairs, 2 + knots).

    A broken line of the gap for pairs on one strand, so that a logistic regression can follow the
    two peaks of operons: genes that overlap by 4 or 1 bases, and those some ten apart. Bases are
    counted in hundreds.
    """
    strand = strand_features(pairs)
    gap = np.clip(pairs["gap"].to_numpy(float), SHORTEST, LONGEST)
    lines = [gap, *(np.maximum(gap - knot, 0) for knot in KNOTS)]
    return np.column_stack([strand, strand * np.column_stack(lines) / 100])


def rule(pairs: pd.DataFrame, bases: int) -> np.ndarray:
    """1 for neighbours on one strand with at most so many bases between them, (pairs, 1)."""
    near = pairs["gap"].to_numpy() <= bases
    return (near & pairs["same_strand"].to_numpy(bool)).astype(float)[:, None]


def embedding_features(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Context-free embeddings of both genes of a pair, (pairs, 2 x components).

    first, second: (pairs, D), standardised. The distance and the product, component by component,
    of at most 64 principal components: neither knows which gene comes first.
    """
    both = np.concatenate([first, second]).astype(float)
    centre = both.mean(0)
    kept = min(EMBEDDING_COMPONENTS, *both.shape)
    _, _, directions = np.linalg.svd(both - centre, full_matrices=False)
    one, other = ((side - centre) @ directions[:kept].T for side in (first, second))
    return np.column_stack([np.abs(one - other), one * other])


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of the two embeddings, (pairs, 1)."""
    product = np.sum(first * second, 1, dtype=float)
    length = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (product / np.maximum(length, 1e-12))[:, None]


def coupling_score(coupling: pd.Series) -> np.ndarray:
    """A coupling as the score itself, (pairs, 1): a pair that has none (nan) comes last."""
    return coupling.fillna(coupling.min()).fillna(0).to_numpy(float)[:, None]


def feature_sets(
    pairs: pd.DataFrame,
    attention: Mapping[str, np.ndarray],
    first: np.ndarray,
    second: np.ndarray,
    coupled: pd.DataFrame,
) -> list[FeatureSet]:
    """All rows of the comparison, simplest first.

    pairs: neighbours (same_strand, gap). attention: by variant, (pairs, heads) each; `trained` is
    required. first, second: (pairs, D) standardised embeddings. coupled: of the same pairs, with
    the columns change, coupling and corrected.
    """
    strand, distance = strand_features(pairs), distance_features(pairs)
    embedded = embedding_features(first, second)
    trained = attention["trained"]
    sets = [
        FeatureSet("none", "no feature: the base rate", np.zeros((len(pairs), 1)), fitted=False),
        FeatureSet("strand", "same strand or not", strand),
        *(
            FeatureSet(
                f"distance rule {bases} bp",
                f"same strand and at most {bases} bp apart: yes or no",
                rule(pairs, bases),
                fitted=False,
            )
            for bases in DISTANCE_RULES
        ),
        FeatureSet(STRAND_DISTANCE, "strand and bases between the genes", distance),
        FeatureSet(
            "embedding cosine",
            "cosine of the context-free embeddings",
            cosine(first, second),
            fitted=False,
        ),
        FeatureSet("embedding pairs", "context-free embeddings of both genes", embedded),
        FeatureSet(
            INPUTS,
            "context-free embeddings and strand: all that the gLM reads",
            np.column_stack([embedded, strand]),
        ),
        *(
            FeatureSet(name, meaning, coupling_score(coupled[column]), fitted=False)
            for name, (column, meaning) in COUPLINGS.items()
        ),
        FeatureSet(
            PAPER,
            "all heads, not standardised (the paper's protocol)",
            trained,
            scaled=False,
        ),
        FeatureSet(ATTENTION, "all heads, standardised", trained),
    ]
    sets += [
        FeatureSet(
            f"attention, {variant.replace('_', ' ')}", VARIANT_MEANINGS[variant], attention[variant]
        )
        for variant in VARIANT_MEANINGS
        if variant in attention
    ]
    combined = np.column_stack([trained, distance])
    return [*sets, FeatureSet(COMBINED, "all heads, bases between the genes and strand", combined)]


VARIANT_MEANINGS = {
    "untrained": "all heads of a gLM with random weights",
    "reordered_by_place": "all heads, other genes of the subcontig in the pair's places",
    "reordered_by_gene": "all heads, the pair's genes in other places of the subcontig",
}
