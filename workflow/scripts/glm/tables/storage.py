"""Reading and writing tables: Parquet with a stamp, whole or not there at all."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm.errors import GlmError
from glm.files import writing
from glm.tables.declaration import Table

STAMP_KEY = b"glm.stamp"
COUNTS_KEY = b"glm.counts"
VECTORS_KEY = b"glm.vectors"
COMPRESSION = "zstd"
READ_AHEAD = 1 << 20  # bytes of a column
# A checksum for each page: without, a flipped bit may be read as another number.
WRITING: dict[str, Any] = {"write_page_checksum": True}


def open_schema(
    declared: Table, stamp: Mapping[str, Any], **types: pa.DataType | pa.Field
) -> pa.Schema:
    """The schema of a file of this table, stamp included."""
    return declared.schema(**types).with_metadata({STAMP_KEY: json.dumps(stamp).encode()})


def vector_columns(schema: pa.Schema) -> list[str]:
    """The columns whose values are vectors (`glm.tables.vectors`)."""
    return [field.name for field in schema if pa.types.is_fixed_size_binary(field.type)]


def encodings(schema: pa.Schema) -> dict[str, Any]:
    """How columns are encoded: integers by their differences, text by a dictionary.

    A dictionary, Parquet's default, costs twice the time on running or random numbers and thrice
    on embeddings, and saves nothing there; by their differences sorted numbers take a fraction of
    the room. Vectors are not compressed: that saves 8 % and takes as long as the disk.
    """
    vectors = vector_columns(schema)
    integers = [field.name for field in schema if pa.types.is_integer(field.type)]
    text = [field.name for field in schema if pa.types.is_string(field.type)]
    return {
        "compression": {
            field.name: "none" if field.name in vectors else COMPRESSION for field in schema
        }
        if vectors
        else COMPRESSION,
        "use_dictionary": text or False,
        "column_encoding": dict.fromkeys(integers, "DELTA_BINARY_PACKED") or None,
    }


class TableWriter:
    """A table written in parts: it gets its name, and its counts, when the block ends well.

    counts: what was read, skipped and written; logged, and stored with the table. types: those of
    the columns that the data decides. A checksum of each column of vectors is in the footer: what
    else it says (sizes, extremes) is the same of many vectors, for they have one length, and where
    they are long Parquet keeps no extremes. `provenance.fingerprint` reads the footer.
    """

    def __init__(
        self,
        path: Path | str,
        declared: Table,
        stamp: Mapping[str, Any],
        **types: pa.DataType | pa.Field,
    ) -> None:
        """Nothing is opened before the block begins."""
        self.schema = open_schema(declared, stamp, **types)
        self.counts: dict[str, int] = {}
        self._checksums = dict.fromkeys(vector_columns(self.schema), 0)
        self._path, self._stack = path, ExitStack()
        self._file: pq.ParquetWriter

    def __enter__(self) -> Self:
        """Open the file beside its name."""
        beside = self._stack.enter_context(writing(self._path))
        made = pq.ParquetWriter(beside, self.schema, **WRITING, **encodings(self.schema))
        self._file = self._stack.enter_context(made)
        return self

    def __exit__(self, kind: type[BaseException] | None, *about: Any) -> None:
        """Store counts and checksums and name the file, or remove it if there was an error."""
        if kind is None:
            for name, count in self.counts.items():
                logging.info("%s: %s", name.replace("_", " "), f"{count:,}")
            for key, numbers in ((COUNTS_KEY, self.counts), (VECTORS_KEY, self._checksums)):
                if numbers:
                    self._file.add_key_value_metadata({key: json.dumps(numbers).encode()})
        self._stack.__exit__(kind, *about)

    def write(
        self, rows: pa.Table | pa.RecordBatch | Mapping[str, Any], row_group_size: int | None = None
    ) -> None:
        """Append rows; columns are selected, ordered and cast as declared."""
        names, schema = self.schema.names, self.schema
        if isinstance(rows, Mapping):
            rows = pa.table([pa.array(rows[n], schema.field(n).type) for n in names], schema)
        elif isinstance(rows, pa.RecordBatch):
            rows = pa.Table.from_batches([rows])
        rows = rows.select(names).cast(schema)
        with ThreadPoolExecutor(1) as pool:  # checksums beside the writing
            summed = {
                name: pool.submit(add_values, rows[name], checksum)
                for name, checksum in self._checksums.items()
            }
            self._file.write_table(rows, row_group_size)
        self._checksums = {name: found.result() for name, found in summed.items()}


def add_values(column: pa.ChunkedArray, checksum: int) -> int:
    """A running checksum over the bytes of a column of vectors."""
    for chunk in column.chunks:
        width = chunk.type.byte_width
        held = memoryview(chunk.buffers()[1] or b"")[chunk.offset * width :]
        checksum = zlib.crc32(held[: len(chunk) * width], checksum)
    return checksum


def write(
    data: pa.Table | Any,
    path: Path | str,
    declared: Table,
    stamp: Mapping[str, Any],
    row_group_size: int | None = None,
) -> None:
    """Write a whole table (Arrow or pandas). Columns are selected, ordered and cast as declared.

    Raises `GlmError` if a column is missing or holds what cannot be cast.
    """
    if not isinstance(data, pa.Table):
        data = pa.Table.from_pandas(data, preserve_index=False)
    check_columns(data.schema.names, declared, path)
    decided = {
        column.name: data.schema.field(column.name)
        for column in declared.columns
        if column.type is None
    }
    schema = open_schema(declared, stamp, **decided)
    try:
        data = data.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise GlmError(f"{path}: cannot be written as a {declared.name} table: {error}") from error
    with TableWriter(path, declared, stamp, **decided) as writer:
        writer.write(data, row_group_size)


def check_columns(names: Sequence[str], declared: Table, path: Path | str) -> None:
    """Raise `GlmError` naming the first declared column that is not among `names`."""
    for column in declared.columns:
        if column.name not in names:
            raise GlmError(
                f"{path}: no column {column.name!r} ({column.meaning}); a {declared.name} table "
                f"has {', '.join(c.name for c in declared.columns)}. Move it away and run again"
            )


class TableFile(pq.ParquetFile):
    """A table opened for reading; what is damaged in it is a `GlmError` that names the file."""

    def __init__(self, path: Path | str) -> None:
        """Open it: the footer is read, and must be whole."""
        self.path = path
        with self.naming():
            # pre_buffer would keep what was read until the file is closed
            super().__init__(
                path,
                page_checksum_verification=True,
                buffer_size=READ_AHEAD,
                pre_buffer=False,
            )

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Name the file in what Arrow complains of."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise GlmError(
                f"{self.path}: not a whole Parquet file ({error}). Remove it and run again"
            ) from error

    def read(self, *arguments: Any, **options: Any) -> pa.Table:
        """As ParquetFile.read."""
        with self.naming():
            return super().read(*arguments, **options)

    def read_row_group(self, *arguments: Any, **options: Any) -> pa.Table:
        """As ParquetFile.read_row_group."""
        with self.naming():
            return super().read_row_group(*arguments, **options)

    def iter_batches(self, *arguments: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        """As ParquetFile.iter_batches."""
        batches = super().iter_batches(*arguments, **options)
        while True:
            with self.naming():
                batch = next(batches, None)
            if batch is None:
                return
            yield batch


def open_file(path: Path | str, declared: Table) -> TableFile:
    """Open a table for reading by row groups, its columns and their types checked.

    Raises `GlmError` if the file is missing, torn, no Parquet, or has other columns.
    """
    try:
        file = TableFile(path)
    except FileNotFoundError as error:
        raise GlmError(f"{path}: no such file (the table {declared.name} was expected)") from error
    schema = file.schema_arrow
    check_columns(schema.names, declared, path)
    for column in declared.columns:
        found = schema.field(column.name).type
        if column.type is not None and found != column.type:
            raise GlmError(
                f"{path}: column {column.name!r} is {found}, a {declared.name} table has "
                f"{column.type}. Move the file away and run again"
            )
    return file


def check_whole(path: Path | str, declared: Table) -> None:
    """Check columns, types and the checksum of every page of a table that DuckDB will read.

    DuckDB does not look at checksums: it reads most flipped bits as other numbers. The pages are
    read once more for that. Raises `GlmError` as `open_file` does.
    """
    with open_file(path, declared) as file:
        for group in range(file.num_row_groups):
            file.read_row_group(group)


def read(path: Path | str, declared: Table, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a whole table, or some of its columns, after checking it as `open_file` does."""
    return open_file(path, declared).read(columns=list(columns) if columns else None)


