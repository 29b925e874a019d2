"""The gLM's features of some genes beside those of its controls, which every seed makes anew.

In a table a control's replicates lie one after another in a list of each row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from glm.inference.names import Variant

if TYPE_CHECKING:
    from glm.inference.reader import GeneReader  # needs torch, which comparisons do not

VARIANTS: tuple[Variant, ...] = ("trained", "untrained", "shuffled")
Replicates = Sequence[np.ndarray]
Read = Callable[["GeneReader", Variant, int], np.ndarray]


def replicates(
    reader: GeneReader, read: Read, variant: Variant, seeds: Sequence[int]
) -> Iterator[np.ndarray]:
    """What `read` makes of a variant, (n, H): once of the trained gLM, by each seed of a control.

    One is in memory at a time.
    """
    for seed in seeds[:1] if variant == "trained" else seeds:
        yield read(reader.variant(variant, seed), variant, seed)


def of_each_variant(reader: GeneReader, read: Read, seeds: Sequence[int]) -> dict[str, Replicates]:
    """The replicates of each variant by its name."""
    return {variant: list(replicates(reader, read, variant, seeds)) for variant in VARIANTS}


def replicate(of_name: Replicates, number: int) -> np.ndarray:
    """The features of a seed, (n, H): the same for all where they are made once."""
    return of_name[number % len(of_name)]


def to_columns(features: Mapping[str, Replicates]) -> dict[str, pa.FixedSizeListArray]:
    """Lists of each name's replicates, (n, H) each, one after another."""
    columns = {}
    for name, of_name in features.items():
        rows = np.concatenate(of_name, axis=1)
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    return columns


def from_table(table: pa.Table) -> dict[str, Replicates]:
    """The replicates by name, as `to_columns` stored them, and `context_free` beside them."""
    size = table.schema.field("trained").type.list_size
    found: dict[str, Replicates] = {"context_free": [matrix(table, "context_free")]}
    for variant in VARIANTS:
        rows = matrix(table, variant)
        found[variant] = np.split(rows, range(size, rows.shape[1], size), axis=1)
    return found


def matrix(table: pa.Table, name: str) -> np.ndarray:
    """A column of lists of one length, (rows, length)."""
    size = table.schema.field(name).type.list_size
    flat: np.ndarray = table[name].combine_chunks().flatten().to_numpy()
    return flat.reshape(-1, size)
