"""EC numbers of the representatives, by mmseqs search (Methods, Enzyme Commission number
prediction)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from glm import mmseqs, tables
from glm.corpus.fasta import RESIDUES, write_fasta
from glm.database import connection, write_query
from glm.enzymes.reference import read_enzymes
from glm.errors import GlmError
from glm.files import workspace

TARGETS_KEPT = 20  # of each protein, from which the best is taken


def assign(
    representatives: Path,
    reference: Path,
    output: Path,
    stamp: Mapping[str, Any],
    settings: mmseqs.Search,
) -> int:
    """Give each representative the first EC number of its best hit; write `ENZYMES`.

    The best hit is the one of the smallest e-value. Returns the number of rows. Raises `GlmError`
    if the reference has no protein with an EC number, or nothing is like it.
    """
    with workspace(output.parent, "enzymes") as work:
        enzymes = write_targets(reference, work / mmseqs.TARGETS)
        write_fasta(
            representatives, tables.REPRESENTATIVES, "representative", work / mmseqs.QUERIES
        )
        hits = mmseqs.search(work, settings, TARGETS_KEPT)
        query = """
            WITH best AS (
                SELECT query, arg_min(hits, (evalue, -bits, target)) AS hit
                FROM read_csv(
                    $hits, delim='\t', header=false, auto_detect=false, columns=$columns
                ) AS hits GROUP BY query
            )
            SELECT representative, protein, name AS hit, ec,
                best.hit.nident / best.hit.alnlen AS identity, best.hit.qcov AS coverage,
                best.hit.evalue AS evalue
            FROM best
            JOIN enzymes ON enzymes.number = best.hit.target
            JOIN read_parquet($representatives) ON representative = query
            ORDER BY representative
        """
        parameters = {
            "hits": str(hits),
            "columns": mmseqs.COLUMNS,
            "representatives": str(representatives),
        }
        with connection(output.parent, settings.memory_mb, settings.threads) as database:
            database.register("enzymes", enzymes)
            found = write_query(database, query, parameters, output, tables.ENZYMES, stamp)
    if not found:
        output.unlink()
        raise GlmError(
            f"{reference}: no protein of the corpus is like any of its enzymes (identity over "
            f"{settings.identity}, coverage over {settings.coverage}); lower enzymes.identity or "
            "take another one"
        )
    logging.info("proteins with an EC number: %s", f"{found:,}")
    return found


def write_targets(reference: Path, fasta: Path) -> pa.Table:
    """Write the enzymes as FASTA, headed by their number; returns number, name and EC number."""
    names: list[str] = []
    numbers: list[str] = []
    allowed = frozenset(RESIDUES.decode())
    with fasta.open("w") as handle:
        for name, ec, sequence in read_enzymes(reference):
            residues = sequence.upper().rstrip("*")
            if not residues or not allowed.issuperset(residues):
                raise GlmError(
                    f"{reference}: record {name}: not a protein sequence ({residues[:30]!r} …); "
                    "fix or remove it"
                )
            handle.write(f">{len(names)}\n{residues}\n")
            names.append(name)
            numbers.append(ec)
    if not names:
        raise GlmError(
            f"{reference}: no record has an EC number (EC=1.2.3.4 in a FASTA header, or a table's "
            "column EC number); set enzymes.reference to a set of enzymes, or to null"
        )
    logging.info("enzymes in the reference: %s", f"{len(names):,}")
    return pa.table({"number": range(len(names)), "name": names, "ec": numbers})