def read_where(
    path: Path | str,
    declared: Table,
    column: str,
    wanted: np.ndarray | None,
    columns: Sequence[str],
) -> pa.Table:
    """Some columns of the rows whose `column` is among `wanted` (None: of all), in their order.

    Of a table of any size only these rows are in memory. wanted: (n,) integers, as the column.
    """
    file = open_file(path, declared)
    needed = [field for field in file.schema_arrow if field.name in {column, *columns}]
    batches = []
    for batch in file.iter_batches(columns=[field.name for field in needed]):
        if wanted is not None:
            batch = batch.filter(pa.array(np.isin(batch[column].to_numpy(), wanted)))
        batches.append(batch)
    return pa.Table.from_batches(batches, pa.schema(needed)).select(list(columns))


def read_stamp(path: Path | str) -> dict[str, Any]:
    """The stamp of a table; raises `GlmError` if it has none."""
    metadata = pq.read_schema(path).metadata or {}
    if STAMP_KEY not in metadata:
        raise GlmError(f"{path}: has no stamp, so it was not written by this pipeline")
    stamp: dict[str, Any] = json.loads(metadata[STAMP_KEY])
    return stamp


def read_counts(path: Path | str) -> dict[str, int]:
    """The counts that its writer stored; empty if none."""
    counts: dict[str, int] = json.loads(
        (pq.read_metadata(path).metadata or {}).get(COUNTS_KEY, b"{}")
    )
    return counts
