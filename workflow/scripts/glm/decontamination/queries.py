"""Queries whose results go into a table as they come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from glm import database, tables


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
    with tables.open_writer(output, declared, stamp) as writer:
        for batch in database.batches(connected, query, **parameters):
            writer.write_batch(batch.select(writer.schema.names).cast(writer.schema))
            rows += len(batch)
    return rows
