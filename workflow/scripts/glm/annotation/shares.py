"""Annotations of all shards in one table, and how many proteins have none (Figure 3's 19.8 %)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from glm import tables
from glm.annotation.products import unannotated_word
from glm.comparison import interval
from glm.database import connection, write_query
from glm.errors import GlmError
from glm.scorecard_entries import CORPUS, Numbers
from glm.statistics import drawn_shares

PAPER_REFERENCE = "UniRef100"


def merge(
    shards: Sequence[Path], output: Path, stamp: Mapping[str, Any], memory_mb: int, threads: int
) -> int:
    """Write all shards' `ANNOTATIONS` as one table, by representative; returns the rows."""
    for path in shards:
        tables.check_whole(path, tables.ANNOTATIONS)
    query = "SELECT * FROM read_parquet($shards) ORDER BY representative"
    parameters = {"shards": [str(path) for path in shards]}
    with connection(output.parent, memory_mb, threads) as database:
        return write_query(database, query, parameters, output, tables.ANNOTATIONS, stamp)


def count_reasons(
    annotations: Path, pattern: re.Pattern[str], memory_mb: int, threads: int
) -> pd.DataFrame:
    """Rows of `ANNOTATION_SHARES`: annotated, unannotated, and each reason for it.

    Products are counted before they are read: a corpus has fewer names than proteins.
    """
    query = "SELECT hit IS NOT NULL, product, count(*) FROM read_parquet($path) GROUP BY ALL"
    counts: dict[str, int] = {"annotated": 0, "unannotated": 0, "no hit": 0, "no name": 0}
    with connection(annotations.parent, memory_mb, threads) as database:
        found = database.execute(query, {"path": str(annotations)})
        while rows := found.fetchmany(1 << 16):
            for has_hit, product, count in rows:
                reason = reason_of(has_hit, product, pattern)
                counts[reason] = counts.get(reason, 0) + count
                if reason != "annotated":
                    counts["unannotated"] += count
    total = counts["annotated"] + counts["unannotated"]
    if not total:
        raise GlmError(f"{annotations}: holds no protein; look at the log of its rule")
    return pd.DataFrame(
        [(reason, count, count / total) for reason, count in counts.items()],
        columns=["reason", "proteins", "share"],
    )


def reason_of(has_hit: bool, product: str, pattern: re.Pattern[str]) -> str:
    """Why a protein is unannotated, or `annotated`."""
    if not has_hit:
        return "no hit"
    return unannotated_word(product, pattern) or ("annotated" if product else "no name")


def numbers(
    shares: pd.DataFrame, reference: str, made: Mapping[str, Any], seed: int
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`; the interval is what resampling the proteins gives.

    made: the stamp of a shard of annotations, which says by what they were searched.
    """
    row = shares.set_index("reason").loc["unannotated"]
    total = int(shares.set_index("reason").loc[["annotated", "unannotated"], "proteins"].sum())
    drawn = drawn_shares(row["share"], total, seed)
    of_paper = PAPER_REFERENCE.lower() in Path(reference).name.lower()
    obstacle = "" if of_paper else f"annotated by {reference}, not by {PAPER_REFERENCE}"
    about = {"unit": "representative proteins", "needs": [CORPUS], "obstacle": obstacle}
    found = Numbers("annotation", n=total, **about)
    note = f"reference: {reference}"
    found.add("without_annotation", row["share"], interval(drawn), note=note)
    evalue = f"{made['parameters']['e_value']:.0e}".replace("e-0", "e-")
    version = made["versions"].get("diamond", "of an unknown version")
    name = PAPER_REFERENCE if of_paper else reference
    tool = f"DIAMOND {version} against {name}, e-value {evalue}"
    found.add("tool", tool, setting=True, needs=(), obstacle="")
    found[-1] |= {"n": None, "unit": None}  # it was computed on nothing
    return found
