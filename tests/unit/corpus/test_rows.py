from __future__ import annotations

import pyarrow as pa
import pytest

from glm.corpus.rows import whole_contigs


@pytest.mark.parametrize("rows_per_batch", [1, 2, 3, 5, 100])
def test_no_contig_is_parted(rows_per_batch: int):
    keys = [1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 7, 7]
    table = pa.table({"contig": keys, "row": range(len(keys))})
    groups = list(whole_contigs(table.to_batches(rows_per_batch)))
    assert pa.concat_tables(groups).equals(table.combine_chunks())
    seen = [set(group["contig"].to_pylist()) for group in groups]
    assert len(set().union(*seen)) == sum(map(len, seen))


def test_nothing_comes_of_nothing():
    assert list(whole_contigs([])) == []
    assert list(whole_contigs([pa.record_batch({"contig": pa.array([], pa.int64())})])) == []
