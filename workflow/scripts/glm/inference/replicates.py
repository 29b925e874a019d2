"""The gLM's features of some genes beside those of its controls, which every seed makes anew.

In a table a control's replicates lie one after another in the vector of each row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from glm import tables
from glm.inference.names import Variant

VARIANTS: tuple[Variant, ...] = ("trained", "untrained", "shuffled")
Replicates = Sequence[np.ndarray]


def replicate(of_name: Replicates, number: int) -> np.ndarray:
    """The features of a seed, (n, H): the same for all where they are made once."""
    return of_name[number % len(of_name)]


def to_table(features: Mapping[str, Replicates], **key: np.ndarray) -> pa.Table:
    """A table of `key`, and of each name's replicates, (n, H) each, one after another."""
    columns = {name: pa.array(values) for name, values in key.items()}
    fields = [pa.field(name, column.type) for name, column in columns.items()]
    for name, of_name in features.items():
        rows = np.concatenate(of_name, axis=1)
        columns[name] = tables.vector_array(rows)
        fields.append(tables.vector_field(rows.shape[1], rows.dtype).with_name(name))
    return pa.table(list(columns.values()), pa.schema(fields))


def from_table(path: Path, declared: tables.Table) -> dict[str, Replicates]:
    """The replicates by name, as `to_table` stored them; what is of no variant has one."""
    names = [column.name for column in declared.columns if column.type is None]
    rows = {name: tables.read_vectors(path, declared, name) for name in names}
    size = rows["trained"].shape[1]
    return {
        name: np.split(found, found.shape[1] // size, axis=1) if name in VARIANTS else [found]
        for name, found in rows.items()
    }
