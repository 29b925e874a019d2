from __future__ import annotations

import pyarrow as pa
import pytest

from glm.corpus.rows import whole_groups


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
