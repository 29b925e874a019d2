"""Contigs as vectors: the mean of their genes, without context and with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glm.data.corpus import read_corpus
from glm.inference.names import Variant
from glm.inference.reader import GeneReader
from glm.inference.shards import embed_batches, reading_order


def mean_by_contig(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Means of consecutive rows: (genes, D), (contigs,) genes of each, to (contigs, D) float32."""
    starts = np.cumsum(lengths) - lengths
    sums = np.add.reduceat(rows.astype(np.float64), starts, axis=0)
    return (sums / lengths[:, None]).astype(np.float32)


def context_free(subcontigs: Path, store: np.ndarray) -> np.ndarray:
    """Mean protein embedding of each subcontig, (subcontigs, D) float32, in the table's order.

    Genes without a representative are the vector of ones, as the gLM reads them.
    """
    corpus = read_corpus(subcontigs, len(store))
    lengths = np.diff(corpus.offsets)
    found = np.empty((len(lengths), store.shape[1]), np.float32)
    for first in range(0, len(lengths), 1000):
        part = slice(first, first + 1000)
        begin, end = corpus.offsets[first], corpus.offsets[min(first + 1000, len(lengths))]
        genes = corpus.representative[begin:end]
        rows = store[np.maximum(genes, 0)].astype(np.float32)
        rows[genes < 0] = 1
        found[part] = mean_by_contig(rows, lengths[part])
    return found


def contextualised(
    reader: GeneReader, subcontigs: Path, variant: Variant, seed: int, per_batch: int
) -> np.ndarray:
    """Mean of the gLM's last hidden layer over each subcontig's genes, (subcontigs, H) float32."""
    corpus = read_corpus(subcontigs, len(reader.store))
    order = reading_order(len(corpus), variant, seed)
    batches = [order[start : start + per_batch] for start in range(0, len(order), per_batch)]
    found = np.empty((len(corpus), reader.model.config.hidden_size), np.float32)
    for reading, embeddings in embed_batches(reader, corpus, batches, variant, seed):
        found[reading.chosen] = mean_by_contig(embeddings, reading.lengths)
    return found
