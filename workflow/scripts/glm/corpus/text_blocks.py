"""Compressed text in blocks of whole lines, taken apart by SQL: a line costs no Python.

DuckDB does not read the files itself: its reader looks at no checksum of gzip's, numbers no lines,
and wants to know beforehand how long the longest line is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb
import numpy as np
import pyarrow as pa

from glm.corpus.fasta import TORN, opener, torn
from glm.errors import GlmError

Item = TypeVar("Item")
BYTES_PER_BLOCK = 16 << 20
NEWLINE = ord("\n")


class Block(NamedTuple):
    """Rows of a file: a table of row (int32, from 0) and text, with the ends of its lines."""

    rows: pa.Table
    first_line: int

    def find(self, row: int) -> tuple[int, str]:
        """The line of the file that a row begins on, and the row's text."""
        before = self.rows["text"].slice(0, row).to_pylist()
        return self.first_line + "".join(before).count("\n"), self.rows["text"][row].as_py()


def read_blocks(path: Path, start: bytes = b"") -> Iterator[Block]:
    """A file in blocks of whole lines, decompressed by its suffix; a row is a line.

    With `start`, one sign, a row is a record: a line that begins so and all up to the next such.
    Without, blank lines at the end of the file are left out. Raises `GlmError` naming the file, and
    the last whole line before the damage, if it cannot be read to its end.
    """
    held, line = b"", 1
    try:
        with opener(path)(path, "rb") as handle:
            for read in ahead(iter(lambda: handle.read(BYTES_PER_BLOCK), b"")):
                held += read
                if b"\r" in held:
                    held = held.replace(b"\r\n", b"\n")
                cut = held.rfind(b"\n" + start) + 1
                if cut and not start:  # what is blank may be the last
                    cut = len(held[:cut].rstrip(b"\n")) + 1
                if cut > 1:
                    yield Block(split(held[:cut], start), line)
                    line += held.count(b"\n", 0, cut)
                    held = held[cut:]
    except FileNotFoundError as error:
        raise GlmError(f"{path}: no such file") from error
    except TORN as error:
        raise torn(path, error) from None
    if held.strip(b"\n"):
        yield Block(split(held if held.endswith(b"\n") else held + b"\n", start), line)


def split(text: bytes, start: bytes) -> pa.Table:
    """Rows of a block's text, which is not copied; what is not UTF-8 becomes U+FFFD."""
    if not text.isascii():
        text = text.decode("utf-8", "replace").encode()
    characters = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(characters == NEWLINE) + 1
    if start:
        ends = ends[(characters.take(ends, mode="clip") == start[0]) | (ends == len(text))]
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    rows = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    return pa.table({"row": np.arange(len(ends), dtype=np.int32), "text": rows})


def ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """The same items; a thread makes the next one while this one is used."""
    iterator, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[Any] = pool.submit(next, iterator, end)
        while (item := waiting.result()) is not end:
            waiting = pool.submit(next, iterator, end)
            yield item


def query_blocks(
    path: Path,
    valid: str,
    query: str,
    refuse: Callable[[Path, int, str], GlmError],
    start: bytes = b"",
) -> Iterator[tuple[Block, pa.Table]]:
    """Each block of a file (`read_blocks`), and what `query` makes of it: a table `block`.

    valid: a regular expression that each row's text must match; for the first that does not, what
    `refuse` makes of path, line and text is raised.
    """
    check = f"SELECT row FROM block WHERE NOT regexp_matches(text, '{valid}') LIMIT 1"
    with duckdb.connect(config={"threads": 1}) as connection:
        for block in read_blocks(path, start):
            connection.register("block", block.rows)
            for (row,) in connection.sql(check).fetchall():
                raise refuse(path, *block.find(row))
            yield block, connection.sql(query).to_arrow_table()
