"""MGnify's sequence metadata, keyed by protein, turned into contigs: their genes in order.

A line of mgy_seq_metadata is a protein and every place where it occurs:
`MGYP<tab>ERZ….MGYC…:start-end:strand:type;…`. The places are exploded, sorted by contig and start
(DuckDB, on disk where they do not fit) and written in one pass over the sorted rows, so memory does
not grow with the release.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from glm import database, logs, tables
from glm.corpus.fasta import read_lines
from glm.corpus.rows import CountedWriter, whole_groups
from glm.errors import GlmError

LONGEST_LINE = 32 << 20
"""Bytes: a protein found at 700,000 places has such a line; buffers of this size are held."""

FAULT = "glm fault"
FAULT_SEPARATOR = "\x1f"


class Assembly(NamedTuple):
    """What a table beside the release says of an assembly."""

    name: str
    biome: str | None


def read_assemblies(path: Path | None) -> dict[int, Assembly]:
    """Names and biomes by ERZ number, from a tab-separated table: assembly, name, biome.

    MGnify's release tells a contig's assembly, not its environment; this table does. Without one,
    assemblies go by their accession and biomes are unknown.
    """
    if path is None:
        return {}
    assemblies: dict[int, Assembly] = {}
    with path.open(newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        for column in ("assembly", "name", "biome"):
            if column not in (rows.fieldnames or ()):
                raise GlmError(f"{path}: no column {column!r} in its first line")
        for row in rows:
            accession = row["assembly"]
            digits = accession.removeprefix("ERZ")
            if not digits.isdigit():
                raise GlmError(f"{path}: line {rows.line_num}: assembly {accession!r} is not ERZ…")
            if int(digits) in assemblies:
                raise GlmError(f"{path}: line {rows.line_num}: {accession} is listed twice")
            assemblies[int(digits)] = Assembly(row["name"], row["biome"] or None)
    return assemblies


def sorted_places(
    connection: duckdb.DuckDBPyConnection, shards: list[Path]
) -> Iterator[pa.RecordBatch]:
    """All places of all proteins: contig, start, end, forward, protein, partial, assembly, sorted.

    Raises `GlmError` naming shard, line and what is wrong with it.
    """
    # A line is read whole (its delimiter, 0x01, never occurs) and judged here, not by the CSV
    # reader, so that what is wrong can be said. `error` ends the query at the first bad row.
    query = f"""
        WITH lines AS (
            SELECT filename, string_split(line, chr(9)) AS fields
            FROM read_csv(
                $shards, columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false,
                delim = '\x01', quote = '', escape = '', comment = '', skip = 0, filename = true,
                max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE}
            )
        ),
        places AS (
            SELECT
                filename,
                regexp_extract(fields[1], '^MGYP([0-9]+)$', 1) AS protein,
                fields[1] AS accession,
                unnest(
                    CASE WHEN len(fields) = 2 THEN string_split(rtrim(fields[2], ';'), ';')
                    ELSE [NULL] END
                ) AS place
            FROM lines
        ),
        parsed AS (
            SELECT *, regexp_extract(
                place,
                '^ERZ([0-9]+)\\.MGYC([0-9]+):([0-9]+)-([0-9]+):(1|-1|\\+|-)(?::(.*))?$',
                ['assembly', 'contig', 'start', 'end', 'strand', 'partial']
            ) AS part
            FROM places
        ),
        checked AS (
            SELECT *,
                coalesce(
                    protein <> '' AND part.contig <> ''
                    AND try_cast(part.start AS INTEGER) > 0
                    AND try_cast(part.start AS INTEGER) <= try_cast(part."end" AS INTEGER)
                    AND try_cast(part.contig AS BIGINT) IS NOT NULL
                    AND try_cast(part.assembly AS BIGINT) IS NOT NULL
                    AND try_cast(protein AS BIGINT) IS NOT NULL,
                    false
                ) AS good,
            FROM parsed
        )
        SELECT
            CASE WHEN good THEN try_cast(part.contig AS BIGINT) ELSE error(concat_ws(
                chr(31), '{FAULT}', filename, coalesce(accession, ''), coalesce(place, ''), ''
            ))::BIGINT END AS contig,
            try_cast(part.start AS INTEGER) AS start,
            try_cast(part."end" AS INTEGER) AS "end",
            part.strand IN ('1', '+') AS forward,
            try_cast(protein AS BIGINT) AS protein,
            nullif(part.partial, '') AS partial,
            try_cast(part.assembly AS BIGINT) AS assembly
        FROM checked
        ORDER BY contig, start, "end", forward, protein, assembly
    """
    try:
        yield from database.batches(connection, query, shards=[str(path) for path in shards])
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        message = str(error)
        if FAULT in message:
            _, shard, accession, place, *_ = message[message.index(FAULT) :].split(FAULT_SEPARATOR)
            raise GlmError(explain_fault(Path(shard), accession, place)) from error
        raise GlmError(explain_damage(shards, message)) from error


def explain_fault(shard: Path, accession: str, place: str) -> str:
    """Say which line of a shard is wrong, and how; the line is searched for only now."""
    starts = accession.encode()
    line = next(
        (
            number
            for number, text in enumerate(read_lines(shard), 1)
            if text.split(b"\t")[0] == starts and place.encode() in text
        ),
        0,
    )
    return (
        f"{shard}: line {line}: {accession[:40] or 'no accession'}: {place[:80]!r} is not "
        "ERZ….MGYC…:start-end:strand[:type] with 1 <= start <= end and strand 1, -1, + or -. "
        "Mend the line, or fetch the release again"
    )


def explain_damage(shards: Iterable[Path], message: str) -> str:
    """Name the shard that cannot be read to its end, if it is one; else repeat the message."""
    for shard in shards:
        try:
            for _ in read_lines(shard):
                pass
        except GlmError as error:
            return str(error)
    return f"{', '.join(map(str, shards))}: {message.splitlines()[0]}"


def write_genes(
    places: Iterable[pa.RecordBatch],
    assemblies: Mapping[int, Assembly],
    genes_path: Path,
    contigs_path: Path,
    stamp: Mapping[str, Any],
) -> dict[str, int]:
    """Write sorted places as genes.parquet and contigs.parquet; returns the counts.

    A place listed twice is written once and counted (the same contig under two assemblies belongs
    to the first). Raises `GlmError` if two proteins are listed at one place: that contig is listed
    twice, with different genes.
    """
    counts = {"places": 0, "places_listed_twice": 0, "genes": 0, "contigs": 0}
    with (
        CountedWriter(genes_path, tables.GENES, stamp) as genes,
        CountedWriter(contigs_path, tables.CONTIGS, stamp) as contigs,
        logs.progress_bar(unit="genes") as bar,
    ):
        for table in whole_groups(places, "contig"):
            column = {name: table[name].to_numpy() for name in table.schema.names[:5]}
            same_place = np.ones(len(table) - 1, dtype=bool)
            for name in ("contig", "start", "end", "forward"):
                same_place &= column[name][1:] == column[name][:-1]
            other_protein = same_place & (column["protein"][1:] != column["protein"][:-1])
            if other_protein.any():
                raise GlmError(explain_clash(column, int(other_protein.argmax())))
            first = np.concatenate([[True], ~same_place])
            table = table.filter(pa.array(first))
            contig = column["contig"][first]
            begins = np.flatnonzero(np.diff(contig, prepend=contig[0] - 1))
            sizes = np.diff(begins, append=len(contig))
            rank = np.arange(len(contig)) - np.repeat(begins, sizes)
            genes.write(table.append_column("rank", pa.array(rank, pa.int32())))
            erz = table["assembly"].to_numpy()[begins]
            known = [assemblies.get(number) for number in erz.tolist()]
            contigs.write(
                {
                    "contig": contig[begins],
                    "name": [f"MGYC{number:012d}" for number in contig[begins].tolist()],
                    "assembly": [
                        assembly.name if assembly else f"ERZ{number}"
                        for assembly, number in zip(known, erz.tolist(), strict=True)
                    ],
                    "biome": [assembly.biome if assembly else None for assembly in known],
                    "genes": sizes,
                }
            )
            counts["places"] += len(first)
            counts["places_listed_twice"] += int((~first).sum())
            counts["genes"] += len(contig)
            counts["contigs"] += len(begins)
            bar.update(len(contig))
        genes.counts = counts
    return counts


def explain_clash(column: Mapping[str, np.ndarray], row: int) -> str:
    """Say which two proteins are listed at one place."""
    proteins = " and ".join(f"MGYP{column['protein'][row + i]:012d}" for i in (0, 1))
    return (
        f"contig MGYC{column['contig'][row]:012d} is listed twice with different genes: {proteins} "
        f"both lie at {column['start'][row]}-{column['end'][row]}. The release contradicts itself; "
        "fetch its sequence metadata again"
    )
