"""From the locations of proteins to contigs: their genes in order.

Locations are read shard by shard, sorted by contig and start on disk where memory does not
suffice, and written in one pass, so memory does not grow with the release.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glm import database, logs, tables
from glm.corpus.mgnify_locations import write_locations
from glm.corpus.rows import whole_contigs
from glm.corpus.shard_cache import of_each_shard
from glm.corpus.text_blocks import ahead
from glm.errors import GlmError
from glm.files import remove

SORTING_THREADS = 8
"""At most: a sort through the disk takes memory by its threads (docs/paper-size.md)."""
LOCATION = ("contig", "start", "end", "forward")
COUNTS = (
    *("locations_listed_twice", "locations_of_two_proteins", "proteins_without_location"),
    *("locations", "genes", "contigs"),
)
SORTED = """
    SELECT * FROM read_parquet($found) WHERE contig IS NOT NULL
    ORDER BY contig, start, "end", forward, protein, assembly, partial
"""
UNLOCATED = "SELECT count(*) FROM read_parquet($found) WHERE contig IS NULL"


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


def write_genes(
    shards: Sequence[Path],
    assemblies: Mapping[int, Assembly],
    genes_path: Path,
    contigs_path: Path,
    stamp: Mapping[str, Any],
    *,
    memory_mb: int,
    threads: int,
) -> dict[str, int]:
    """Write a release's genes.parquet and contigs.parquet; returns the counts.

    A location listed twice is written once and counted (the same contig under two assemblies
    belongs to the first). So is a location of two proteins, with the first of them: an accession of
    MGnify's is of a sequence and of whether it is full. What was read of good shards is kept if one
    is bad. Raises `GlmError` naming shard, line and what is wrong with it.
    """
    work = genes_path.with_name(f".{genes_path.stem}.shards")
    found = [str(path) for path in of_each_shard(shards, work, write_locations, threads)]
    counts = dict.fromkeys(COUNTS, 0)
    with (
        database.connection(
            genes_path.parent, memory_mb, min(threads, SORTING_THREADS)
        ) as connection,
        tables.TableWriter(genes_path, tables.GENES, stamp) as genes,
        tables.TableWriter(contigs_path, tables.CONTIGS, stamp) as contigs,
        logs.progress_bar(unit="genes") as bar,
        closing(ahead(database.batches(connection, SORTED, found=found))) as batches,
    ):
        for locations in whole_contigs(batches):
            numbered, described = number(first_of_each(locations, counts), assemblies)
            genes.write(numbered)
            contigs.write(described)
            counts["genes"] += len(numbered)
            counts["contigs"] += len(described)
            bar.update(len(numbered))
        [(counts["proteins_without_location"],)] = connection.execute(
            UNLOCATED, {"found": found}
        ).fetchall()
        genes.counts = counts
    remove(work)
    for name in COUNTS[:3]:
        if counts[name]:
            logs.logger.warning("%s: %s", name.replace("_", " "), f"{counts[name]:,}")
    return counts


def first_of_each(locations: pa.Table, counts: dict[str, int]) -> pa.Table:
    """The first of the sorted rows of one location; adds to the counts what is left out."""
    changes = [np.diff(locations[name].to_numpy()) != 0 for name in LOCATION]
    same = ~np.any(changes, axis=0)
    other_protein = same & (np.diff(locations["protein"].to_numpy()) != 0)
    counts["locations"] += len(locations)
    counts["locations_listed_twice"] += int((same & ~other_protein).sum())
    counts["locations_of_two_proteins"] += int(other_protein.sum())
    return locations.filter(pa.array(np.append(True, ~same))) if same.any() else locations


def number(genes: pa.Table, assemblies: Mapping[int, Assembly]) -> tuple[pa.Table, pa.Table]:
    """Genes with their ranks on their contigs, which are whole; and these contigs."""
    contig = genes["contig"].to_numpy()
    begins = np.flatnonzero(np.diff(contig, prepend=contig[0] - 1))
    sizes = np.diff(begins, append=len(contig))
    rank = np.arange(len(contig)) - np.repeat(begins, sizes)
    numbers = pa.array(contig[begins])
    contigs = {
        "contig": numbers,
        "name": accessions(numbers),
        **describe(genes["assembly"].to_numpy()[begins], assemblies),
        "genes": sizes,
    }
    return genes.append_column("rank", pa.array(rank, pa.int32())), pa.table(contigs)


def accessions(numbers: pa.Array) -> pa.Array:
    """Accessions of contigs: MGYC and twelve digits."""
    digits = pc.utf8_lpad(numbers.cast(pa.string()), 12, "0")
    return pc.binary_join_element_wise("MGYC", digits, "")


def describe(erz: np.ndarray, assemblies: Mapping[int, Assembly]) -> dict[str, pa.Array]:
    """Name and biome of each contig's assembly."""
    kinds = pa.array(erz).dictionary_encode()
    known = [
        assemblies.get(number, Assembly(f"ERZ{number}", None))
        for number in kinds.dictionary.to_pylist()
    ]
    return {
        name: pa.array([getattr(assembly, field) for assembly in known], pa.string()).take(
            kinds.indices
        )
        for name, field in (("assembly", "name"), ("biome", "biome"))
    }
