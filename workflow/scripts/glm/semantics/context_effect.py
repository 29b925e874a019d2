"""Whether context does harm: the same product in another genome, by the nearest neighbour.

Genes of one product in different genomes mean the same. Of each annotated protein whose product
another genome has too, the nearest annotated protein of another genome has it or not: by the
protein alone, by the layers of the gLM that a gene may be read from, and by random weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from glm import tables
from glm.comparison import Array, Measured, bootstrap_weights, compare, measure_mean
from glm.inference.names import CONTEXT_FREE, UNTRAINED, HiddenLayer
from glm.inference.reader import GeneReader
from glm.inference.replicates import replicates
from glm.scorecard_entries import Numbers
from glm.semantics.share import in_context
from glm.semantics.transfer import Proteins, nearest_annotated

LAYERS: dict[str, HiddenLayer] = {
    "after attention": "after_attention",
    "last hidden layer": "last",
    "masked": "masked",
}
IDS = {CONTEXT_FREE: "protein", UNTRAINED: "untrained"} | LAYERS


def represent(
    reader: GeneReader, genes: np.ndarray, seeds: Sequence[int]
) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
    """Each representation of some genes, (n, features): its name, and an array for each draw."""
    yield CONTEXT_FREE, [reader.genes.gather(genes).float().cpu().numpy()]
    for name, layer in LAYERS.items():
        yield name, [in_context(genes, replace(reader, layer=layer), "trained", seeds[0])]
    read = partial(in_context, genes)
    yield UNTRAINED, replicates(replace(reader, layer="last"), read, "untrained", seeds)


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
    rounds: int,
    seed: int,
) -> pd.DataFrame:
    """SAME_PRODUCT: a row for each representation; empty where no two genomes share a product."""
    judged = in_several_genomes(proteins, genome)
    if not judged.any():
        return tables.SAME_PRODUCT.frame()
    weights = bootstrap_weights(proteins.unit[judged], rounds, seed)
    methods: dict[str, Measured] = {
        name: measure_mean(
            [same_product(points, proteins, genome).astype(float) for points in drawn], weights
        )
        for name, drawn in representations
    }
    rows = compare(methods, "representation", {"difference": CONTEXT_FREE})
    return rows.drop(columns=["p", "chance"]).assign(
        n=int(judged.sum()), genomes=len(np.unique(genome[judged]))
    )


def numbers(rows: pd.DataFrame, layer: HiddenLayer) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`: each representation, and what the layer that is read differs by."""
    if rows.empty:
        return []
    by_name = rows.set_index("representation")
    found = Numbers("context_effect", n=rows["n"].iloc[0], unit="proteins")
    for name, row in by_name.iterrows():
        found.add_row(f"same_product.{IDS[name]}", row)
    name = next(name for name, of_name in LAYERS.items() if of_name == layer)
    note = f"{name} (contextualisation.layer) less the protein alone"
    found.add_row("same_product.difference", by_name.loc[name], "difference", note=note)
    return list(found)
