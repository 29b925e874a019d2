from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.plant import STAMP, embeddings_table

from glm import tables
from glm.errors import GlmError

DECLARED = [value for value in vars(tables).values() if isinstance(value, tables.Table)]


def write(
    rows: pa.Table,
    path: Path,
    declared: tables.Table,
    streamed: bool,
    row_group_size: int | None = None,
) -> None:
    """Write a table at once or by its writer."""
    if not streamed:
        return tables.write(rows, path, declared, STAMP)
    types = {name: rows.schema.field(name) for name in declared.names}
    with tables.TableWriter(path, declared, STAMP, **types) as writer:
        writer.write(rows, row_group_size)


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


def test_a_table_gets_its_name_and_counts_only_when_all_went_well(tmp_path: Path) -> None:
    path = tmp_path / "clusters.parquet"
    with tables.TableWriter(path, tables.CLUSTERS, STAMP) as writer:
        writer.write({"cluster": [1], "protein": [2]})
        writer.counts = {"proteins": 1}
        assert not path.exists()
    assert tables.read(path, tables.CLUSTERS).to_pylist() == [{"protein": 2, "cluster": 1}]
    assert tables.read_counts(path) == {"proteins": 1}
    path.unlink()
    with pytest.raises(KeyError), tables.TableWriter(path, tables.CLUSTERS, STAMP) as writer:
        writer.write({"cluster": [1], "protein": [2]})
        writer.write({"protein": [1]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("numbers", [np.float16, np.float32])
@pytest.mark.parametrize("streamed", [False, True])
def test_vectors_come_back_as_they_were(
    numbers: type[np.floating], streamed: bool, tmp_path: Path
) -> None:
    path, rng = tmp_path / "e.parquet", np.random.default_rng(1)
    rows = rng.standard_normal((9, 5)).astype(numbers)
    data = embeddings_table(rows[::-1])  # not as they lie in memory
    write(data, path, tables.EMBEDDINGS, streamed, row_group_size=4)
    back = tables.read_vectors(path, tables.EMBEDDINGS)
    assert back.dtype == numbers
    assert np.array_equal(back, rows[::-1])
    file = tables.open_file(path, tables.EMBEDDINGS)
    assert tables.vector_kind(file, "embedding") == (5, numbers)
    about = file.schema_arrow.field("embedding").metadata
    assert about[b"meaning"].startswith(b"vector of float16: mean over")
    part = data["embedding"].chunk(0).slice(2, 3)
    assert np.array_equal(tables.vector_rows(part, np.dtype(numbers)), rows[::-1][2:5])
    assert tables.vector_rows(part[:0], np.dtype(numbers)).shape == (0, 5)


def test_a_vector_is_its_numbers_bytes(tmp_path: Path) -> None:
    """What docs/analyses.md tells those to do who read the table without this package."""
    rows = np.arange(6, dtype=np.float16).reshape(2, 3)
    path = tmp_path / "e.parquet"
    tables.write(embeddings_table(rows), path, tables.EMBEDDINGS, STAMP)
    frame = pd.read_parquet(path)
    assert np.array_equal(np.stack([np.frombuffer(e, "<f2") for e in frame["embedding"]]), rows)


def test_a_column_without_vectors_is_named(tmp_path: Path) -> None:
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(6, np.float16)), 3)
    data = pa.table({"representative": pa.array([0, 1], pa.int32()), "embedding": lists})
    tables.write(data, tmp_path / "e.parquet", tables.EMBEDDINGS, STAMP)
    with pytest.raises(GlmError, match=r"e.parquet: column 'embedding' is .*list.*vectors were"):
        tables.read_vectors(tmp_path / "e.parquet", tables.EMBEDDINGS)


def flipped(path: Path, place: int) -> None:
    """One bit of a file another, as a bad disk or cable leaves it."""
    held = bytearray(path.read_bytes())
    held[place] ^= 0x10
    path.write_bytes(held)


def some_clusters(rng: np.random.Generator) -> pa.Table:
    return pa.table({name: rng.integers(0, 10**6, 5000) for name in ("protein", "cluster")})


def some_embeddings(rng: np.random.Generator) -> pa.Table:
    return embeddings_table(rng.standard_normal((500, 64)).astype(np.float16))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("declared", "made"), [(tables.CLUSTERS, some_clusters), (tables.EMBEDDINGS, some_embeddings)]
)
def test_a_flipped_bit_is_found_by_every_way_of_reading(
    streamed: bool,
    declared: tables.Table,
    made: Callable[[np.random.Generator], pa.Table],
    tmp_path: Path,
) -> None:
    """Without checksums most of them are read as other numbers."""
    path = tmp_path / "some.parquet"
    rng = np.random.default_rng(0)
    write(made(rng), path, declared, streamed)
    tables.check_whole(path, declared)
    whole = path.read_bytes()
    for place in rng.integers(100, len(whole) - 4000, 20).tolist():
        path.write_bytes(whole)
        flipped(path, place)
        for read in (
            tables.check_whole,
            tables.read,
            lambda path, declared: list(tables.open_file(path, declared).iter_batches()),
        ):
            with pytest.raises(GlmError, match=r"some.parquet: not a whole .* Remove it"):
                read(path, declared)


def test_reading_in_batches_holds_a_few_of_them(tmp_path: Path) -> None:
    """Whatever the size of the file: 64 MB in 16 row groups, a batch of 64 kB at a time."""
    path, rows = tmp_path / "e.parquet", np.ones((32_000, 1024), np.float16)
    tables.write(embeddings_table(rows), path, tables.EMBEDDINGS, STAMP, row_group_size=2000)
    before, most = pa.total_allocated_bytes(), 0
    for _ in tables.open_file(path, tables.EMBEDDINGS).iter_batches(32):
        most = max(most, pa.total_allocated_bytes() - before)
    assert most < 12e6


def test_some_rows_of_a_large_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "clusters.parquet"
    rows = pd.DataFrame({"protein": np.arange(100), "cluster": np.arange(100) // 2})
    tables.write(rows, path, tables.CLUSTERS, STAMP, row_group_size=7)
    found = tables.read_where(path, tables.CLUSTERS, "cluster", np.array([40, 3]), ["protein"])
    assert found.to_pydict() == {"protein": [6, 7, 80, 81]}
    assert len(tables.read_where(path, tables.CLUSTERS, "cluster", None, ["cluster"])) == 100
    none = tables.read_where(path, tables.CLUSTERS, "cluster", np.array([99]), ["cluster"])
    assert none.schema.types == [pa.int64()]
