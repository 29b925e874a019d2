"""Whether context does harm: the same product in another genome, by the nearest neighbour.

Genes of one product in different genomes mean the same. Of each annotated protein whose product
another genome has too, the nearest annotated protein of another genome has it or not: by the
protein alone, by the layers of the gLM that a gene may be read from, and by random weights; and at
equal dimension and scale by the protein, by the layer that is read, and by both side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from glm import tables
from glm.comparison import Array, Measured, bootstrap_weights, compare, measure_mean
from glm.inference.names import (
    CONTEXT_FREE,
    UNTRAINED,
    WITH_GLM,
    HiddenLayer,
    at_equal_dimension,
)
from glm.inference.reader import GeneReader
from glm.inference.representations import represent
from glm.probes import all_at_equal_dimension, standardised
from glm.scorecard_entries import Numbers
from glm.semantics.share import in_context
from glm.semantics.transfer import Proteins, nearest_annotated

LAYERS: dict[str, HiddenLayer] = {
    "after attention": "after_attention",
    "last hidden layer": "last",
    "masked": "masked",
}
NAMES = {layer: name for name, layer in LAYERS.items()}
IDS = {CONTEXT_FREE: "protein", UNTRAINED: "untrained"} | LAYERS


def represent_layers(
    reader: GeneReader, genes: np.ndarray, seeds: Sequence[int]
) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
    """Each representation of some genes, (n, features): its name, and an array for each draw."""
    yield CONTEXT_FREE, represent("context_free", reader, genes, in_context, seeds)
    for name, layer in LAYERS.items():
        of_layer = replace(reader, layer=layer)
        yield name, represent("trained", of_layer, genes, in_context, seeds)
    last = replace(reader, layer="last")
    yield UNTRAINED, represent("untrained", last, genes, in_context, seeds)


def in_several_genomes(proteins: Proteins, genome: Array) -> Array:
    """Annotated proteins whose product at least two genomes have, (n,) bool."""
    named = proteins.annotated
    pairs = np.unique(np.stack([proteins.label[named], genome[named]]), axis=1)
    products, genomes = np.unique(pairs[0], return_counts=True)
    return named & np.isin(proteins.label, products[genomes > 1])


def same_product(points: Array, proteins: Proteins, genome: Array) -> Array:
    """Whether the nearest annotated protein of another genome has the same product, (judged,) bool.

    points: (n, features). genome: (n,) int64.
    """
    named = np.flatnonzero(proteins.annotated)
    label = proteins.label[named]
    nearest = nearest_annotated(points[named], np.arange(len(named)), genome[named]).which
    found: Array = (label[nearest] == label)[in_several_genomes(proteins, genome)[named]]
    return found


def measure(
    representations: Iterable[tuple[str, Iterable[Array]]],
    proteins: Proteins,
    genome: Array,
    layer: HiddenLayer,
    rounds: int,
    seed: int,
) -> pd.DataFrame:
    """SAME_PRODUCT: a row for each representation; empty where no two genomes share a product.

    layer: that which is compared at equal dimension too.
    """
    judged = in_several_genomes(proteins, genome)
    if not judged.any():
        return tables.SAME_PRODUCT.frame()
    weights = bootstrap_weights(proteins.unit[judged], rounds, seed)
    points: dict[str, Array] = {}

    def judge(drawn: Iterable[Array], kept: str | None = None) -> Measured:
        found = []
        for values in drawn:
            found.append(same_product(values, proteins, genome).astype(float))
            if kept:
                points[kept] = standardised(values)
        return measure_mean(found, weights)

    read = NAMES[layer]
    methods = {
        name: judge(drawn, name if name in (CONTEXT_FREE, read) else None)
        for name, drawn in representations
    }
    sides = {CONTEXT_FREE: (CONTEXT_FREE,), read: (read,), WITH_GLM: (CONTEXT_FREE, read)}
    alike = all_at_equal_dimension(
        {name: [points[side] for side in both] for name, both in sides.items()}
    )
    equal = {at_equal_dimension(name): judge([values]) for name, values in alike.items()}
    rows = [
        compare(methods, "representation", {"difference": CONTEXT_FREE}),
        compare(equal, "representation", {"difference": at_equal_dimension(CONTEXT_FREE)}),
    ]
    return (
        pd.concat(rows, ignore_index=True)
        .drop(columns=["p", "chance"])
        .assign(n=int(judged.sum()), genomes=len(np.unique(genome[judged])))
    )


def numbers(rows: pd.DataFrame, layer: HiddenLayer) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`: each representation, and what the layer that is read differs by."""
    if rows.empty:
        return []
    by_name = rows.set_index("representation")
    found = Numbers("context_effect", n=rows["n"].iloc[0], unit="proteins")
    for name, row in by_name.iterrows():
        if name in IDS:
            found.add_row(f"same_product.{IDS[name]}", row)
    read = NAMES[layer]
    note = f"{read} (contextualisation.layer) less the protein alone"
    found.add_row("same_product.difference", by_name.loc[read], "difference", note=note)
    for id, name, what in (
        ("at_equal_dimension", read, note),
        ("beside_protein", WITH_GLM, f"the protein and {read} side by side less the protein alone"),
    ):
        row, note = by_name.loc[at_equal_dimension(name)], f"{what}, at equal dimension"
        found.add_row(f"same_product.difference_{id}", row, "difference", note=note)
    return list(found)
