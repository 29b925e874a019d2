"""Shards of equal residues, embedded one by one, resumed where they stopped."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm import tables
from glm.embedding.alphabet import encode
from glm.embedding.batching import Embedder
from glm.errors import GlmError
from glm.files import remove_partials, writing
from glm.logs import progress_bar

BLOCKS_PER_SHARD = 16
SECONDS_BETWEEN_SAVES = 60.0
ROWS_PER_GROUP = 16384

logger = logging.getLogger("glm")


def deal(lengths: np.ndarray, shards: int, shard: int) -> list[tuple[int, int]]:
    """The row ranges [start, stop) of one shard, out of proteins sorted by length.

    The rows are cut into blocks of equal residues, and every `shards`-th block is the shard's: so
    shards are equal in residues and in lengths, and a job reads only the row groups that it needs.
    """
    blocks = shards * BLOCKS_PER_SHARD
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    bounds = np.searchsorted(ends, [total * block // blocks for block in range(blocks + 1)])
    bounds[-1] = len(lengths)
    mine = [(int(bounds[b]), int(bounds[b + 1])) for b in range(shard, blocks, shards)]
    return [(start, stop) for start, stop in mine if start < stop]


class Twins:
    """Rows of the representatives table that have the sequence of the row before.

    The table is sorted by length and hash, so proteins of one sequence lie side by side.
    """

    def __init__(self, file: pq.ParquetFile) -> None:
        """Reads hashes group by group, and keeps those of the last two groups."""
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        self._ends = np.cumsum(sizes)
        self._hashes = lru_cache(2)(
            lambda group: file.read_row_group(group, columns=["sha256"])["sha256"].to_pylist()
        )

    def _hash(self, row: int) -> str:
        group = int(np.searchsorted(self._ends, row, side="right"))
        hashes: list[str] = self._hashes(group)
        return hashes[row - (int(self._ends[group]) - len(hashes))]

    def after(self, row: int) -> int:
        """The first row from `row` on that begins another sequence than the row before it."""
        if row == 0:
            return row
        while row < self._ends[-1] and self._hash(row) == self._hash(row - 1):
            row += 1
        return row


def read_shard(path: Path, shards: int, shard: int) -> pa.Table:
    """Read one shard's rows of the representatives table, in their order.

    Proteins of one sequence are all in one shard, so that each sequence is embedded once.
    """
    file = tables.open_file(path, tables.REPRESENTATIVES)
    lengths = file.read(columns=["length"])["length"].to_numpy()
    if (np.diff(lengths) < 0).any():
        row = int(np.argmax(np.diff(lengths) < 0)) + 1
        raise GlmError(f"{path}: row {row} is shorter than the row before; sort it by length")
    twins = Twins(file)
    ranges = [(twins.after(a), twins.after(b)) for a, b in deal(lengths, shards, shard)]
    pieces, first = [], 0
    for group in range(file.num_row_groups):
        last = first + file.metadata.row_group(group).num_rows
        within = [(max(a, first), min(b, last)) for a, b in ranges if a < last and b > first]
        if within:
            rows = file.read_row_group(group)
            pieces += [rows.slice(a - first, b - a) for a, b in within]
        first = last
    return pa.concat_tables(pieces) if pieces else file.schema_arrow.empty_table()


class Journal:
    """What a shard has embedded so far: rows on disk, and how many batches they hold.

    Rows are appended batch by batch; the note beside them is renamed into place after they reached
    the disk, so a kill at any moment costs the batches since the last save and nothing else.
    """

    def __init__(
        self,
        output: Path,
        features: int,
        signature: Mapping[str, Any],
        kind: type[np.floating] = np.float16,
    ) -> None:
        """Take up what an earlier start left, if its `signature` was the same.

        kind: of the numbers in the rows.
        """
        self.rows_path = output.with_name(f".{output.stem}.rows")
        self.note_path = output.with_name(f".{output.stem}.note.json")
        self.features, self.kind = features, np.dtype(kind)
        row_bytes = features * self.kind.itemsize
        self.signature = json.loads(json.dumps(signature))
        self.batches = self.rows = 0
        self.counting = threading.Lock()
        output.parent.mkdir(parents=True, exist_ok=True)
        if self.note_path.is_file() and self.rows_path.is_file():
            note = json.loads(self.note_path.read_text())
            size = note["rows"] * row_bytes
            if note["signature"] == self.signature and self.rows_path.stat().st_size >= size:
                self.batches, self.rows = note["batches"], note["rows"]
            else:
                logger.info("an earlier start had other inputs: starting this shard anew")
        self.handle = self.rows_path.open("r+b" if self.batches else "wb")
        if self.batches:  # ext4 writes out on closing what was once truncated to nothing
            self.handle.truncate(self.rows * row_bytes)
            self.handle.seek(0, os.SEEK_END)

    def append(self, rows: np.ndarray) -> None:
        """Append one batch's rows."""
        self.handle.write(np.ascontiguousarray(rows, self.kind).data)
        with self.counting:
            self.batches += 1
            self.rows += len(rows)

    def save(self) -> None:
        """Make what was appended survive a kill; another thread may append more meanwhile."""
        with self.counting:
            note = {"signature": self.signature, "batches": self.batches, "rows": self.rows}
        self.handle.flush()
        os.fsync(self.handle.fileno())
        with writing(self.note_path) as beside:
            beside.write_text(json.dumps(note))

    def read(self) -> np.ndarray:
        """All rows, saved and memory-mapped: (rows, features)."""
        self.save()
        if not self.rows:
            return np.empty((0, self.features), self.kind)
        shape = (self.rows, self.features)
        return np.memmap(self.rows_path, self.kind, mode="r", shape=shape)

    def remove(self) -> None:
        """Remove the files, once the shard has its name."""
        self.handle.close()
        self.rows_path.unlink(missing_ok=True)
        self.note_path.unlink(missing_ok=True)
        remove_partials(self.note_path)


