"""The trained gLM's features beside those of its controls, which every seed draws anew.

In a table a control's draws lie one after another in a list of each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from glm.inference.names import Variant

VARIANTS: tuple[Variant, ...] = ("trained", "untrained", "shuffled")
Draws = Sequence[np.ndarray]


def each_draw(read: Callable[[Variant, int], np.ndarray], seeds: Sequence[int]) -> dict[str, Draws]:
    """What `read` makes of each variant, (n, H): trained once, the controls by each seed."""
    once = seeds[:1]
    return {
        variant: [read(variant, seed) for seed in (once if variant == "trained" else seeds)]
        for variant in VARIANTS
    }


def draw(draws: Draws, number: int) -> np.ndarray:
    """The features of a seed, (n, H): the same for all where they are drawn once."""
    return draws[number % len(draws)]


def to_columns(draws: Mapping[str, Draws]) -> dict[str, pa.FixedSizeListArray]:
    """Lists of each name's draws, (n, H) each, one after another."""
    columns = {}
    for name, of_name in draws.items():
        rows = np.concatenate(of_name, axis=1)
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    return columns


def from_table(table: pa.Table) -> dict[str, Draws]:
    """The draws that `to_columns` stored beside the protein model's `context_free`, by name."""
    size = table.schema.field("trained").type.list_size
    found: dict[str, Draws] = {"context_free": [matrix(table, "context_free")]}
    for variant in VARIANTS:
        rows = matrix(table, variant)
        found[variant] = np.split(rows, range(size, rows.shape[1], size), axis=1)
    return found


def matrix(table: pa.Table, name: str) -> np.ndarray:
    """A column of lists of one length, (rows, length)."""
    size = table.schema.field(name).type.list_size
    flat: np.ndarray = table[name].combine_chunks().flatten().to_numpy()
    return flat.reshape(-1, size)
