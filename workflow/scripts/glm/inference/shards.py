"""Contextualised embeddings of a corpus, shard by shard, resumed where they stopped.

Methods, "Contextualized embedding calculation and visualization": the last hidden layer of the
gLM at each gene of an unmasked subcontig. A shard reads its own subcontigs only, and keeps in
memory their genes (13 bytes each) and a few batches, however large the release is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc
import torch

from glm import tables
from glm.data.corpus import Corpus
from glm.embedding.shards import SECONDS_BETWEEN_SAVES, Journal
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
    Started again after a kill it resumes with the batch after the last save, and the table comes
    out the same. The counts are returned, logged and kept with the table. Raises `GlmError` naming
    the subcontig if an embedding is not finite.
    """
    corpus = reader.genes.corpus
    lengths = np.diff(corpus.offsets)
    kind = STORED[stored]
    journal = Journal(output, reader.model.config.hidden_size, stamp, kind)
    if journal.batches:
        logger.info("resuming after %d of %d batches", journal.batches, len(batches))
    rest = batches[journal.batches :]
    done = sum(map(len, batches[: journal.batches]))
    began = saved = time.monotonic()
    written: Future[None] = Future()
    written.set_result(None)
    with (
        progress_bar(len(corpus), "subcontigs", initial=done) as bar,
        ThreadPoolExecutor(1, "writing") as writer,
    ):
        readings = (arrange(corpus, batch, variant, seed) for batch in rest)
        for windows, rows in reader.embed(readings, workers, STORED_ON_DEVICE[stored], REMEDY):
            written.result()
            written = writer.submit(journal.append, rows)
            bar.update(len(windows.lengths))
            if time.monotonic() - saved > seconds_between_saves:
                written.result()
                journal.save()
                saved = time.monotonic()
    written.result()
    row_bytes = reader.model.config.hidden_size * np.dtype(kind).itemsize
    log_rate(rest, lengths, row_bytes, time.monotonic() - began)
    counts = {
        "subcontigs": len(corpus),
        "genes": len(corpus.representative),
        "genes_without_representative": int((corpus.representative < 0).sum()),
    }
    write_contextual(output, corpus, proteins, batches, journal.read(), stamp, counts)
    journal.remove()
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
    output: Path,
    corpus: Corpus,
    proteins: np.ndarray,
    batches: Sequence[np.ndarray],
    embeddings: np.ndarray,
    stamp: Mapping[str, Any],
    counts: Mapping[str, int],
) -> None:
    """Write a `contextual` table, one row group a batch.

    embeddings: (genes, hidden size) as they are stored, of the batches' genes one after another.
    """
    kind = tables.vector_field(embeddings.shape[1], embeddings.dtype)
    begin = 0
    with tables.TableWriter(output, tables.CONTEXTUAL, stamp, embedding=kind) as writer:
        for batch in batches:
            genes, lengths = corpus.genes_of(batch)
            rank = np.arange(len(genes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            rows = embeddings[begin : begin + len(genes)]
            begin += len(genes)
            writer.write(
                {
                    "subcontig": np.repeat(corpus.subcontig[batch], lengths),
                    "rank": rank,
                    "protein": proteins[genes],
                    "representative": corpus.representative[genes],
                    "embedding": tables.vector_array(rows),
                }
            )
        writer.counts = dict(counts)