def embed_shard(
    proteins: pa.Table,
    embedder: Embedder,
    output: Path,
    stamp: dict[str, Any],
    seconds_between_saves: float = SECONDS_BETWEEN_SAVES,
) -> dict[str, int]:
    """Embed the rows of a shard (sorted by length) and write its `embeddings` table.

    Identical sequences are embedded once. The counts (proteins, unique, residues, truncated) are
    returned, logged and kept with the table. Started again after a kill it resumes with the batch
    after the last save, and the file comes out the same.

    Raises `GlmError` naming the protein if a residue is illegal or an embedding is not finite.
    """
    order = proteins["sha256"].combine_chunks().dictionary_encode()
    which = order.indices.to_numpy()
    first = np.unique(which, return_index=True)[1]
    unique = proteins.take(pa.array(first))
    names = unique["protein"].to_pylist
    encoded = encode(unique["sequence"], lambda i: f"{output}: protein {names()[i]}")
    kept, _ = embedder.truncation.apply(encoded.lengths)
    counts = {
        "proteins": len(proteins),
        "unique": len(unique),
        "residues": int(kept.sum()),
        "truncated": int((kept < encoded.lengths).sum()),
    }
    batches = embedder.plan(encoded)
    journal = Journal(output, embedder.encoder.features, stamp)
    if journal.batches:
        logger.info("resuming after %d of %d proteins", journal.rows, len(unique))
    rest = batches[journal.batches :]
    done = int(kept[: journal.rows].sum())
    with progress_bar(counts["residues"], "residues", initial=done) as bar:
        saved = time.monotonic()
        for (start, stop), rows in zip(rest, embedder.embed(encoded, rest), strict=True):
            if not np.isfinite(rows).all():
                bad = start + int(np.argmin(np.isfinite(rows).all(1)))
                raise GlmError(
                    f"{output}: the embedding of protein {names()[bad]} is not finite; set "
                    "embedding.precision to bf16 or fp32"
                )
            journal.append(rows)
            bar.update(int(kept[start:stop].sum()))
            if time.monotonic() - saved > seconds_between_saves:
                journal.save()
                saved = time.monotonic()
    write_shard(output, proteins["representative"], journal.read(), which, stamp, counts)
    journal.remove()
    return counts


def write_shard(
    output: Path,
    representatives: pa.ChunkedArray,
    embeddings: np.ndarray,
    which: np.ndarray,
    stamp: Mapping[str, Any],
    counts: Mapping[str, int],
) -> None:
    """Write an `embeddings` table: row i is embeddings[which[i]] of representatives[i]."""
    kind = tables.vector_field(embeddings.shape[1], np.float16)
    with tables.TableWriter(output, tables.EMBEDDINGS, stamp, embedding=kind) as writer:
        for start in range(0, len(which), ROWS_PER_GROUP):
            rows = embeddings[which[start : start + ROWS_PER_GROUP]]
            numbers = representatives.slice(start, ROWS_PER_GROUP)
            made = {"representative": numbers, "embedding": tables.vector_array(rows)}
            writer.write(pa.table(made))
        writer.counts = dict(counts)
