"""How many proteins have no known Pfam domain, by the calls that an MGnify release publishes.

ProtENN's are in mgy_ProtENN2_pfam.tsv.gz (protein, Pfam, start, end), HMMER's in
mgy_proteins_pfam.tsv.gz (protein, Pfam, and six columns of the hit).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from glm.comparison import interval
from glm.corpus.fasta import read_lines
from glm.corpus.release import one_file
from glm.database import connection
from glm.errors import GlmError
from glm.scorecard_entries import CORPUS, Numbers
from glm.statistics import drawn_shares

FEWEST_COLUMNS = 2
QUERY = """
    SELECT count(*), count(*) FILTER (protein NOT IN (
        SELECT substr(protein, 5)::BIGINT FROM read_csv($calls, delim='\t', header=false,
            quote='', escape='', columns=$columns)
    )) FROM read_parquet($representatives)
"""


def count_without_domain(
    representatives: Path, calls: Path, memory_mb: int, threads: int
) -> tuple[int, int]:
    """Representative proteins, and those of them without a domain in a release's file of calls.

    calls: the file, or the manifest of what was fetched from its address. Raises `GlmError` naming
    the file if it is not one of Pfam calls by MGYP accession.
    """
    path = one_file(calls)
    first = next(read_lines(path), b"").decode("utf-8", "replace").split("\t")
    if len(first) < FEWEST_COLUMNS or not first[0].startswith("MGYP"):
        raise GlmError(
            f"{path}: begins with {first[0][:40]!r}, not with a line MGYP…, Pfam, …; give "
            "mgy_ProtENN2_pfam.tsv.gz or mgy_proteins_pfam.tsv.gz of the release"
        )
    names = ["protein", *(f"column{number}" for number in range(1, len(first)))]
    parameters = {
        "calls": str(path),
        "columns": dict.fromkeys(names, "VARCHAR"),
        "representatives": str(representatives),
    }
    with connection(representatives.parent, memory_mb, threads) as database:
        try:
            found = database.execute(QUERY, parameters).fetchone()
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise GlmError(f"{path}: {str(error).splitlines()[0]}; fetch it again") from error
    assert found is not None
    return found[0], found[1]


def domain_numbers(name: str, counted: tuple[int, int], seed: int) -> list[dict[str, Any]]:
    """The row of `tables.NUMBERS` of one file of calls; the interval resamples the proteins."""
    total, without = counted
    note = f"{without:,} of {total:,} without a Pfam domain"
    found = Numbers("annotation", n=total, unit="representative proteins", needs=[CORPUS])
    share = without / total
    found.add(name, share, interval(drawn_shares(share, total, seed)), note=note)
    return found
