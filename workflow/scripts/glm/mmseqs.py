"""mmseqs easy-search as the pipeline runs it: identity counted from the alignment, coverage of the
query, bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glm import tools

QUERIES, TARGETS = "query.faa", "target.faa"
COLUMNS = {
    "query": "INTEGER",
    "target": "BIGINT",
    "nident": "INTEGER",
    "alnlen": "INTEGER",
    "qcov": "DOUBLE",
    "evalue": "DOUBLE",
    "bits": "DOUBLE",
}


@dataclass(frozen=True)
class Search:
    """What mmseqs is asked for.

    identity, coverage: the least, of the alignment and of the query, as fractions.
    """

    sensitivity: float
    e_value: float
    identity: float
    coverage: float
    threads: int
    memory_mb: int


def search(work: Path, settings: Search, hits_each: int | None = None) -> Path:
    """Search `QUERIES` against `TARGETS`, both in the folder `work`; returns the hits, `COLUMNS`.

    hits_each: how many targets go on to the alignment for each query (mmseqs's own number if None).
    `-a` keeps the alignments, without which identity is rounded. Raises `GlmError` if mmseqs fails.
    """
    options = {
        "-s": settings.sensitivity,
        "-e": settings.e_value,
        "--min-seq-id": settings.identity,
        "--seq-id-mode": 0,  # identity over the alignment's columns
        "-c": settings.coverage,
        "--cov-mode": 2,  # coverage of the query
        "--alignment-mode": 3,  # identity counted, not estimated from the score
        "-a": 1,
        "--format-output": ",".join(COLUMNS),
        "--split-memory-limit": f"{max(settings.memory_mb * 3 // 4, 1)}M",
        "--threads": settings.threads,
        "-v": 2,
    }
    if hits_each is not None:
        options["--max-seqs"] = hits_each
    hits = work / "hits.tsv"
    paths = [work / QUERIES, work / TARGETS, hits, work / "mmseqs"]
    tools.run(
        ["mmseqs", "easy-search", *paths, *(str(x) for pair in options.items() for x in pair)]
    )
    return hits
