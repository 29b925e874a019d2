from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glm import tables
from glm.errors import GlmError

DECLARED = [value for value in vars(tables).values() if isinstance(value, tables.Table)]
STAMP = {"producer": "test"}


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.name)
def test_every_table_says_what_its_columns_mean(declared: tables.Table) -> None:
    assert all(column.meaning for column in declared.columns)
    names = declared.names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.name)
def test_every_table_survives_the_disk(declared: tables.Table, tmp_path: Path) -> None:
    decided = {
        column.name: pa.list_(pa.float16(), 4) for column in declared.columns if column.type is None
    }
    empty = declared.schema(**decided).empty_table()
    tables.write(empty, tmp_path / "t.parquet", declared, STAMP)
    assert tables.read(tmp_path / "t.parquet", declared).schema.names == empty.schema.names
    assert tables.read_stamp(tmp_path / "t.parquet") == STAMP


def test_table_names_are_unique() -> None:
    assert len({declared.name for declared in DECLARED}) == len(DECLARED)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="no column 'cluster'"):
        tables.write(pd.DataFrame({"protein": [1]}), tmp_path / "t.parquet", tables.CLUSTERS, STAMP)
    assert list(tmp_path.iterdir()) == []


def test_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clusters.parquet"
    pq.write_table(pa.table({"protein": ["a"], "cluster": [1]}), path)
    with pytest.raises(GlmError, match=r"clusters.parquet: column 'protein' is string.*int64"):
        tables.read(path, tables.CLUSTERS)


def test_what_cannot_be_cast_is_refused(tmp_path: Path) -> None:
    data = pa.table({"protein": ["MGYP1"], "cluster": [1]})
    with pytest.raises(GlmError, match="cannot be written as a clusters table"):
        tables.write(data, tmp_path / "t.parquet", tables.CLUSTERS, STAMP)


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clusters.parquet"
    tables.write(pd.DataFrame({"protein": [1], "cluster": [1]}), path, tables.CLUSTERS, STAMP)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(GlmError, match=r"clusters.parquet: not a whole Parquet file"):
        tables.read(path, tables.CLUSTERS)


def test_a_file_without_stamp_is_not_ours(tmp_path: Path) -> None:
    pq.write_table(pa.table({"protein": [1]}), tmp_path / "t.parquet")
    with pytest.raises(GlmError, match="has no stamp"):
        tables.read_stamp(tmp_path / "t.parquet")


def test_streaming_writer_leaves_nothing_when_it_fails(tmp_path: Path) -> None:
    rows = pa.table({"protein": [1, 2], "cluster": [1, 1]})
    with (
        pytest.raises(RuntimeError),
        tables.open_writer(tmp_path / "t.parquet", tables.CLUSTERS, STAMP) as writer,
    ):
        writer.write_table(rows.cast(writer.schema))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_embeddings_keep_their_length(tmp_path: Path) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(6, np.float16)), 3)
    data = pa.table({"representative": pa.array([0, 1], pa.int32()), "embedding": vectors})
    tables.write(data, tmp_path / "e.parquet", tables.EMBEDDINGS, STAMP)
    back = tables.read(tmp_path / "e.parquet", tables.EMBEDDINGS)
    assert back.schema.field("embedding").type == pa.list_(pa.float16(), 3)


def flipped(path: Path, place: int) -> None:
    """One bit of a file another, as a bad disk or cable leaves it."""
    held = bytearray(path.read_bytes())
    held[place] ^= 0x10
    path.write_bytes(held)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_flipped_bit_is_found_by_every_way_of_reading(streamed: bool, tmp_path: Path) -> None:
    """Without checksums most of them are read as other numbers."""
    path = tmp_path / "clusters.parquet"
    rng = np.random.default_rng(0)
    rows = pa.table({name: rng.integers(0, 10**6, 5000) for name in ("protein", "cluster")})
    if streamed:
        with tables.open_writer(path, tables.CLUSTERS, STAMP) as writer:
            writer.write_table(rows.cast(writer.schema))
    else:
        tables.write(rows, path, tables.CLUSTERS, STAMP)
    tables.check_whole(path, tables.CLUSTERS)
    whole = path.read_bytes()
    for place in rng.integers(100, len(whole) - 4000, 20).tolist():
        path.write_bytes(whole)
        flipped(path, place)
        for read in (
            tables.check_whole,
            tables.read,
            lambda path, declared: list(tables.open_file(path, declared).iter_batches()),
        ):
            with pytest.raises(GlmError, match=r"clusters.parquet: not a whole .* Remove it"):
                read(path, tables.CLUSTERS)
