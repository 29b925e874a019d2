"""Which protein stands for which: published clusters, or those of `mmseqs linclust`."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc

from glm import database, logs, tables, tools
from glm.corpus.fasta import read_lines
from glm.corpus.rows import CountedWriter
from glm.corpus.sequences import read_sequences
from glm.errors import GlmError
from glm.files import workspace

COVERAGE_MODE = "0"
"""Coverage of both sequences, mmseqs' default. MGnify says "90 % coverage" and not of which; with
the target's alone (mode 1) fragments would join full-length proteins, whose embeddings differ."""


@cache
def linclust_version_options() -> list[str]:
    """Options that keep mmseqs to the first linclust, which the paper's clusters were made with.

    MMseqs2 made linclust2 the default in 2026; binaries that know the choice are told.
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
        with CountedWriter(output, tables.CLUSTERS, stamp) as writer:
            writer.counts = write_pairs(pairs, writer)
            if writer.counts["proteins"] != len(seen):
                raise GlmError(
                    f"{output}: mmseqs clustered {writer.counts['proteins']} of {len(seen)} "
                    "proteins; see the log"
                )
    return writer.counts


def write_pairs(pairs: Path, writer: CountedWriter) -> dict[str, int]:
    """Write mmseqs' lines of representative and member; returns the counts."""
    query = (
        "SELECT member AS protein, representative AS cluster FROM read_csv($pairs, "
        "columns = {'representative': 'BIGINT', 'member': 'BIGINT'}, delim = '\t', "
        "header = false, auto_detect = false)"
    )
    counts = {"proteins": 0, "clusters": 0}
    with duckdb.connect() as connection:
        for batch in database.batches(connection, query, pairs=str(pairs)):
            writer.write(batch)
            counts["proteins"] += len(batch)
            counts["clusters"] += pc.sum(pc.equal(batch["protein"], batch["cluster"])).as_py()
    return counts


def write_published_clusters(
    files: list[Path], output: Path, stamp: Mapping[str, Any], memory_mb: int, threads: int
) -> dict[str, int]:
    """Read mgy_cluster_seqs (representative, member) as it is published, shard by shard.

    Raises `GlmError` naming file and line of a line that is not two MGYP accessions.
    """
    fault = "glm fault"
    query = f"""
        WITH lines AS (
            SELECT filename, line, regexp_extract(
                line, '^MGYP([0-9]+)\tMGYP([0-9]+)$', ['cluster', 'protein']
            ) AS part
            FROM read_csv(
                $files, columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false,
                delim = '\x01', quote = '', escape = '', comment = '', filename = true
            )
        )
        SELECT
            CASE WHEN part.protein <> '' THEN try_cast(part.protein AS BIGINT)
            ELSE error(concat_ws(chr(31), '{fault}', filename, line, ''))::BIGINT END AS protein,
            try_cast(part.cluster AS BIGINT) AS cluster
        FROM lines
    """
    counts = {"proteins": 0}
    try:
        with (
            database.connection(output.parent, memory_mb, threads) as connection,
            CountedWriter(output, tables.CLUSTERS, stamp) as writer,
            logs.progress_bar(unit="proteins") as bar,
        ):
            for batch in database.batches(connection, query, files=[str(f) for f in files]):
                writer.write(batch)
                counts["proteins"] += len(batch)
                bar.update(len(batch))
            writer.counts = counts
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        message = str(error)
        if fault in message:
            _, file, line, *_ = message[message.index(fault) :].split("\x1f")
            raise GlmError(
                f"{file}: line {line_number(Path(file), line)}: {line[:80]!r} is not a "
                "representative and a member (MGYP…, tab, MGYP…)"
            ) from error
        for path in files:  # a truncated one is named here
            for _ in read_lines(path):
                pass
        raise
    return counts


def line_number(path: Path, line: str) -> int:
    """Number of the first line that reads so."""
    wanted = line.encode()
    return next((n for n, text in enumerate(read_lines(path), 1) if text == wanted), 0)


def write_own_clusters(sequences: Path, output: Path, stamp: Mapping[str, Any]) -> dict[str, int]:
    """Let every protein stand for itself: the reference genome's genes keep their own embeddings.

    The absolute accuracy asks for one gene among all of the genome's, so none may be merged.
    """
    proteins = [protein for protein, _ in read_sequences(sequences)]
    with CountedWriter(output, tables.CLUSTERS, stamp) as writer:
        writer.write({"protein": proteins, "cluster": proteins})
        writer.counts = {"proteins": len(proteins), "clusters": len(proteins)}
    return writer.counts
