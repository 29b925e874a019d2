"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

from functools import partial
from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.inference.names import REPRESENTATIONS, HiddenLayer
from glm.inference.opening import Reading
from glm.inference.reader import Precision
from glm.inference.replicates import Replicates, to_table
from glm.inference.representations import in_subcontigs, represent


def embed_contigs(
    reading: Reading,
    subcontigs_per_batch: int,
    precision: Precision,
    layer: HiddenLayer,
    seeds: int,
    threads: int,
    seed: int,
    *,
    features: Path,
) -> None:
    """Read the contigs with each variant of the gLM; seeds: replicates of each control."""
    torch.set_num_threads(threads)
    reader = reading.open(precision, layer)
    corpus = reader.genes.corpus
    genes, lengths = np.arange(len(reader.genes.present)), np.diff(corpus.offsets)
    read = partial(in_subcontigs, per_batch=subcontigs_per_batch)
    of_seeds = range(seed, seed + seeds)
    made: dict[str, Replicates] = {
        name: [mean_by_contig(of_genes, lengths)
               for of_genes in represent(name, reader, genes, read, of_seeds)]
        for name in REPRESENTATIONS.values()
    }  # fmt: skip
    table = to_table(made, subcontig=corpus.subcontig)
    tables.write(table, features, tables.TAXONOMY_FEATURES, step.stamp())


def mean_by_contig(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Means of consecutive rows: (genes, D), (contigs,) genes of each, to (contigs, D) float32."""
    starts = np.cumsum(lengths) - lengths
    sums = np.add.reduceat(rows, starts, axis=0, dtype=np.float64)
    return (sums / lengths[:, None]).astype(np.float32)


if __name__ == "__main__":
    step.run(embed_contigs)
