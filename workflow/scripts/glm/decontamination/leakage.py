"""How much homology to the reference genome is left in what is trained on and held out.

The paper removes contexts, not homologs ("our goal was not to remove all E. coli K-12 homologs"),
so much must be left: this says how much, at several identities. Each representative counts with
its most identical hit only, so `reference_proteins` is a lower bound; at 30 % everything is one
that depends on the search's sensitivity.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from glm import tables
from glm.database import connection, write_query

IDENTITIES = (0.3, 0.5, 0.7, 0.9)


def audit(
    subcontigs: Path,
    splits: Path,
    hits: Path,
    output: Path,
    stamp: dict[str, Any],
    *,
    share: float,
    threads: int,
    memory_mb: int,
) -> None:
    """Write `LEAKAGE`: genes, reference proteins and subcontigs over each of `IDENTITIES`.

    `subcontigs_mostly_alike` counts those of which more than `share` of the genes are over it.
    """
    for path, declared in (
        (subcontigs, tables.SUBCONTIGS),
        (splits, tables.SPLITS),
        (hits, tables.REFERENCE_HITS),
    ):
        tables.check_whole(path, declared)
    query = """
        WITH genes AS (
            SELECT subcontig, split, unnest(representative) AS representative
            FROM read_parquet($subcontigs) AS cut JOIN read_parquet($splits) AS lots
            USING (subcontig) WHERE split != 'removed'
        ),
        alike AS (
            SELECT split, subcontig, threshold, reference, identity > threshold AS over
            FROM genes LEFT JOIN read_parquet($hits) AS hits USING (representative),
                (SELECT unnest($identities)::FLOAT AS threshold)
        ),
        per_subcontig AS (
            SELECT split, threshold, count(*) AS genes, count(*) FILTER (over) AS genes_alike
            FROM alike GROUP BY split, threshold, subcontig
        ),
        per_split AS (
            SELECT split, threshold, count(DISTINCT reference) FILTER (over) AS reference_proteins
            FROM alike GROUP BY split, threshold
        )
        SELECT split, threshold AS identity, sum(genes)::BIGINT AS genes,
            sum(genes_alike)::BIGINT AS genes_like_reference, reference_proteins,
            count(*) FILTER (genes_alike > $share * genes) AS subcontigs_mostly_alike
        FROM per_subcontig JOIN per_split USING (split, threshold)
        GROUP BY split, threshold, reference_proteins ORDER BY split, threshold
    """
    parameters = {
        "subcontigs": str(subcontigs),
        "splits": str(splits),
        "hits": str(hits),
        "identities": list(IDENTITIES),
        "share": share,
    }
    with connection(output.parent, memory_mb, threads) as database:
        write_query(database, query, parameters, output, tables.LEAKAGE, stamp)
    for row in tables.read(output, tables.LEAKAGE).to_pylist():
        if not row["reference_proteins"]:
            continue
        logging.info(
            "%s: %d of %d genes over %.0f %% identity to %d reference proteins; "
            "%d subcontigs mostly so",
            row["split"],
            row["genes_like_reference"],
            row["genes"],
            100 * row["identity"],
            row["reference_proteins"],
            row["subcontigs_mostly_alike"],
        )
