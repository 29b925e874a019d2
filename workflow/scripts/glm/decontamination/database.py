"""DuckDB with a memory limit, which joins and sorts on disk what does not fit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from glm import tables
from glm.errors import GlmError

ROWS = 100_000  # rows written at a time
SHARE_OF_MEMORY = 0.7  # what the database may take of a rule's memory; the rest is Arrow's


@contextmanager
def connection(folder: Path, memory_mb: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into `folder`; the spilled files go when it closes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".duckdb.", dir=folder) as spill:
        limit = f"{max(int(memory_mb * SHARE_OF_MEMORY), 64)}MB"
        settings: dict[str, Any] = {
            "memory_limit": limit,
            "threads": threads,
            "temp_directory": spill,
        }
        database = duckdb.connect(config=settings)
        try:
            yield database
        except duckdb.OutOfMemoryException as error:
            raise GlmError(
                f"the join in {folder} does not fit into {limit}: give the rule more memory "
                f"(--set-resources) or its folder more disk ({error})"
            ) from error
        finally:
            database.close()


def write_query(
    database: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any],
    output: Path,
    declared: tables.Table,
    stamp: Mapping[str, Any],
) -> int:
    """Stream a query's result into a table; returns its number of rows."""
    rows = 0
    result = database.sql(query, params=dict(parameters)).to_arrow_reader(ROWS)
    with tables.open_writer(output, declared, stamp) as writer:
        for batch in result:
            writer.write_batch(batch.select(writer.schema.names).cast(writer.schema))
            rows += len(batch)
    return rows
