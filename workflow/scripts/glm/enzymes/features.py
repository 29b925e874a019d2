"""Embeddings of the chosen enzymes in their context."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from glm.data.corpus import Corpus
from glm.errors import GlmError
from glm.inference.contexts import check_finite, in_batches
from glm.inference.names import Variant
from glm.inference.reader import GeneReader


def genes_of(examples: pd.DataFrame, corpus: Corpus, subcontigs: Path) -> np.ndarray:
    """The gene of each example, (examples,) int64 into the corpus.

    examples: rows of `ENZYME_EXAMPLES`. subcontigs: where the corpus was read from. Raises
    `GlmError` if the examples were chosen from others.
    """
    where = np.searchsorted(corpus.subcontig, examples["subcontig"].to_numpy())
    gene: np.ndarray = corpus.offsets[where] + examples["rank"].to_numpy()
    if (corpus.representative[gene] != examples["representative"].to_numpy()).any():
        raise GlmError(f"{subcontigs}: not the subcontigs that the examples were chosen from")
    return gene


def contextual_features(
    reader: GeneReader, genes: np.ndarray, variant: Variant, seed: int, per_batch: int
) -> np.ndarray:
    """The gLM's last hidden layer at some genes, (n, hidden size) float16.

    All subcontigs of the reader's corpus are read, whole, nothing masked.
    """
    corpus = reader.genes.corpus
    readings = in_batches(corpus, per_batch, variant, seed)
    found = reader.embed_some(genes, readings, np.float16)
    names = corpus.subcontig[np.searchsorted(corpus.offsets, genes, "right") - 1]
    check_finite(found, np.ones(len(found), int), names, "the gLM's last layer goes beyond float16")
    return found
