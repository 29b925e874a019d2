from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from glm import tables
from glm.errors import GlmError
from glm.files import HOST, remove_abandoned, remove_partials, sha256, workspace, writing


def test_file_appears_only_when_the_block_ends_well(tmp_path: Path) -> None:
    final = tmp_path / "folder" / "table"
    with writing(final) as beside:
        beside.write_text("whole")
        assert not final.exists()
    assert final.read_text() == "whole"
    assert [path.name for path in final.parent.iterdir()] == ["table"]


def test_an_error_keeps_the_old_file_and_leaves_nothing_beside(tmp_path: Path) -> None:
    final = tmp_path / "table"
    final.write_text("old")
    with pytest.raises(KeyboardInterrupt), writing(final) as beside:
        beside.write_text("half")
        raise KeyboardInterrupt
    assert final.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_a_directory_is_replaced_whole(tmp_path: Path) -> None:
    final = tmp_path / "model"
    final.mkdir()
    (final / "stale").touch()
    with writing(final) as beside:
        beside.mkdir()
        (beside / "fresh").touch()
    assert [path.name for path in final.iterdir()] == ["fresh"]


def test_a_full_disk_is_named(small_disk: Path) -> None:
    numbers = np.random.default_rng(0).integers(0, 1 << 40, 100_000)
    rows = pa.table({"protein": numbers, "cluster": numbers})
    with pytest.raises(GlmError, match=r"clusters.parquet: no space left in .*run the same"):
        tables.write(rows, small_disk / "clusters.parquet", tables.CLUSTERS, {"producer": "test"})
    assert list(small_disk.iterdir()) == []


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    (tmp_path / "abc").write_text("abc")
    assert sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea")


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("table", ".table.17.partial", ".other.17.partial"):
        (tmp_path / name).touch()
    remove_partials(tmp_path / "table")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.17.partial", "table"]


def gone_process() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_what_the_dead_left_goes_and_what_the_living_write_stays(tmp_path: Path) -> None:
    """A process of another computer may live: its files go after a day."""
    dead, day_ago = gone_process(), time.time() - 90_000
    gone = [f".table.{HOST}.{dead}.partial", ".table.elsewhere.17.partial"]
    kept = [
        f".table.{HOST}.{os.getpid()}.partial",
        ".table.other.17.partial",
        f".table.parquet.{HOST}.{dead}.partial",
        "table",
    ]
    for name in gone + kept:
        (tmp_path / name).touch()
    os.utime(tmp_path / gone[1], (day_ago, day_ago))
    remove_abandoned(tmp_path / "table")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_writing_again_removes_what_a_kill_left(tmp_path: Path) -> None:
    (tmp_path / f".table.{HOST}.{gone_process()}.partial").write_text("half")
    with writing(tmp_path / "table") as beside:
        beside.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_a_workspace_goes_with_its_block_or_with_the_next_one(tmp_path: Path) -> None:
    left = tmp_path / f".search.{HOST}.{gone_process()}.a1.partial"
    left.mkdir()
    (left / "database").write_text("half")
    with workspace(tmp_path, "search") as first, workspace(tmp_path, "search") as second:
        assert not left.exists()
        assert first != second
        (first / "fasta").touch()
    assert list(tmp_path.iterdir()) == []
