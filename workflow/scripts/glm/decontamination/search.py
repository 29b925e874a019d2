"""The search of the corpus against the reference genome's proteins, with mmseqs.

The paper removed subcontigs by "mmseqs2 search" at over 70 % identity and says nothing of
sensitivity, coverage or e-value. Here they are configured. Identity is that of mmseqs's local
alignment: identical pairs over the columns of the alignment, gaps included, as an exact ratio
(mmseqs itself cuts it to three decimals, which would let 0.7004 pass as 0.700). Coverage is that
of the representative, so that a domain shared by two long proteins does not make them alike.

Hits are kept down to `KEPT_IDENTITY`, below what decides about a subcontig, because the leakage
audit asks how much homology stays. Sensitivity hardly matters over 70 % identity; what the audit
counts at 30 % is a lower bound that rises with it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from glm import mmseqs, tables
from glm.corpus.fasta import write_fasta
from glm.database import connection, write_query
from glm.files import workspace

KEPT_IDENTITY = 0.3


def search(
    representatives: Path,
    proteins: Path,
    output: Path,
    stamp: dict[str, Any],
    settings: mmseqs.Search,
) -> int:
    """Search `representatives` against the reference's `proteins`; write `REFERENCE_HITS`.

    Returns the number of representatives with a hit. Raises `GlmError` if either table is empty
    or mmseqs fails.
    """
    with workspace(output.parent, "search") as work:
        queries = write_fasta(
            representatives, tables.REPRESENTATIVES, "representative", work / mmseqs.QUERIES
        )
        targets = write_fasta(proteins, tables.PROTEINS, "protein", work / mmseqs.TARGETS)
        logging.info("%d representatives against %d reference proteins", queries, targets)
        hits = mmseqs.search(work, settings)
        found = write_best_hits(hits, output, stamp, settings.memory_mb, settings.threads)
    logging.info("%d of %d representatives have a hit", found, queries)
    return found


def write_best_hits(
    hits: Path, output: Path, stamp: dict[str, Any], memory_mb: int, threads: int
) -> int:
    """Keep the most identical hit of each representative; ties go to the higher score.

    Most identical, not most significant: then a gene is over a threshold exactly if any of its
    hits is, at every threshold of the audit. Returns the number of rows.
    """
    query = """
        WITH hits AS (
            SELECT *, nident / alnlen AS identity
            FROM read_csv(
                $hits, delim='\t', header=false, quote='', escape='', auto_detect=false,
                columns=$columns
            )
        )
        SELECT query AS representative, best.target AS reference,
            best.identity::FLOAT AS identity, best.qcov AS coverage, best.evalue AS e_value
        FROM (
            SELECT query, arg_max(hits, (identity, bits, -target)) AS best FROM hits GROUP BY query
        )
        ORDER BY query
    """
    with connection(output.parent, memory_mb, threads) as database:
        return write_query(
            database,
            query,
            {"hits": str(hits), "columns": mmseqs.COLUMNS},
            output,
            tables.REFERENCE_HITS,
            stamp,
        )
