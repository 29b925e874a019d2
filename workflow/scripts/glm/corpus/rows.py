"""Rows in streams: batches cut where a group ends, and tables written batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm import tables


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


class CountedWriter:
    """A table written batch by batch, which gets its name and `counts` when the block ends well."""

    def __init__(
        self, path: Path, declared: tables.Table, stamp: Mapping[str, Any], **types: pa.DataType
    ) -> None:
        """Nothing is opened before the block begins."""
        self.counts: dict[str, int] = {}
        self._open = tables.open_writer(path, declared, stamp, **types)
        self._stack = ExitStack()
        self._writer: pq.ParquetWriter

    def __enter__(self) -> CountedWriter:
        """Open the file beside its name."""
        self._writer = self._stack.enter_context(self._open)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Store the counts and name the file, or remove it if there was an error."""
        if kind is None and self.counts:
            tables.store_counts(self._writer, self.counts)
        self._stack.__exit__(kind, error, traceback)

    def write(self, rows: pa.Table | pa.RecordBatch | Mapping[str, Any]) -> None:
        """Append rows; columns are selected, ordered and cast as declared."""
        if isinstance(rows, Mapping):
            schema = self._writer.schema
            rows = pa.table([pa.array(rows[n], schema.field(n).type) for n in schema.names], schema)
        elif isinstance(rows, pa.RecordBatch):
            rows = pa.Table.from_batches([rows])
        self._writer.write_table(rows.select(self._writer.schema.names).cast(self._writer.schema))
