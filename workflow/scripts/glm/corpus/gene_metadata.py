"""MGnify's sequence metadata, keyed by protein, turned into contigs: their genes in order.

A line of mgy_seq_metadata is a protein and every place where it occurs:
`MGYP<tab>ERZ….MGYC…:start-end:strand:type;…`. The places are exploded shard by shard, sorted by
contig and start in runs on disk, and written in one pass over the merged runs, so memory does not
grow with the release.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
KEYS = ("contig", "start", "end", "forward", "protein")


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
    shards: Sequence[Path], work: Path, memory_mb: int, threads: int
) -> Iterator[pa.Table]:
    """All places of all proteins (`places.PLACES`), sorted; tables that never part a contig.

    Each shard becomes sorted runs in the folder `work`, which is removed at the end and kept if a
    shard is bad. Raises `GlmError` naming shard, line and what is wrong with it.
    """
    rows = runs.rows_per_run(memory_mb, threads)
    expected = sum(shard.stat().st_size for shard in shards if shard.is_file()) / BYTES_PER_PLACE
    batch = runs.rows_per_batch(memory_mb, expected / rows + len(shards))

    with logs.progress_bar(unit="places") as bar:

        def make_runs(shard: Path, folder: Path) -> None:
            runs.write_runs(counted(read_places(shard), bar), folder, rows, batch)

        folders = of_each_shard(shards, work, make_runs, threads)
    yield from ahead(
        runs.merge_runs([run for folder in folders for run in sorted(folder.iterdir())])
    )
    remove(work)


def counted(tables_of_rows: Iterable[pa.Table], bar: logs.LoggedProgress) -> Iterator[pa.Table]:
    """The same tables, their rows shown by a progress bar."""
    for table in tables_of_rows:
        yield table
        bar.update(len(table))


def write_genes(
    places: Iterable[pa.Table],
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
        for table in places:
            column = {name: table[name].to_numpy() for name in KEYS}
            same_place = np.ones(len(table) - 1, dtype=bool)
            for name in ("contig", "start", "end", "forward"):
                same_place &= column[name][1:] == column[name][:-1]
            other_protein = same_place & (column["protein"][1:] != column["protein"][:-1])
            if other_protein.any():
                raise GlmError(explain_clash(column, int(other_protein.argmax())))
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
            counts["places_listed_twice"] += int((~first).sum())
            counts["genes"] += len(contig)
            counts["contigs"] += len(begins)
            bar.update(len(contig))
        genes.counts = counts
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


def explain_clash(column: Mapping[str, np.ndarray], row: int) -> str:
    """Say which two proteins are listed at one place."""
    proteins = " and ".join(f"MGYP{column['protein'][row + i]:012d}" for i in (0, 1))
    return (
        f"contig MGYC{column['contig'][row]:012d} is listed twice with different genes: {proteins} "
        f"both lie at {column['start'][row]}-{column['end'][row]}. The release contradicts itself; "
        "fetch its sequence metadata again"
    )
