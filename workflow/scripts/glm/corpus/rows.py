"""Rows in streams: batches cut where a contig ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa


def whole_contigs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows in tables that never part those of one contig; rows must be sorted by it."""
    held: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        if held is not None:
            table = pa.concat_tables([held, table])
        contig = table["contig"].to_numpy()
        last = int(np.searchsorted(contig, contig[-1])) if len(contig) else 0
        if last:
            yield table.slice(0, last).combine_chunks()
        held = table.slice(last)
    if held is not None and len(held):
        yield held.combine_chunks()
