"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import step, tables
from glm.embedding.protein_model import select_device
from glm.inference.names import Variant
from glm.inference.reader import Precision, load_reader
from glm.inference.replicates import Draws, each_draw, to_columns
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

    model: its weights. seeds: draws of each control.
    """
    torch.set_num_threads(threads)
    rows = np.load(store, mmap_mode="r")
    alone: dict[str, Draws] = {"context_free": [context_free(subcontigs, rows)]}
    device = select_device(gpus, "contextualisation")

    def read(variant: Variant, seed: int) -> np.ndarray:
        reader = load_reader(
            model.parent, store, standardisation, label_components, device, precision, variant, seed
        )
        return contextualised(reader, subcontigs, variant, seed, subcontigs_per_batch)

    draws = each_draw(read, range(seed, seed + seeds))
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"]
    table = pa.table({"subcontig": names, **to_columns(alone | draws)})
    tables.write(table, features, tables.TAXONOMY_FEATURES, step.stamp())


if __name__ == "__main__":
    step.run(embed_contigs)
