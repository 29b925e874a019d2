from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glm.embedding.store import build_store
from glm.errors import GlmError

Shard = Callable[[int, list[int], np.ndarray], Path]


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(30, 6)).astype(np.float16)


@pytest.mark.parametrize("threads", [1, 2])
def test_row_i_is_representative_i(
    rows: np.ndarray, write_shard: Shard, tmp_path: Path, threads: int
) -> None:
    first = [*range(0, 5), *range(20, 25), 9]
    second = [number for number in range(30) if number not in first]
    shards = [write_shard(0, first, rows[first]), write_shard(1, second, rows[second])]
    store = tmp_path / "embedding_store.npy"
    assert build_store(shards, 30, store, threads) == (30, 6)
    read = np.load(store, mmap_mode="r")
    assert read.dtype == np.float16
    np.testing.assert_array_equal(read, rows)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([0, 1, 2], r"no embedding of representative 3 \(1 are missing\)"),
        ([0, 1, 1, 2, 3], "representative 1 is embedded twice"),
        ([0, 1, 2, 3, 4], "representative 4 is not among the 4"),
        ([-1, 0, 1, 2, 3], "representative -1 is not among the 4"),
    ],
)
def test_missing_doubled_and_unknown_representatives_are_refused(
    rows: np.ndarray, write_shard: Shard, tmp_path: Path, numbers: list[int], message: str
) -> None:
    shard = write_shard(0, numbers, rows[: len(numbers)])
    with pytest.raises(GlmError, match=message):
        build_store([shard], 4, tmp_path / "store.npy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.parquet"]


def test_a_representative_in_two_shards_is_refused(
    rows: np.ndarray, write_shard: Shard, tmp_path: Path
) -> None:
    shards = [write_shard(0, [0, 1], rows[:2]), write_shard(1, [1, 2], rows[:2])]
    with pytest.raises(GlmError, match=r"1\.parquet: representative 1 is embedded twice"):
        build_store(shards, 3, tmp_path / "store.npy")


def test_a_full_disk_is_said_and_leaves_nothing(
    rows: np.ndarray, write_shard: Shard, small_disk: Path
) -> None:
    many = np.zeros((10_000, 6))
    shard = write_shard(0, list(range(10_000)), many)
    with pytest.raises(GlmError, match="no space left"):
        build_store([shard], 10_000, small_disk / "store.npy")
    assert list(small_disk.iterdir()) == []
