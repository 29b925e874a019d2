from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from glm import tables
from glm.corpus.mapping import write_mapped_genes
from glm.errors import GlmError


@pytest.fixture
def map_genes(tmp_path: Path) -> Callable[..., tuple[list[dict], dict[str, int]]]:
    """A function that maps contigs (lists of proteins) with clusters, as whole files."""

    def run(contigs: list[list[int]], clusters: list[tuple[int, int]], minimum: int = 1):
        genes = [
            {"contig": c, "rank": r, "protein": p, "forward": p % 2 == 0, "partial": None}
            | {"start": 10 * r + 1, "end": 10 * r + 9}
            for c, proteins in enumerate(contigs)
            for r, p in enumerate(proteins)
        ]
        rows = [
            {"contig": c, "genes": len(p), "name": "x", "assembly": "y", "biome": None}
            for c, p in enumerate(contigs)
        ]
        pairs = [{"protein": p, "cluster": c} for p, c in clusters]
        paths = [tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "clusters", "out")]
        for path, data, declared in (
            (paths[0], genes, tables.GENES),
            (paths[1], rows, tables.CONTIGS),
            (paths[2], pairs, tables.CLUSTERS),
        ):
            tables.write(pa.Table.from_pylist(data, declared.schema()), path, declared, {})
        counts = write_mapped_genes(*paths, {}, minimum_genes=minimum, memory_mb=500, threads=2)
        return tables.read(paths[3], tables.MAPPED_GENES).to_pylist(), counts

    return run


def test_every_gene_gets_its_cluster_in_order(map_genes):
    genes, counts = map_genes([[3, 1], [2, 3, 1]], [(1, 1), (2, 1), (3, 3)])
    assert [(g["contig"], g["rank"], g["protein"], g["cluster"], g["forward"]) for g in genes] == [
        (0, 0, 3, 3, False),
        (0, 1, 1, 1, False),
        (1, 0, 2, 1, True),
        (1, 1, 3, 3, False),
        (1, 2, 1, 1, False),
    ]
    assert counts["genes_without_cluster"] == 0


def test_contigs_of_too_few_genes_are_left_out_and_counted(map_genes):
    genes, counts = map_genes([[1] * 14, [1] * 15, [1] * 16], [(1, 1)], minimum=15)
    assert {gene["contig"] for gene in genes} == {1, 2}
    assert counts == {
        "contigs": 2,
        "contigs_of_too_few_genes": 1,
        "genes": 31,
        "genes_without_cluster": 0,
    }


def test_a_protein_that_no_cluster_has_is_kept_and_counted(map_genes):
    genes, counts = map_genes([[1, 8, 1, 9]], [(1, 1), (2, 2)])
    assert [gene["cluster"] for gene in genes] == [1, None, 1, None]
    assert counts["genes_without_cluster"] == 2


def test_a_protein_in_two_clusters_is_refused(map_genes, tmp_path: Path):
    with pytest.raises(GlmError, match=r"clusters\.parquet: .*a protein is in two clusters"):
        map_genes([[1, 2]], [(1, 1), (2, 1), (2, 2)])
    assert not (tmp_path / "out.parquet").exists()


def test_a_table_of_another_kind_is_refused(map_genes, tmp_path: Path):
    map_genes([[1]], [(1, 1)])
    paths = [tmp_path / f"{name}.parquet" for name in ("genes", "genes", "clusters", "out")]
    with pytest.raises(GlmError, match=r"genes\.parquet: no column 'name'"):
        write_mapped_genes(*paths, {}, minimum_genes=1, memory_mb=500, threads=1)
