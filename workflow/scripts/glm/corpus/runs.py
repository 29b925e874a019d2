"""Rows sorted by contig that do not fit in memory: sorted runs on disk, merged in one pass.

A run is an Arrow stream of at most so many rows that the memory allows, sorted by contig. Merging
holds two batches of each run at most (and a contig longer than that whole): whatever lies before
the first contig that a run has yet to bring is complete, and is sorted and given out. Runs read on
together, so that a row costs the same however many runs there are. DuckDB's sort of the same rows
takes eight times the processor time (benchmarks/corpus.py), since it knows nothing of integer keys.
"""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from glm.errors import GlmError

ROWS_OUT = 1 << 18
BYTES_PER_ROW = 48
"""Of a place in memory, with its type's text."""
COPIES = 4
"""Of a row while a run is sorted and written."""
MERGED_COPIES = 6
"""Of a row while batches are merged: two held, and what is given out concatenated and sorted."""
SHARE_OF_MEMORY = 0.5
SMALLEST_BATCH, LARGEST_BATCH = 1 << 10, 1 << 16
LARGEST_RUN = 1 << 23
LARGEST_ROUND = 1 << 22
"""Rows that are merged at a time: more are sorted no faster."""
SPARE_FILES = 64
TIES = ("assembly", "protein", "forward", "end", "start", "contig")


def rows_per_run(memory_mb: int, writers: int) -> int:
    """Rows that each of `writers` may hold at a time."""
    fits = memory_mb * 1e6 * SHARE_OF_MEMORY / (BYTES_PER_ROW * COPIES * writers)
    return min(max(int(fits), SMALLEST_BATCH), LARGEST_RUN)


def rows_per_batch(memory_mb: int, runs: float) -> int:
    """Rows of a batch, so that merging as many of them as there are runs fits in memory."""
    fits = min(memory_mb * 1e6 * SHARE_OF_MEMORY / (BYTES_PER_ROW * MERGED_COPIES), LARGEST_ROUND)
    return min(max(int(fits / max(runs, 1)), SMALLEST_BATCH), LARGEST_BATCH)


def write_runs(parts: Iterable[pa.Table], folder: Path, rows: int, batch_rows: int) -> None:
    """Write tables with a column `contig` as sorted runs of about `rows` rows into `folder`."""
    held: list[pa.Table] = []
    count = runs = 0
    for part in parts:
        held.append(part)
        count += len(part)
        if count >= rows:
            write_run(held, folder / f"{runs}.arrow", batch_rows)
            held, count, runs = [], 0, runs + 1
    if held:
        write_run(held, folder / f"{runs}.arrow", batch_rows)


def write_run(parts: Sequence[pa.Table], path: Path, batch_rows: int) -> None:
    """Sort tables together by contig and write them."""
    table = pa.concat_tables(parts).combine_chunks()
    table = table.take(pa.array(np.argsort(table["contig"].to_numpy())))
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema, options=options) as writer,
    ):
        writer.write_table(table, max_chunksize=batch_rows)


class Run:
    """A run that is being read: the rows that were read and not yet given out."""

    def __init__(self, path: Path) -> None:
        """Open the run; it has at least one batch."""
        self._reader = pa.ipc.open_stream(pa.OSFile(str(path), "rb"))
        self.ended = False
        self.rows: pa.Table = self._reader.schema.empty_table()
        self.contig = np.empty(0, np.int64)
        self.read()
        self.batch = len(self.rows)

    def read(self) -> None:
        """Read one more batch."""
        try:
            batch = self._reader.read_next_batch()
        except StopIteration:
            self.ended = True
            return
        self._hold(pa.concat_tables([self.rows, pa.Table.from_batches([batch])]))

    def _hold(self, rows: pa.Table) -> None:
        self.rows = rows
        self.contig = rows["contig"].to_numpy()

    @property
    def last(self) -> int:
        """The contig of the last row that was read; rows of it may follow."""
        return int(self.contig[-1])

    def take_before(self, contig: int | None) -> pa.Table:
        """Take the rows of contigs before `contig` (None: all) out of what was read."""
        place = len(self.rows) if contig is None else int(np.searchsorted(self.contig, contig))
        taken = self.rows.slice(0, place)
        self._hold(self.rows.slice(place))
        return taken


def merge_runs(paths: Sequence[Path]) -> Iterator[pa.Table]:
    """The rows of all runs, sorted by contig, start, end, forward, protein and assembly.

    Tables of about `ROWS_OUT` rows or a batch of each run that never part a contig. Raises
    `GlmError` if the system does not let as many files be open.
    """
    allow_open_files(len(paths))
    runs = [Run(path) for path in paths]
    held: list[pa.Table] = []
    count = 0
    while runs:
        read_on([run for run in runs if not run.ended])
        # A contig is complete when every run that goes on has brought a later one.
        bound = min((run.last for run in runs if not run.ended), default=None)
        for run in runs:
            if bound is None or (len(run.rows) and run.contig[0] < bound):
                held.append(run.take_before(bound))
                count += len(held[-1])
        runs = [run for run in runs if len(run.rows) or not run.ended]
        if count >= ROWS_OUT or (held and not runs):
            yield sort_places(pa.concat_tables(held).combine_chunks())
            held, count = [], 0


def read_on(runs: Sequence[Run]) -> None:
    """Read a batch of the run that holds the others up, and of each that has less than one left."""
    nearest = min((run.last for run in runs), default=0)
    for run in runs:
        if run.last == nearest or len(run.rows) < run.batch:
            run.read()


def allow_open_files(count: int) -> None:
    """Let the process open as many files; raise `GlmError` if the system does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise GlmError(
                f"{count:,} sorted runs are to be merged, and the system allows {hard:,} open "
                "files; raise that (ulimit -n) or give the rule more memory, which makes fewer runs"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def sort_places(table: pa.Table) -> pa.Table:
    """Sort whole contigs' places in memory."""
    contig, start = table["contig"].to_numpy(), table["start"].to_numpy()
    span = int(contig.max()) - int(contig.min())
    if span < 1 << 32:  # contig and start in one number of 63 bits: one fast sort
        key = (contig - contig.min()) << 31 | start
        order = np.argsort(key)
        key = key[order]
        same = key[1:] == key[:-1]
    else:
        order = np.lexsort((start, contig))
        same = (np.diff(contig[order]) == 0) & (np.diff(start[order]) == 0)
    if same.any():
        tied = np.append(same, False) | np.append(False, same)
        rows = order[tied]
        few = table.take(pa.array(rows))
        keys = [few[name].to_numpy(zero_copy_only=False) for name in TIES]
        order[tied] = rows[np.lexsort(keys)]
    return table.take(pa.array(order))
