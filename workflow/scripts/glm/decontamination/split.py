"""Which subcontigs are removed, trained on and held out (Methods, Performance metric).

A gene is like the reference genome when it is OVER the identity threshold (0.70 itself is not),
and a subcontig is removed when MORE than the given share of its genes are (exactly half are not).
Every gene counts, also one without representative: it is not like anything.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glm import tables
from glm.data.constants import FEWEST_TO_TRAIN
from glm.database import ROWS, connection, write_query
from glm.errors import GlmError

TRAIN, VALIDATION, REMOVED = "train", "validation", "removed"
SHARE, LARGEST_SHARE, MOST_HELD_OUT = 0.05, 0.2, 10_000
FEW = 20  # held-out subcontigs: of some 450 genes a sixth is masked, the standard error is 4 points


def flag(
    subcontigs: Path,
    hits: Path,
    output: Path,
    stamp: dict[str, Any],
    *,
    identity: float,
    share: float,
    threads: int,
    memory_mb: int,
) -> int:
    """Count each subcontig's genes over `identity`, and remove those with more than `share`.

    Writes `FLAGS`, in the order of the subcontigs' numbers; returns how many there are.
    """
    tables.check_whole(subcontigs, tables.SUBCONTIGS)
    tables.check_whole(hits, tables.REFERENCE_HITS)
    query = """
        WITH occurrences AS (
            SELECT subcontig, unnest(representative) AS representative
            FROM read_parquet($subcontigs)
        ),
        counts AS (
            SELECT subcontig, count(*) AS genes,
                -- both as FLOAT: a stored 0.3 is a little more than the double 0.3
                count(*) FILTER (identity > $identity::FLOAT) AS genes_like_reference
            FROM occurrences LEFT JOIN read_parquet($hits) AS hits USING (representative)
            GROUP BY subcontig
        )
        SELECT subcontig, genes, genes_like_reference,
            genes_like_reference / genes AS share, genes_like_reference > $share * genes AS removed
        FROM counts ORDER BY subcontig
    """
    parameters = {
        "subcontigs": str(subcontigs),
        "hits": str(hits),
        "identity": identity,
        "share": share,
    }
    with connection(output.parent, memory_mb, threads) as database:
        return write_query(database, query, parameters, output, tables.FLAGS, stamp)


def split(
    flags: Path, output: Path, stamp: dict[str, Any], *, validation_share: float | None, seed: int
) -> dict[str, int]:
    """Hold out a random `validation_share` of what is kept; write `SPLITS`.

    None is `sized_share`. Each subcontig draws one number, in the order of the table, so a
    subcontig's lot depends on the seed and its place only. If the share is so small that none falls
    under it, the one with the lowest draw is held out. Returns the number of subcontigs of each
    split.

    Raises `GlmError` if nothing is left to train on.
    """
    file = tables.open_file(flags, tables.FLAGS)
    kept, lowest = 0, 1.0
    for _, removed, draw in _draws(file, seed):
        kept += int((~removed).sum())
        lowest = min(lowest, draw[~removed].min(initial=1.0))
    if validation_share is None:
        validation_share = sized_share(kept)
    threshold = max(validation_share, np.nextafter(lowest, 1.0)) if validation_share else 0.0
    counts = dict.fromkeys((TRAIN, VALIDATION, REMOVED), 0)
    with tables.TableWriter(output, tables.SPLITS, stamp) as writer:
        for batch, removed, draw in _draws(file, seed):
            held_out = ~removed & (draw < threshold)
            names = np.select([removed, held_out], [REMOVED, VALIDATION], TRAIN)
            for name in counts:
                counts[name] += int((names == name).sum())
            writer.write({"subcontig": batch["subcontig"], "share": batch["share"], "split": names})
        if not counts[TRAIN]:
            raise GlmError(
                f"{flags}: no subcontig is left to train on ({counts}); the corpus is too small, "
                "or too like the reference genome"
            )
    if validation_share and counts[VALIDATION] < FEW:
        logging.warning(
            "only %s of %s subcontigs are held out: an accuracy on so few says little; see "
            "decontamination.validation_share (null holds out what suits the corpus)",
            *(f"{counts[VALIDATION]:,}", f"{kept:,}"),
        )
    if counts[TRAIN] < FEWEST_TO_TRAIN:
        logging.warning(
            "%s subcontigs to train on are fewer than a gLM learns anything from (the demo has "
            "some 1,200): its embeddings in context will say nothing; add genomes",
            f"{counts[TRAIN]:,}",
        )
    return counts


def sized_share(kept: int) -> float:
    """The share to hold out of so many subcontigs: a twentieth, which are at most 10,000; of few
    as much as makes `FEW`, but no more than a fifth."""
    return min(max(SHARE, min(LARGEST_SHARE, FEW / max(kept, 1))), MOST_HELD_OUT / max(kept, 1))


def _draws(file: Any, seed: int) -> Iterable[tuple[pa.RecordBatch, np.ndarray, np.ndarray]]:
    """Batches of flags, each with what is removed and its draws in [0, 1): the same each time."""
    generator = np.random.default_rng(seed)
    for batch in file.iter_batches(ROWS):
        removed = batch["removed"].to_numpy(zero_copy_only=False)
        yield batch, removed, generator.random(len(batch))


def count_by_assembly(
    subcontigs: Path,
    splits: Path,
    output: Path,
    stamp: dict[str, Any],
    *,
    threads: int,
    memory_mb: int,
) -> None:
    """Write `REMOVED_BY_ASSEMBLY`, most removed first, and log it as a table."""
    tables.check_whole(subcontigs, tables.SUBCONTIGS)
    query = """
        SELECT assembly, count(*) AS subcontigs,
            count(*) FILTER (split = 'removed') AS removed,
            count(*) FILTER (split = 'train') AS train,
            count(*) FILTER (split = 'validation') AS validation
        FROM read_parquet($subcontigs) AS cut JOIN read_parquet($splits) AS lots USING (subcontig)
        GROUP BY assembly ORDER BY removed / subcontigs DESC, assembly
    """
    parameters = {"subcontigs": str(subcontigs), "splits": str(splits)}
    with connection(output.parent, memory_mb, threads) as database:
        write_query(database, query, parameters, output, tables.REMOVED_BY_ASSEMBLY, stamp)
    log_by_assembly(tables.read(output, tables.REMOVED_BY_ASSEMBLY))


LOGGED_ASSEMBLIES = 50  # a metagenomic release has thousands; the table holds them all


def log_by_assembly(counts: pa.Table) -> None:
    """Log the counts of each assembly, and their sums."""
    names = counts.column_names
    width = max([len("assembly"), *(len(name or "-") for name in counts["assembly"].to_pylist())])
    logging.info("%-*s %s", width, "assembly", " ".join(f"{name:>10}" for name in names[1:]))
    for row in counts.slice(0, LOGGED_ASSEMBLIES).to_pylist():
        numbers = " ".join(f"{row[name]:>10,}" for name in names[1:])
        logging.info("%-*s %s", width, row["assembly"] or "-", numbers)
    if len(counts) > LOGGED_ASSEMBLIES:
        logging.info("… and %d assemblies more", len(counts) - LOGGED_ASSEMBLIES)
    sums = " ".join(f"{pc.sum(counts[name]).as_py() or 0:>10,}" for name in names[1:])
    logging.info("%-*s %s", width, "all", sums)
