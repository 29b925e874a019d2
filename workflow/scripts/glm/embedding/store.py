"""The embedding store: one float16 matrix on disk, row i the representative i."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np

from glm.embedding.fits import open_shard, read_blocks
from glm.errors import GlmError
from glm.files import writing
from glm.logs import progress


def build_store(
    shards: Sequence[Path], proteins: int, output: Path, threads: int = 1
) -> tuple[int, int]:
    """Write the embeddings of all shards into `output`, a .npy file of (proteins, features).

    The rows are written where they belong, run by run; the room is reserved first, so that a full
    disk is known before the work. Shards are read by `threads` at a time. Returns the shape.
    Raises `GlmError` if a representative is missing, doubled or unknown. Memory: a byte a
    representative, and a block of each thread.
    """
    features = open_shard(shards[0])[1]
    written, lock = np.zeros(proteins, bool), Lock()

    def copy(path: Path) -> None:
        for numbers, rows in read_blocks(path, shards[0]):
            with lock:
                check_numbers(path, numbers, written)
                written[numbers] = True
            ends = np.flatnonzero(np.diff(numbers) != 1) + 1
            for first, run in zip([0, *ends], np.split(rows, ends), strict=True):
                if len(run):
                    write_at(descriptor, start + 2 * features * int(numbers[first]), run)

    with writing(output) as beside:
        with beside.open("wb") as handle:
            header = {"descr": "<f2", "fortran_order": False, "shape": (proteins, features)}
            np.lib.format.write_array_header_1_0(handle, header)
            handle.flush()
            start, descriptor = handle.tell(), handle.fileno()
            if proteins:
                os.posix_fallocate(descriptor, start, 2 * proteins * features)
            with ThreadPoolExecutor(threads) as pool:
                running = [pool.submit(copy, path) for path in shards]
                try:
                    for done in progress(running, len(running), "shards"):
                        done.result()
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
        if not written.all():
            raise GlmError(
                f"{shards[0].parent}: no embedding of representative {int(np.argmin(written))} "
                f"({(~written).sum()} are missing); remove the shards and run again"
            )
    return proteins, features


def write_at(descriptor: int, place: int, rows: np.ndarray) -> None:
    """Write rows at a place of a file; the system may take them in parts (of 2 GB at most)."""
    rest = np.ascontiguousarray(rows).data.cast("B")
    while rest:
        taken = os.pwrite(descriptor, rest, place)
        rest, place = rest[taken:], place + taken


def check_numbers(path: Path, numbers: np.ndarray, written: np.ndarray) -> None:
    """Raise `GlmError` if a shard has a representative that is unknown or was there before."""
    unknown = numbers[(numbers < 0) | (numbers >= len(written))]
    if len(unknown):
        raise GlmError(
            f"{path}: representative {unknown[0]} is not among the {len(written)} of this corpus; "
            "remove the shard and run again"
        )
    twice = numbers[written[numbers]]
    if not len(twice):
        values, counts = np.unique(numbers, return_counts=True)
        twice = values[counts > 1]
    if len(twice):
        raise GlmError(
            f"{path}: representative {twice[0]} is embedded twice; remove the shards and run again"
        )
