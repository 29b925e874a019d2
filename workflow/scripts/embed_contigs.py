"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.data.genes import Genes
from glm.inference.contexts import in_batches
from glm.inference.names import HiddenLayer, Variant
from glm.inference.reader import GeneReader, Precision, open_reader
from glm.inference.replicates import of_each_variant, to_table

CONTIGS_PER_CHUNK = 1000


def embed_contigs(
    subcontigs: Path,
    model: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    subcontigs_per_batch: int,
    precision: Precision,
    layer: HiddenLayer,
    seeds: int,
    gpus: int,
    threads: int,
    seed: int,
    *,
    features: Path,
) -> None:
    """Read the contigs with each variant of the gLM.

    model: its weights. seeds: replicates of each control.
    """
    torch.set_num_threads(threads)
    reader = open_reader(
        model, subcontigs, store, standardisation, label_components, gpus, precision, layer
    )

    def read(reader: GeneReader, variant: Variant, seed: int) -> np.ndarray:
        return contextualised(reader, variant, seed, subcontigs_per_batch)

    in_context = of_each_variant(reader, read, range(seed, seed + seeds))
    made = {"context_free": [context_free(reader.genes)], **in_context}
    table = to_table(made, subcontig=reader.genes.corpus.subcontig)
    tables.write(table, features, tables.TAXONOMY_FEATURES, step.stamp())


def mean_by_contig(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Means of consecutive rows: (genes, D), (contigs,) genes of each, to (contigs, D) float32."""
    starts = np.cumsum(lengths) - lengths
    sums = np.add.reduceat(rows.astype(np.float64), starts, axis=0)
    return (sums / lengths[:, None]).astype(np.float32)


def context_free(genes: Genes) -> np.ndarray:
    """Mean protein embedding of each subcontig, (subcontigs, D) float32, in the table's order.

    Genes without a representative are the vector of ones, as the gLM reads them.
    """
    means = []
    for first in range(0, len(genes.corpus), CONTIGS_PER_CHUNK):
        chosen = np.arange(first, min(first + CONTIGS_PER_CHUNK, len(genes.corpus)))
        of_chosen, lengths = genes.corpus.genes_of(chosen)
        rows = genes.gather(of_chosen).float().cpu().numpy()
        rows[~genes.present[of_chosen]] = 1
        means.append(mean_by_contig(rows, lengths))
    return np.concatenate(means)


def contextualised(reader: GeneReader, variant: Variant, seed: int, per_batch: int) -> np.ndarray:
    """Mean of the gLM's last hidden layer over each subcontig's genes, (subcontigs, H) float32."""
    corpus = reader.genes.corpus
    found = np.empty((len(corpus), reader.model.config.hidden_size), np.float32)
    for windows, embeddings in reader.embed(in_batches(corpus, per_batch, variant, seed)):
        found[windows.chosen] = mean_by_contig(embeddings, windows.lengths)
    return found


if __name__ == "__main__":
    step.run(embed_contigs)
