"""MGnify's sequence metadata, keyed by protein, turned into contigs: their genes in order.

A line of mgy_seq_metadata is a protein and every place where it occurs:
`MGYP<tab>ERZ….MGYC…:start-end:strand:type;…`. The places are exploded shard by shard, sorted by
contig and start in runs on disk, and written in one pass over the merged runs, so memory does not
grow with the release.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glm import logs, tables
from glm.corpus import runs
from glm.corpus.blocks import ahead
from glm.corpus.kept import of_each_shard
from glm.corpus.places import read_places
from glm.corpus.rows import CountedWriter
from glm.errors import GlmError
from glm.files import remove

BYTES_PER_PLACE = 10
"""Of a compressed shard, at least: how many runs there will be is reckoned with it."""
PLACELESS_FILE = "proteins_without_place.txt"
KEYS = ("contig", "start", "end", "forward", "protein")


class SortedPlaces(NamedTuple):
    """All places of all proteins, in tables that never part a contig; and what has none."""

    tables: Iterator[pa.Table]
    proteins_without_place: int


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


def sorted_places(shards: Sequence[Path], work: Path, memory_mb: int, threads: int) -> SortedPlaces:
    """All places of all proteins (`places.PLACES`), sorted.

    Each shard becomes sorted runs in the folder `work`, which is removed at the end and kept if a
    shard is bad. Raises `GlmError` naming shard, line and what is wrong with it.
    """
    rows = runs.rows_per_run(memory_mb, threads)
    expected = sum(shard.stat().st_size for shard in shards if shard.is_file()) / BYTES_PER_PLACE
    batch = runs.rows_per_batch(memory_mb, expected / rows + len(shards))

    with logs.progress_bar(unit="places") as bar:

        def make_runs(shard: Path, folder: Path) -> None:
            placeless = 0

            def places() -> Iterator[pa.Table]:
                nonlocal placeless
                for table, without in read_places(shard):
                    placeless += without
                    bar.update(len(table))
                    if len(table):
                        yield table

            runs.write_runs(places(), folder, rows, batch)
            (folder / PLACELESS_FILE).write_text(str(placeless))

        folders = of_each_shard(shards, work, make_runs, threads)

    def merged() -> Iterator[pa.Table]:
        found = [run for folder in folders for run in sorted(folder.glob("*.arrow"))]
        yield from ahead(runs.merge_runs(found))
        remove(work)

    placeless = sum(int((folder / PLACELESS_FILE).read_text()) for folder in folders)
    return SortedPlaces(merged(), placeless)


def write_genes(
    places: SortedPlaces,
    assemblies: Mapping[int, Assembly],
    genes_path: Path,
    contigs_path: Path,
    stamp: Mapping[str, Any],
) -> dict[str, int]:
    """Write sorted places as genes.parquet and contigs.parquet; returns the counts.

    A place listed twice is written once and counted (the same contig under two assemblies belongs
    to the first). So is a place of two proteins, with the first of them: an accession of MGnify's
    is of a sequence and of whether it is full.
    """
    counts = dict.fromkeys(
        ("places", "places_listed_twice", "places_of_two_proteins", "genes", "contigs"), 0
    )
    counts["proteins_without_place"] = places.proteins_without_place
    with (
        CountedWriter(genes_path, tables.GENES, stamp) as genes,
        CountedWriter(contigs_path, tables.CONTIGS, stamp) as contigs,
        logs.progress_bar(unit="genes") as bar,
    ):
        for table in places.tables:
            column = {name: table[name].to_numpy() for name in KEYS}
            same_place = np.ones(len(table) - 1, dtype=bool)
            for name in ("contig", "start", "end", "forward"):
                same_place &= column[name][1:] == column[name][:-1]
            other_protein = same_place & (column["protein"][1:] != column["protein"][:-1])
            first = np.concatenate([[True], ~same_place])
            if not first.all():
                table = table.filter(pa.array(first))
            contig = column["contig"][first]
            begins = np.flatnonzero(np.diff(contig, prepend=contig[0] - 1))
            sizes = np.diff(begins, append=len(contig))
            rank = np.arange(len(contig)) - np.repeat(begins, sizes)
            genes.write(table.append_column("rank", pa.array(rank, pa.int32())))
            numbers = pa.array(contig[begins])
            contigs.write(
                {
                    "contig": numbers,
                    "name": accessions("MGYC", numbers),
                    **describe(table["assembly"].to_numpy()[begins], assemblies),
                    "genes": sizes,
                }
            )
            counts["places"] += len(first)
            counts["places_listed_twice"] += int((same_place & ~other_protein).sum())
            counts["places_of_two_proteins"] += int(other_protein.sum())
            counts["genes"] += len(contig)
            counts["contigs"] += len(begins)
            bar.update(len(contig))
        genes.counts = counts
    for name in ("places_listed_twice", "places_of_two_proteins", "proteins_without_place"):
        if counts[name]:
            logs.logger.warning("%s: %s", name.replace("_", " "), f"{counts[name]:,}")
    return counts


def accessions(prefix: str, numbers: pa.Array) -> pa.Array:
    """Accessions of twelve digits."""
    digits = pc.utf8_lpad(numbers.cast(pa.string()), 12, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


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
