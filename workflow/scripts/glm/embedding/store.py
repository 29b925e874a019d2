"""The embedding store: one float16 matrix on disk, row i the representative i."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glm.embedding.fits import iterate_embeddings, open_shard
from glm.errors import GlmError
from glm.files import writing


def build_store(shards: Sequence[Path], proteins: int, output: Path) -> tuple[int, int]:
    """Write the embeddings of all shards into `output`, a .npy file of (proteins, features).

    The rows are written where they belong, run by run; the room is reserved first, so that a full
    disk is known before the work. Returns the shape. Raises `GlmError` if a representative is
    missing, doubled or unknown. Memory: a byte a representative.
    """
    features = open_shard(shards[0])[1]
    written = np.zeros(proteins, bool)
    with writing(output) as beside:
        with beside.open("wb") as handle:
            header = {"descr": "<f2", "fortran_order": False, "shape": (proteins, features)}
            np.lib.format.write_array_header_1_0(handle, header)
            start = handle.tell()
            if proteins:
                os.posix_fallocate(handle.fileno(), start, 2 * proteins * features)
            for path, numbers, rows in iterate_embeddings(shards):
                check_numbers(path, numbers, written)
                written[numbers] = True
                for run in np.split(
                    np.arange(len(numbers)), np.flatnonzero(np.diff(numbers) != 1) + 1
                ):
                    if len(run):
                        handle.seek(start + 2 * features * int(numbers[run[0]]))
                        handle.write(rows[run[0] : run[-1] + 1].tobytes())
        if not written.all():
            raise GlmError(
                f"{shards[0].parent}: no embedding of representative {int(np.argmin(written))} "
                f"({(~written).sum()} are missing); remove the shards and run again"
            )
    return proteins, features


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
