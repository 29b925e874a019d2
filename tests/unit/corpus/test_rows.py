from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from glm import tables
from glm.corpus.rows import CountedWriter, whole_groups


@pytest.mark.parametrize("rows_per_batch", [1, 2, 3, 5, 100])
def test_no_group_is_parted(rows_per_batch: int):
    keys = [1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 7, 7]
    table = pa.table({"key": keys, "row": range(len(keys))})
    groups = list(whole_groups(table.to_batches(rows_per_batch), "key"))
    assert pa.concat_tables(groups).equals(table.combine_chunks())
    seen = [set(group["key"].to_pylist()) for group in groups]
    assert len(set().union(*seen)) == sum(map(len, seen))


def test_nothing_comes_of_nothing():
    assert list(whole_groups([], "key")) == []
    assert list(whole_groups([pa.record_batch({"key": pa.array([], pa.int64())})], "key")) == []


def test_a_table_gets_its_name_and_counts_only_when_all_went_well(tmp_path: Path):
    path = tmp_path / "clusters.parquet"
    with CountedWriter(path, tables.CLUSTERS, {}) as writer:
        writer.write({"cluster": [1], "protein": [2]})
        writer.counts = {"proteins": 1}
        assert not path.exists()
    assert tables.read(path, tables.CLUSTERS).to_pylist() == [{"protein": 2, "cluster": 1}]
    assert tables.read_counts(path) == {"proteins": 1}
    path.unlink()
    with pytest.raises(KeyError), CountedWriter(path, tables.CLUSTERS, {}) as writer:
        writer.write({"protein": [1]})
    assert list(tmp_path.iterdir()) == []
