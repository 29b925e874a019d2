"""DuckDB with a memory limit: joins and sorts on disk what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from glm import tables
from glm.errors import GlmError
from glm.files import workspace

ROWS = 1 << 17  # rows of a batch
SHARE_OF_MEMORY = 0.7  # what the database may take of a rule's memory; the rest is Arrow's


@contextmanager
def connection(folder: Path, memory_mb: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into `folder`; the spilled files go when it closes.

    Raises `GlmError` naming the folder if neither the memory nor its disk suffices.
    """
    with workspace(folder, "duckdb") as spill:
        limit = f"{max(int(memory_mb * SHARE_OF_MEMORY), 64)}MB"
        settings: dict[str, Any] = {
            "memory_limit": limit,
            "threads": threads,
            "temp_directory": str(spill),
        }
        database = duckdb.connect(config=settings)
        try:
            yield database
        except duckdb.OutOfMemoryException as error:
            raise GlmError(
                f"{folder}: does not fit into {limit} of memory and the disk: give the rule more "
                "memory (--set-resources) or fewer threads (--set-threads), or its folder more "
                f"disk ({error})"
            ) from error
        finally:
            database.close()


def batches(
    database: duckdb.DuckDBPyConnection, query: str, rows: int = ROWS, /, **parameters: Any
) -> Iterator[pa.RecordBatch]:
    """The rows of a query in Arrow batches of `rows`, as they come."""
    reader = database.sql(query, params=parameters or None).to_arrow_reader(rows)
    try:
        yield from reader
    except OSError as error:  # what Arrow makes of DuckDB's own
        if "Out of Memory" in str(error) or "No space left" in str(error):
            raise duckdb.OutOfMemoryException(str(error)) from error
        raise


def write_query(
    connected: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any],
    output: Path,
    declared: tables.Table,
    stamp: Mapping[str, Any],
) -> int:
    """Stream a query's result into a table; returns its number of rows."""
    rows = 0
    with tables.TableWriter(output, declared, stamp) as writer:
        for batch in batches(connected, query, **parameters):
            writer.write(batch)
            rows += len(batch)
    return rows
