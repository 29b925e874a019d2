"""Columns of vectors: a row's numbers as one value, little-endian, and their kind in its metadata.

Parquet counts each number of a list: one core writes lists of 1,280 float16 numbers at 0.05 GB/s
and reads them at 0.3, and the same bytes as one value at 1.1 and 1.0 (`benchmarks/fits.py`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from glm.errors import GlmError
from glm.tables.declaration import Table
from glm.tables.storage import TableFile, open_file

NUMBERS_KEY = b"numbers"
NUMBERS: dict[str, np.dtype] = {"float16": np.dtype("<f2"), "float32": np.dtype("<f4")}


def vector_field(features: int, numbers: np.dtype | type[np.floating]) -> pa.Field:
    """The column of a table's schema whose values are vectors of `features` numbers."""
    kind = np.dtype(numbers)
    width = pa.binary(features * kind.itemsize)
    return pa.field("", width, nullable=False, metadata={NUMBERS_KEY: kind.name})


def vector_array(rows: np.ndarray) -> pa.FixedSizeBinaryArray:
    """Rows (n, features) as n values of such a column; not copied where they lie in order."""
    kind = pa.binary(rows.shape[1] * rows.itemsize)
    buffer = pa.py_buffer(np.ascontiguousarray(rows, rows.dtype.newbyteorder("<")))
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, buffer])


def vector_kind(file: TableFile, column: str) -> tuple[int, np.dtype]:
    """How many numbers a column's vectors have, and their kind.

    Raises `GlmError` if the column holds no vectors.
    """
    field = file.schema_arrow.field(column)
    name = (field.metadata or {}).get(NUMBERS_KEY, b"").decode()
    if name not in NUMBERS or not pa.types.is_fixed_size_binary(field.type):
        raise GlmError(
            f"{file.path}: column {column!r} is {field.type}, vectors were expected, as this "
            "version writes them. Move the file away and run again"
        )
    return field.type.byte_width // NUMBERS[name].itemsize, NUMBERS[name]


def vector_rows(column: pa.FixedSizeBinaryArray, numbers: np.dtype) -> np.ndarray:
    """The numbers of a column's values, (n, features); nothing is copied."""
    features = column.type.byte_width // numbers.itemsize
    last = column.offset + len(column)
    if not last:
        return np.empty((0, features), numbers)
    flat = np.frombuffer(column.buffers()[1], numbers, last * features)
    return flat.reshape(-1, features)[column.offset :]


def read_vectors(path: Path | str, declared: Table, column: str = "embedding") -> np.ndarray:
    """All vectors of a table, (rows, numbers), in its order."""
    file = open_file(path, declared)
    numbers = vector_kind(file, column)[1]
    read = file.read(columns=[column])[column].combine_chunks()
    return vector_rows(read, numbers)
