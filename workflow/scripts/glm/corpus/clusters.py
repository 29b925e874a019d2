"""Which protein stands for which: published clusters, or those of `mmseqs linclust`."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from glm import database, logs, tables, tools
from glm.corpus.sequences import read_sequences
from glm.corpus.text_blocks import query_blocks
from glm.errors import GlmError
from glm.files import workspace

COVERAGE_MODE = "0"
"""Coverage of both sequences, mmseqs' default. MGnify says "90 % coverage" and not of which; with
the target's alone (mode 1) fragments would join full-length proteins, whose embeddings differ."""
LINE = r"^MGYP\d{1,18}\t(?:MGYP\d{1,18}[;\n])+\n?$"
MEMBERS = r"""
    WITH lines AS (
        SELECT replace(replace(replace(text, E';\n', ''), E'\n', ''), 'MGYP', '') AS line FROM block
    ), lists AS (
        SELECT split_part(line, E'\t', 1)::BIGINT AS cluster,
            string_split(split_part(line, E'\t', 2), ';') AS members
        FROM lines
    )
    SELECT unnest(members)::BIGINT AS protein, cluster FROM lists
"""
"""Inside UNNEST, DuckDB would split a line again for every 2,048 of its items."""


@cache
def linclust_version_options() -> list[str]:
    """Options that keep mmseqs to the first linclust, which the paper's clusters were made with.

    MMseqs2 made linclust2 the default in 2026; binaries that know the choice are asked for it.
    """
    found = subprocess.run(["mmseqs", "linclust", "-h"], capture_output=True, text=True)
    known = "--linclust-version" in found.stdout + found.stderr
    return ["--linclust-version", "1"] if known else []


def write_linclust_clusters(
    sequences: Path,
    output: Path,
    stamp: Mapping[str, Any],
    *,
    identity: float,
    coverage: float,
    threads: int,
) -> dict[str, int]:
    """Cluster the proteins of a manifest or proteins table with `mmseqs linclust`.

    `identity` and `coverage` are shares, 0 to 1 (the paper: 0.9 and 0.9). Raises `GlmError` for a
    duplicated accession and everything that `read_sequences` refuses.
    """
    with workspace(output.parent, "linclust") as folder:
        fasta = folder / "proteins.fasta"
        seen: set[int] = set()
        with fasta.open("w") as handle:
            for protein, sequence in logs.progress(read_sequences(sequences), unit="proteins"):
                if protein in seen:
                    raise GlmError(
                        f"{sequences}: protein {protein} (MGYP{protein:012d}): accession stands "
                        "twice in the FASTA shards; fetch the release again"
                    )
                seen.add(protein)
                handle.write(f">{protein}\n{sequence}\n")
        base = folder / "database"
        clusters = folder / "clusters"
        pairs = folder / "clusters.tsv"
        tools.run(["mmseqs", "createdb", fasta, base, "--dbtype", "1", "--shuffle", "0"])
        options = ["--min-seq-id", str(identity), "-c", str(coverage), "--cov-mode", COVERAGE_MODE]
        options += ["--threads", str(threads), *linclust_version_options()]
        tools.run(["mmseqs", "linclust", base, clusters, folder / "work", *options])
        tools.run(["mmseqs", "createtsv", base, base, clusters, pairs, "--threads", str(threads)])
        with tables.TableWriter(output, tables.CLUSTERS, stamp) as writer:
            write_pairs(pairs, writer)
            if writer.counts["proteins"] != len(seen):
                raise GlmError(
                    f"{output}: mmseqs clustered {writer.counts['proteins']} of {len(seen)} "
                    "proteins; see the log"
                )
    return writer.counts


def write_members(rows: pa.Table | pa.RecordBatch, writer: tables.TableWriter) -> None:
    """Write proteins with their clusters, and count both."""
    writer.write(rows)
    clusters = pc.sum(pc.equal(rows["protein"], rows["cluster"])).as_py()
    for name, count in (("proteins", len(rows)), ("clusters", clusters)):
        writer.counts[name] = writer.counts.get(name, 0) + count


def write_pairs(pairs: Path, writer: tables.TableWriter) -> None:
    """Write mmseqs' lines of representative and member."""
    query = (
        "SELECT member AS protein, representative AS cluster FROM read_csv($pairs, "
        "columns = {'representative': 'BIGINT', 'member': 'BIGINT'}, delim = '\t', "
        "header = false, auto_detect = false)"
    )
    with duckdb.connect() as connection:
        for batch in database.batches(connection, query, pairs=str(pairs)):
            write_members(batch, writer)


def write_published_clusters(
    files: list[Path], output: Path, stamp: Mapping[str, Any]
) -> dict[str, int]:
    """Read mgy_cluster_seqs as it is published: `representative<tab>member;member;…`.

    A line has one member or any number. Raises `GlmError` naming file, line and what is wrong.
    """
    with (
        tables.TableWriter(output, tables.CLUSTERS, stamp) as writer,
        logs.progress_bar(unit="proteins") as bar,
    ):
        for path in files:
            for _, members in query_blocks(path, LINE, MEMBERS, wrong_line):
                write_members(members, writer)
                bar.update(len(members))
    return writer.counts


def wrong_line(path: Path, line: int, text: str) -> GlmError:
    """What is wrong with a line."""
    return GlmError(
        f"{path}: line {line}: {text.rstrip()[:80]!r} is not a representative and its members "
        "(MGYP…, tab, MGYP…;MGYP…). Fetch the file again"
    )


def write_own_clusters(sequences: Path, output: Path, stamp: Mapping[str, Any]) -> dict[str, int]:
    """Let every protein stand for itself: the reference genome's genes keep their own embeddings.

    The absolute accuracy asks for one gene among all of the genome's, so none may be merged.
    """
    proteins = [protein for protein, _ in read_sequences(sequences)]
    with tables.TableWriter(output, tables.CLUSTERS, stamp) as writer:
        writer.write({"protein": proteins, "cluster": proteins})
        writer.counts = {"proteins": len(proteins), "clusters": len(proteins)}
    return writer.counts
