"""Each gene of a contig that is long enough, with the protein that represents its cluster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glm import database, logs, tables
from glm.errors import GlmError


def write_mapped_genes(
    genes: Path,
    contigs: Path,
    clusters: Path,
    output: Path,
    stamp: Mapping[str, Any],
    *,
    minimum_genes: int,
    memory_mb: int,
    threads: int,
) -> dict[str, int]:
    """Join genes with clusters, for contigs of at least `minimum_genes`; sorted by contig and rank.

    A gene whose protein no cluster has is kept with a null and counted: its sequence cannot be had
    (0.4 % of the paper's genes). Raises `GlmError` if a protein is in two clusters.
    """
    for path, declared in (
        (genes, tables.GENES),
        (contigs, tables.CONTIGS),
        (clusters, tables.CLUSTERS),
    ):
        tables.check_whole(path, declared)
    query = """
        SELECT contig, rank, genes.protein, cluster, forward
        FROM read_parquet($genes) AS genes
        SEMI JOIN (SELECT contig FROM read_parquet($contigs) WHERE genes >= $minimum) USING (contig)
        LEFT JOIN read_parquet($clusters) AS clusters ON genes.protein = clusters.protein
        ORDER BY contig, rank
    """
    expected = """
        SELECT coalesce(sum(genes), 0)::BIGINT, count(*),
            (SELECT count(*) FROM read_parquet($contigs) WHERE genes < $minimum)
        FROM read_parquet($contigs) WHERE genes >= $minimum
    """
    paths = {"contigs": str(contigs), "minimum": minimum_genes}
    with (
        database.connection(output.parent, memory_mb, threads) as connection,
        tables.TableWriter(output, tables.MAPPED_GENES, stamp) as writer,
    ):
        [(gene_count, contig_count, short_contigs)] = connection.execute(expected, paths).fetchall()
        rows = unmapped = 0
        with logs.progress_bar(gene_count, "genes") as bar:
            for batch in database.batches(
                connection, query, **paths, genes=str(genes), clusters=str(clusters)
            ):
                writer.write(batch)
                rows += len(batch)
                unmapped += batch["cluster"].null_count
                bar.update(len(batch))
        if rows != gene_count:
            raise GlmError(
                f"{clusters}: {rows} rows for {gene_count} genes: a protein is in two clusters. "
                "Move the file away and run again; if it comes back, the release contradicts itself"
            )
        writer.counts = {
            "contigs": contig_count,
            "contigs_of_too_few_genes": short_contigs,
            "genes": rows,
            "genes_without_cluster": unmapped,
        }
    return writer.counts
