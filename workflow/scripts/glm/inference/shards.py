"""Contextualised embeddings of a corpus, shard by shard, resumed where they stopped.

Methods, "Contextualized embedding calculation and visualization": the last hidden layer of the
gLM at each gene of an unmasked subcontig. A shard reads its own subcontigs only, and keeps in
memory their genes (13 bytes each) and a few batches, however large the release is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc
import torch

from glm import tables
from glm.data.corpus import Corpus
from glm.embedding.shards import SECONDS_BETWEEN_SAVES, Journal
from glm.files import sync
from glm.inference.contexts import arrange, reading_order
from glm.inference.names import Variant
from glm.inference.reader import GeneReader
from glm.logs import progress_bar

logger = logging.getLogger("glm")

StoredPrecision = Literal["fp16", "fp32"]
STORED: dict[StoredPrecision, type[np.floating]] = {"fp16": np.float16, "fp32": np.float32}
STORED_ON_DEVICE = {"fp16": torch.float16, "fp32": torch.float32}
REMEDY = "set contextualisation.stored_precision to fp32"


def batches_of_shard(
    order: np.ndarray, per_batch: int, shard: int, shards: int
) -> list[np.ndarray]:
    """The batches of one job, each (at most per_batch,) subcontigs; those of all jobs are all.

    A job has none where there are more jobs than batches.
    """
    starts = np.array_split(np.arange(0, len(order), per_batch), shards)[shard]
    return [order[start : start + per_batch] for start in starts]


def choose_shard(
    subcontigs: Path, variant: Variant, seed: int, per_batch: int, shard: int, shards: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The subcontigs of one job, and no others.

    Returns their names, (m,) int64 in the order of the table, and the batches as indices into them.
    """
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    order = reading_order(len(names), variant, seed)
    batches = batches_of_shard(order, per_batch, shard, shards)
    mine = np.sort(np.concatenate([order[:0], *batches]))
    return names[mine], [np.searchsorted(mine, batch) for batch in batches]


def read_proteins(subcontigs: Path, named: np.ndarray) -> np.ndarray:
    """The protein of each gene of the named subcontigs, (genes,) int64, in the table's order."""
    table = tables.read_where(subcontigs, tables.SUBCONTIGS, "subcontig", named, ["protein"])
    proteins: np.ndarray = pc.list_flatten(table["protein"]).to_numpy()
    return proteins


def contextualise_shard(
    reader: GeneReader,
    proteins: np.ndarray,
    batches: Sequence[np.ndarray],
    output: Path,
    stamp: dict[str, Any],
    variant: Variant = "trained",
    seed: int = 1,
    workers: int = 0,
    seconds_between_saves: float = SECONDS_BETWEEN_SAVES,
    stored: StoredPrecision = "fp16",
) -> dict[str, int]:
    """Write the `contextual` table of one job's batches: a row a gene, batch after batch.

    proteins: (genes,) int64, of the reader's corpus. stored: how precisely embeddings are written.
    Threads write it, and a journal beside it, while the next batch is read. Started again after a
    kill it resumes with the batch after the journal's last save, the row groups before it written
    from there, and the table comes out the same. The counts are returned, logged and kept with the
    table. Raises `GlmError` naming the subcontig if an embedding is not finite.
    """
    corpus = reader.genes.corpus
    width, kind = reader.model.config.hidden_size, STORED[stored]
    journal = Journal(output, width, stamp, kind)
    before, rest = batches[: journal.batches], batches[journal.batches :]
    counts = {
        "subcontigs": len(corpus),
        "genes": len(corpus.representative),
        "genes_without_representative": int((corpus.representative < 0).sum()),
    }
    vectors = tables.vector_field(width, kind)
    with (
        progress_bar(len(corpus), "subcontigs", initial=sum(map(len, before))) as bar,
        tables.TableWriter(output, tables.CONTEXTUAL, stamp, embedding=vectors) as table,
        ThreadPoolExecutor(3, "writing") as pool,
    ):
        if before:
            logger.info("resuming after %d of %d batches", len(before), len(batches))
            write_contextual(table, corpus, proteins, before, journal.read())
        began = saved = time.monotonic()
        begun: list[Future[None]] = []
        saving: Future[None] = Future()
        saving.set_result(None)
        readings = (arrange(corpus, batch, variant, seed) for batch in rest)
        for windows, rows in reader.embed(readings, workers, STORED_ON_DEVICE[stored], REMEDY):
            # The next batch is read meanwhile; no more than this one waits in memory.
            for each in begun:
                each.result()
            begun = [
                pool.submit(journal.append, rows),
                pool.submit(write_contextual, table, corpus, proteins, [windows.chosen], rows),
            ]
            bar.update(len(windows.lengths))
            if saving.done() and time.monotonic() - saved > seconds_between_saves:
                saving.result()
                saving = pool.submit(journal.save)
                saved = time.monotonic()
        for each in (*begun, saving):
            each.result()
        table.counts = dict(counts)
    sync(output)  # until the disk has the table, the journal is what a resumed job needs
    journal.remove()
    row_bytes = width * np.dtype(kind).itemsize
    log_rate(rest, np.diff(corpus.offsets), row_bytes, time.monotonic() - began)
    return counts


def log_rate(
    batches: Sequence[np.ndarray], lengths: np.ndarray, row_bytes: int, seconds: float
) -> None:
    """Log subcontigs/s and the bytes that they make, of what this start computed."""
    if not batches:
        return
    chosen = np.concatenate(batches)
    gigabytes = int(lengths[chosen].sum()) * row_bytes / 1e9
    logger.info(
        "%s subcontigs in %.1f s: %.0f subcontigs/s, %.3f GB/s",
        f"{len(chosen):,}", seconds, len(chosen) / seconds, gigabytes / seconds,
    )  # fmt: skip


def write_contextual(
    table: tables.TableWriter,
    corpus: Corpus,
    proteins: np.ndarray,
    batches: Sequence[np.ndarray],
    embeddings: np.ndarray,
) -> None:
    """Append batches to a `contextual` table, a row group each.

    embeddings: (genes, hidden size) as they are stored, of the batches' genes one after another.
    """
    begin = 0
    for batch in batches:
        genes, lengths = corpus.genes_of(batch)
        rank = np.arange(len(genes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows = embeddings[begin : begin + len(genes)]
        begin += len(genes)
        table.write(
            {
                "subcontig": np.repeat(corpus.subcontig[batch], lengths),
                "rank": rank,
                "protein": proteins[genes],
                "representative": corpus.representative[genes],
                "embedding": tables.vector_array(rows),
            }
        )
