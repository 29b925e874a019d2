"""The best hit of each protein in a reference, with DIAMOND (Methods, Gene annotation)."""

from __future__ import annotations

import itertools
import logging
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from glm import tables, tools
from glm.annotation.products import product_name, unannotated_word
from glm.corpus.fasta import read_fasta, write_fasta
from glm.errors import GlmError
from glm.files import workspace, writing

DATABASE = ".dmnd"
FORMAT = ("qseqid", "sseqid", "evalue", "nident", "length", "stitle")
ROWS = 1 << 16
MEGABYTES_PER_BLOCK = 8000
"""Memory for each 1e9 residues of a block: DIAMOND's manual says six times as many gigabytes, and
something is left for the operating system."""
LARGEST_BLOCK = 20.0
NUCLEOTIDES = frozenset(b"ACGTUN")
RECORDS_LOOKED_AT = 20


class Hit(NamedTuple):
    """The best hit of a query."""

    name: str
    product: str
    evalue: float
    identity: float


def machine_memory() -> int:
    """Megabytes of this machine, which may be less than a rule asks a cluster for."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000


def block_size(memory_mb: int) -> float:
    """DIAMOND's --block-size (1e9 residues) that fits into some memory."""
    return round(min(max(memory_mb / MEGABYTES_PER_BLOCK, 0.05), LARGEST_BLOCK), 2)


def check_proteins(fasta: Path) -> None:
    """Raise `GlmError` if a FASTA is none, or if its first records are nucleotides."""
    first = list(itertools.islice(read_fasta(fasta), RECORDS_LOOKED_AT))
    if all(NUCLEOTIDES.issuperset(record.sequence.upper()) for record in first):
        raise GlmError(
            f"{fasta}: the first {len(first)} records are nucleotides ({first[0].name} …); set "
            "annotation.reference to a FASTA of proteins"
        )


def build_database(fasta: Path, database: Path, threads: int) -> None:
    """Write DIAMOND's database of a protein FASTA (plain or .gz)."""
    check_proteins(fasta)
    with writing(database) as beside:
        made = beside.with_name(f"{beside.name}{DATABASE}")  # DIAMOND adds it to any other name
        try:
            tools.run(["diamond", "makedb", "--in", fasta, "--db", made, "--threads", str(threads)])
            made.replace(beside)
        finally:
            made.unlink(missing_ok=True)


def check_database(database: Path) -> None:
    """Raise `GlmError` if a file is no database that this DIAMOND reads."""
    if not database.is_file():
        raise GlmError(f"{database}: no such file; set annotation.reference to a FASTA or a .dmnd")
    asked = ["diamond", "dbinfo", "--db", str(database)]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    # It says "Database type  Diamond database" of its own kind only, and may end well on others.
    if found.returncode or "Diamond database" not in found.stdout + found.stderr:
        raise GlmError(
            f"{database}: not a database of this DIAMOND (of another program, or another version); "
            "give the FASTA as annotation.reference, and the pipeline builds it"
        )


def annotate(
    representatives: Path,
    database: Path,
    output: Path,
    stamp: Mapping[str, Any],
    *,
    shard: int,
    shards: int,
    e_value: float,
    pattern: re.Pattern[str],
    threads: int,
    memory_mb: int,
) -> dict[str, int]:
    """Search one shard of the representatives and write `ANNOTATIONS`, in their order.

    A shard takes every `shards`-th representative (they are sorted by length, so that shards are
    alike). `pattern` finds the words of an unannotated hit. Returns the counts.
    """
    check_database(database)
    output.parent.mkdir(parents=True, exist_ok=True)
    with workspace(output.parent, "diamond") as work:
        queries = write_fasta(
            representatives,
            tables.REPRESENTATIVES,
            "representative",
            work / "query.faa",
            shard,
            shards,
        )
        logging.info("proteins of this shard: %s", f"{queries:,}")
        if queries:
            tools.run(diamond_command(work, database, e_value, threads, memory_mb))
        hits = read_hits(work / "hits.tsv") if queries else {}
        with tables.TableWriter(output, tables.ANNOTATIONS, stamp) as writer:
            counts = write_rows(representatives, shard, shards, hits, pattern, writer)
            writer.counts = counts
    return counts


def diamond_command(
    work: Path, database: Path, e_value: float, threads: int, memory_mb: int
) -> Sequence[str | Path]:
    """The command line; one target per query is DIAMOND's best."""
    options: dict[str, Any] = {
        "--query": work / "query.faa",
        "--db": database,
        "--out": work / "hits.tsv",
        "--evalue": e_value,
        "--max-target-seqs": 1,
        "--block-size": block_size(min(memory_mb, machine_memory())),
        "--threads": threads,
        "--tmpdir": work,
    }
    pairs = [str(part) for option in options.items() for part in option]
    return ["diamond", "blastp", *pairs, "--outfmt", "6", *FORMAT]


def read_hits(path: Path) -> dict[int, Hit]:
    """The best hit of each query; DIAMOND may list several alignments of it, the best first."""
    hits: dict[int, Hit] = {}
    with path.open(encoding="utf-8", errors="replace") as handle:
        for line in handle:
            fields = line.rstrip("\n").split("\t", len(FORMAT) - 1)
            query, name, evalue, identical, columns, title = fields
            if int(query) not in hits:
                identity = int(identical) / int(columns)
                hits[int(query)] = Hit(name, product_name(title), float(evalue), identity)
    return hits


def write_rows(
    representatives: Path,
    shard: int,
    shards: int,
    hits: Mapping[int, Hit],
    pattern: re.Pattern[str],
    writer: tables.TableWriter,
) -> dict[str, int]:
    """Write a row for each representative of the shard; returns the counts."""
    counts = {"proteins": 0, "with_a_hit": 0, "annotated": 0}
    file = tables.open_file(representatives, tables.REPRESENTATIVES)
    for batch in file.iter_batches(ROWS, columns=["representative", "protein"]):
        chosen = [
            (number, protein, hits.get(number))
            for number, protein in zip(*(column.to_pylist() for column in batch), strict=True)
            if number % shards == shard
        ]
        annotated = [hit is not None and says_something(hit.product, pattern) for *_, hit in chosen]
        writer.write(
            {
                "representative": [number for number, *_ in chosen],
                "protein": [protein for _, protein, _ in chosen],
                "hit": [hit and hit.name for *_, hit in chosen],
                "product": [hit and hit.product for *_, hit in chosen],
                "evalue": [hit and hit.evalue for *_, hit in chosen],
                "identity": [hit and hit.identity for *_, hit in chosen],
                "annotated": annotated,
            }
        )
        counts["proteins"] += len(chosen)
        counts["with_a_hit"] += sum(hit is not None for *_, hit in chosen)
        counts["annotated"] += sum(annotated)
    return counts


def says_something(product: str, pattern: re.Pattern[str]) -> bool:
    """Whether a hit's product is a name, and not one of an unknown protein."""
    return bool(product) and unannotated_word(product, pattern) is None
