from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from glm import tables
from glm.errors import GlmError
from glm.files import remove_partials, sha256, writing


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
