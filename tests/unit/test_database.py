from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.plant import STAMP

from glm import tables
from glm.database import batches, connection, write_query
from glm.errors import GlmError


def test_a_join_larger_than_its_memory_goes_through_the_disk(tmp_path: Path) -> None:
    rows = 6_000_000  # two columns of eight bytes: 96 MB, and the limit is 70 MB
    query = "SELECT range AS protein, hash(range) % 1000000 AS cluster FROM range($rows)"
    with connection(tmp_path, 100, 1) as database:
        written = write_query(
            database,
            f"{query} ORDER BY cluster, protein",
            {"rows": rows},
            tmp_path / "clusters.parquet",
            tables.CLUSTERS,
            STAMP,
        )
    assert written == rows
    cluster = pq.read_table(tmp_path / "clusters.parquet", columns=["cluster"])["cluster"]
    assert cluster[0].as_py() <= cluster[rows // 2].as_py() <= cluster[rows - 1].as_py()
    assert [path.name for path in tmp_path.iterdir()] == ["clusters.parquet"]


def test_too_little_memory_for_a_sort_is_named(tmp_path: Path) -> None:
    query = "SELECT range AS protein, repeat('M', 100000) AS sequence FROM range(30000) ORDER BY 2"
    with (
        pytest.raises(GlmError, match="does not fit into 64MB of memory and the disk: give"),
        connection(tmp_path, 1, 2) as database,
    ):
        database.execute("SET max_temp_directory_size = '10MB'")
        list(batches(database, query))
    assert list(tmp_path.iterdir()) == []


def test_a_result_of_other_columns_is_refused(tmp_path: Path) -> None:
    with connection(tmp_path, 100, 1) as database, pytest.raises(KeyError):
        write_query(
            database, "SELECT 1 AS protein", {}, tmp_path / "c.parquet", tables.CLUSTERS, STAMP
        )
    assert list(tmp_path.iterdir()) == []


def test_an_empty_result_is_a_table(tmp_path: Path) -> None:
    with connection(tmp_path, 100, 1) as database:
        query = "SELECT 1 AS protein, 2 AS cluster WHERE false"
        rows = write_query(database, query, {}, tmp_path / "c.parquet", tables.CLUSTERS, STAMP)
    assert rows == 0
    assert tables.read(tmp_path / "c.parquet", tables.CLUSTERS).schema.types == [pa.int64()] * 2
