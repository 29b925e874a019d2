"""One entry of the semantics analysis: how far each representation separates the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from glm import tables
from glm.comparison import Measured, compare
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.projection import Layout, principal_components, project
from glm.semantics.separation import Labels, measure


class Analysed(NamedTuple):
    """Points as drawn (SEMANTIC_POINTS) and the measures (SEPARATION)."""

    points: pd.DataFrame
    separation: pd.DataFrame


def empty() -> Analysed:
    """The tables of an entry that cannot be analysed."""
    return Analysed(tables.SEMANTIC_POINTS.frame(), tables.SEPARATION.frame())


def reason_against(genes: pd.DataFrame) -> str | None:
    """Why there is nothing to compare, or None."""
    groups = genes["group"].nunique()
    if groups < 2:
        return f"{groups} group{'s' * (groups != 1)} with enough genes; two are needed"
    return None


def analyse(
    genes: pd.DataFrame,
    representations: Mapping[str, Sequence[np.ndarray]],
    layout: Layout,
    **settings: Any,
) -> Analysed:
    """Measure and lay out every representation of the focal genes.

    genes: columns subcontig, rank, protein, set, group, assembly. representations: replicates of
    (genes, features) by name, CONTEXT_FREE among them. settings: those of `separation.measure`.
    """
    labels = Labels.of(genes["group"], genes["assembly"])
    points, shares = [], []
    measured: dict[str, dict[str, Measured]] = {}
    for name, replicates in representations.items():
        components = principal_components(replicates[0])
        shown = name in (CONTEXT_FREE, CONTEXTUALISED)  # UMAP takes longer than all the rest
        drawn = project(replicates[0], layout if shown else "pca", settings["seed"])
        for measure_name, found in measure(replicates, labels, **settings).items():
            measured.setdefault(measure_name, {})[name] = found
        shares.append((name, *components.variance_share[:2]))
        points.append(
            genes[["subcontig", "rank", "protein", "set", "group"]].assign(
                representation=name,
                unit=genes["assembly"],
                x=drawn[:, 0],
                y=drawn[:, 1],
                first_component=components.coordinates[:, 0],
                second_component=components.coordinates[:, 1],
            )
        )
    compared = [
        compare(methods, "representation", {"gain": CONTEXT_FREE}).assign(measure=name)
        for name, methods in measured.items()
    ]
    separation = pd.concat(compared).merge(
        pd.DataFrame(shares, columns=["representation", "first_share", "second_share"])
    )
    counts = {
        "n": len(genes),
        "groups": genes["group"].nunique(),
        "units": genes["assembly"].nunique(),
    }
    return Analysed(pd.concat(points, ignore_index=True), separation.assign(**counts))
