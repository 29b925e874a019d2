"""Embeddings of the chosen enzymes, alone and in their context."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from glm.data.corpus import read_corpus
from glm.errors import GlmError
from glm.inference.names import Variant
from glm.inference.reader import GeneReader, check_finite
from glm.inference.shards import embed_batches, reading_order


def contextual_features(
    reader: GeneReader,
    subcontigs: Path,
    examples: pd.DataFrame,
    variant: Variant,
    seed: int,
    per_batch: int,
    workers: int = 0,
) -> np.ndarray:
    """The gLM's last hidden layer at each example's gene, (examples, hidden size) float16.

    examples: rows of `ENZYME_EXAMPLES`. Only their subcontigs are read, whole, nothing masked.
    """
    kept = np.unique(examples["subcontig"].to_numpy())
    corpus = read_corpus(subcontigs, len(reader.store), kept=kept)
    where = np.searchsorted(corpus.subcontig, examples["subcontig"].to_numpy())
    gene = corpus.offsets[where] + examples["rank"].to_numpy()
    if (corpus.representative[gene] != examples["representative"].to_numpy()).any():
        raise GlmError(f"{subcontigs}: not the subcontigs that the examples were chosen from")
    example_of = np.full(len(corpus.representative), -1)
    example_of[gene] = np.arange(len(examples))
    order = reading_order(len(corpus), variant, seed)
    batches = [order[start : start + per_batch] for start in range(0, len(order), per_batch)]
    found = np.empty((len(examples), reader.model.config.hidden_size), np.float16)
    for reading, embeddings in embed_batches(reader, corpus, batches, variant, seed, workers):
        example = example_of[reading.genes]
        found[example[example >= 0]] = embeddings[example >= 0]
    names = examples["subcontig"].to_numpy()
    check_finite(found, np.ones(len(found), int), names, "the gLM's last layer goes beyond float16")
    return found
