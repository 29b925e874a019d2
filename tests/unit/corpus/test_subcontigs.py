from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from glm import tables
from glm.corpus.subcontigs import UNMAPPED, write_subcontigs
from glm.errors import GlmError


@pytest.fixture
def cut(tmp_path: Path) -> Callable[..., tuple[list[dict], dict[str, int]]]:
    """A function that cuts contigs (lists of clusters); protein 10 n has representative n."""

    def run(contigs: list[list[int | None]], minimum: int = 15, maximum: int = 30):
        mapped, names, representatives, output = (
            tmp_path / f"{name}.parquet" for name in ("mapped", "contigs", "representatives", "out")
        )
        genes = [
            {"contig": 2 * c, "rank": r, "protein": 7 * r, "cluster": p, "forward": r % 3 == 0}
            for c, clusters in enumerate(contigs)
            for r, p in enumerate(clusters)
        ]
        rows = [
            {"contig": 2 * c, "name": "x", "assembly": f"genome {c}", "biome": None if c else "b"}
            | {"genes": len(clusters)}
            for c, clusters in enumerate(contigs)
        ]
        known = [
            {"representative": n, "protein": 10 * n, "length": 1, "sha256": "", "sequence": "M"}
            for n in reversed(range(100))
        ]
        for path, data, declared in (
            (mapped, genes, tables.MAPPED_GENES),
            (names, rows[::-1], tables.CONTIGS),
            (representatives, known, tables.REPRESENTATIVES),
        ):
            table = pa.Table.from_pylist(data, declared.schema())
            tables.write(table, path, declared, {}, row_group_size=50)
        counts = write_subcontigs(
            mapped, names, representatives, output, {},
            minimum_genes=minimum, maximum_genes=maximum,
        )  # fmt: skip
        return tables.read(output, tables.SUBCONTIGS).to_pylist(), counts

    return run


@pytest.mark.parametrize(
    ("genes", "windows"),
    [
        (15, [15]),
        (29, [29]),
        (30, [30]),
        (31, [30]),
        (44, [30]),
        (45, [30, 15]),
        (60, [30, 30]),
        (104, [30, 30, 30]),
        (105, [30, 30, 30, 15]),
    ],
)
def test_contigs_are_cut_into_windows_of_30_and_short_ones_dropped(cut, genes, windows):
    found, counts = cut([[10] * genes])
    assert [len(row["representative"]) for row in found] == windows
    assert [row["first_rank"] for row in found] == [30 * i for i in range(len(windows))]
    assert counts == {
        "subcontigs": len(windows),
        "genes": sum(windows),
        "genes_without_representative": 0,
        "genes_in_windows_too_short": genes - sum(windows),
    }


def test_real_and_random_contigs_give_what_a_plain_loop_gives(cut):
    random = np.random.default_rng(5)
    contigs = [
        [int(10 * n) for n in random.integers(0, 100, random.integers(1, 150))] for _ in range(40)
    ]
    found, _ = cut(contigs)
    expected = [
        (2 * c, begin, f"genome {c}", [p // 10 for p in window])
        for c, clusters in enumerate(contigs)
        for begin in range(0, len(clusters), 30)
        if len(window := clusters[begin : begin + 30]) >= 15
    ]
    columns = ("contig", "first_rank", "assembly", "representative")
    assert [tuple(row[name] for name in columns) for row in found] == expected
    assert [row["subcontig"] for row in found] == list(range(len(found)))
    for row in found:
        ranks = range(row["first_rank"], row["first_rank"] + len(row["representative"]))
        assert row["protein"] == [7 * rank for rank in ranks]
        assert row["forward"] == [rank % 3 == 0 for rank in ranks]


def test_genes_without_cluster_or_sequence_are_unmapped_and_counted(cut):
    found, counts = cut([[10] * 13 + [None, 995, 5000, -10]])
    assert found[0]["representative"] == [1] * 13 + [UNMAPPED] * 4
    assert counts["genes_without_representative"] == 4
    assert found[0]["biome"] == "b"


def test_no_subcontig_at_all_is_an_error(cut, tmp_path: Path):
    with pytest.raises(GlmError, match="no contig has 15 genes in a row"):
        cut([[10] * 14])
    assert not (tmp_path / "out.parquet").exists()
    with pytest.raises(GlmError, match=r"minimum_genes \(31\) is over maximum_genes \(30\)"):
        cut([[10] * 40], minimum=31)
