"""Contextualised embeddings of a corpus, shard by shard, resumed where they stopped.

Methods, "Contextualized embedding calculation and visualization": the last hidden layer of the
gLM at each gene of an unmasked subcontig. A shard reads its own subcontigs only, and keeps in
memory their genes (13 bytes each) and a few batches, however large the release is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from torch import Tensor

from glm import tables
from glm.data.ahead import run_ahead
from glm.data.corpus import Corpus, read_corpus
from glm.embedding.shards import SECONDS_BETWEEN_SAVES, Journal
from glm.errors import GlmError
from glm.inference.attention import gene_order
from glm.inference.names import Variant
from glm.inference.reader import GeneReader, check_finite
from glm.logs import progress_bar

logger = logging.getLogger("glm")

StoredPrecision = Literal["fp16", "fp32"]
STORED: dict[StoredPrecision, type[np.floating]] = {"fp16": np.float16, "fp32": np.float32}


@dataclass(frozen=True)
class Reading:
    """Subcontigs of one batch in the order in which the model reads their genes.

    chosen: (m,) indices into the corpus. genes: (genes,) int64 into the corpus, subcontig by
    subcontig. lengths: (m,). order: (genes,) int64; place k of the input holds genes[order[k]].
    """

    chosen: np.ndarray
    genes: np.ndarray
    lengths: np.ndarray
    order: np.ndarray


def reading_order(count: int, variant: Variant, seed: int) -> np.ndarray:
    """The order in which `count` subcontigs are read, (count,) int64.

    That of the table; a random one where contexts are shuffled, since the genes of a batch are
    then mixed and neighbours in the table are neighbours in a genome.
    """
    if variant == "shuffled":
        return np.random.default_rng(seed).permutation(count)
    return np.arange(count)


def batches_of_shard(
    order: np.ndarray, per_batch: int, shard: int, shards: int
) -> list[np.ndarray]:
    """The batches of one job, each (at most per_batch,) subcontigs; those of all jobs are all.

    Raises `GlmError` if nothing is left for the job.
    """
    starts = np.array_split(np.arange(0, len(order), per_batch), shards)[shard]
    if not len(starts):
        raise GlmError(
            f"shard {shard} of {shards} has no subcontig: there are {len(order):,} in batches of "
            f"{per_batch}; lower contextualisation.shards"
        )
    return [order[start : start + per_batch] for start in starts]


def arrange(corpus: Corpus, chosen: np.ndarray, variant: Variant, seed: int) -> Reading:
    """The genes of some subcontigs as a variant reads them; see `names.EMBEDDING_MEANINGS`.

    The random orders depend on the seed and on the subcontigs' names alone.
    """
    genes, lengths = corpus.genes_of(chosen)
    names = corpus.subcontig[chosen]
    order = np.arange(len(genes))
    if variant == "moved":
        before = np.cumsum(lengths) - lengths
        places = zip(names.tolist(), lengths.tolist(), before.tolist(), strict=True)
        order = np.concatenate(
            [gene_order(variant, seed, name, length) + offset for name, length, offset in places]
        )
    elif variant == "shuffled":
        order = np.random.default_rng([seed, int(names[0])]).permutation(len(genes))
    return Reading(chosen, genes, lengths, order)


def embed_batches(
    reader: GeneReader,
    corpus: Corpus,
    batches: Sequence[np.ndarray],
    variant: Variant = "trained",
    seed: int = 1,
    workers: int = 0,
) -> Iterator[tuple[Reading, np.ndarray]]:
    """Contextualised embeddings of batches of subcontigs, one batch after another.

    batches: (m,) indices into the corpus each. seed: of the shuffled variants. workers: threads
    that gather rows of the store ahead. Yields the reading and (genes, hidden size) float32: row i
    is of the gene `reading.genes[i]`, wherever in the input it stood. Raises `GlmError` naming the
    subcontig if one is not finite.
    """

    def prepare(chosen: np.ndarray) -> tuple[Reading, np.ndarray, Tensor]:
        reading = arrange(corpus, chosen, variant, seed)
        read = reading.genes[reading.order]
        return reading, read, reader.gather(corpus.representative[read])

    for reading, read, gathered in run_ahead(prepare, batches, workers):
        embeddings = reader.embed(
            corpus.representative[read], corpus.forward[read], reading.lengths, gathered
        )
        of_gene = np.empty_like(embeddings)
        of_gene[reading.order] = embeddings
        check_finite(of_gene, reading.lengths, corpus.subcontig[reading.chosen], reader.remedy)
        yield reading, of_gene


def read_shard(
    subcontigs: Path,
    rows: int,
    variant: Variant,
    seed: int,
    per_batch: int,
    shard: int,
    shards: int,
) -> tuple[Corpus, np.ndarray, list[np.ndarray]]:
    """The subcontigs of one job, and no others.

    rows: rows of the embedding store. Returns the corpus, (genes,) int64 the protein of each of
    its genes, and the batches as indices into it.
    """
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    order = reading_order(len(names), variant, seed)
    batches = batches_of_shard(order, per_batch, shard, shards)
    mine = np.sort(np.concatenate(batches))
    corpus = read_corpus(subcontigs, rows, kept=names[mine])
    proteins = []
    first = 0
    file = tables.open_file(subcontigs, tables.SUBCONTIGS)
    for batch in file.iter_batches(columns=["protein"]):
        within = mine[(mine >= first) & (mine < first + len(batch))] - first
        proteins.append(pc.list_flatten(batch["protein"].take(pa.array(within))).to_numpy())
        first += len(batch)
    return corpus, np.concatenate(proteins), [np.searchsorted(mine, batch) for batch in batches]


def contextualise_shard(
    reader: GeneReader,
    corpus: Corpus,
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

    proteins: (genes,) int64, of the corpus. stored: how precisely embeddings are written. Started
    again after a kill it goes on with the batch
    after the last save, and the table comes out the same. The counts are returned, logged and
    kept with the table. Raises `GlmError` naming the subcontig if an embedding is not finite.
    """
    lengths = np.diff(corpus.offsets)
    kind = STORED[stored]
    journal = Journal(output, reader.model.config.hidden_size, stamp, kind)
    if journal.batches:
        logger.info("going on after %d of %d batches", journal.batches, len(batches))
    rest = batches[journal.batches :]
    done = sum(map(len, batches[: journal.batches]))
    began = saved = time.monotonic()
    with progress_bar(len(corpus), "subcontigs", initial=done) as bar:
        made = embed_batches(reader, corpus, rest, variant, seed, workers)
        for reading, embeddings in made:
            rows = embeddings.astype(kind)
            names = corpus.subcontig[reading.chosen]
            remedy = "set contextualisation.stored_precision to fp32"
            check_finite(rows, reading.lengths, names, remedy)
            journal.append(rows)
            bar.update(len(reading.chosen))
            if time.monotonic() - saved > seconds_between_saves:
                journal.save()
                saved = time.monotonic()
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
    with tables.open_writer(output, tables.CONTEXTUAL, stamp, embedding=kind) as writer:
        for batch in batches:
            genes, lengths = corpus.genes_of(batch)
            rank = np.arange(len(genes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            rows = embeddings[begin : begin + len(genes)]
            begin += len(genes)
            columns = [
                pa.array(np.repeat(corpus.subcontig[batch], lengths)),
                pa.array(rank, pa.int32()),
                pa.array(proteins[genes]),
                pa.array(corpus.representative[genes]),
                tables.vector_array(rows),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema))
        tables.store_counts(writer, counts)
