"""Rows in streams: batches cut where a group ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa


def whole_groups(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[pa.Table]:
    """The same rows in tables that never part the rows of one `key`; rows must be sorted by it."""
    held: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        if held is not None:
            table = pa.concat_tables([held, table])
        keys = table[key].to_numpy()
        last_group = int(np.searchsorted(keys, keys[-1])) if len(keys) else 0
        if last_group:
            yield table.slice(0, last_group).combine_chunks()
        held = table.slice(last_group)
    if held is not None and len(held):
        yield held.combine_chunks()
