"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.embedding.protein_model import select_device
from glm.inference.names import Variant
from glm.inference.reader import GeneReader, Precision, open_reader
from glm.inference.replicates import of_each_variant, to_table
from glm.taxonomy.features import context_free, contextualised


def embed_contigs(
    subcontigs: Path,
    model: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    subcontigs_per_batch: int,
    precision: Precision,
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
        model.parent, subcontigs, store, standardisation, label_components,
        select_device(gpus, "contextualisation"), precision,
    )  # fmt: skip

    def read(reader: GeneReader, variant: Variant, seed: int) -> np.ndarray:
        return contextualised(reader, variant, seed, subcontigs_per_batch)

    in_context = of_each_variant(reader, read, range(seed, seed + seeds))
    made = {"context_free": [context_free(reader.genes)], **in_context}
    table = to_table(made, subcontig=reader.genes.corpus.subcontig)
    tables.write(table, features, tables.TAXONOMY_FEATURES, step.stamp())


if __name__ == "__main__":
    step.run(embed_contigs)
