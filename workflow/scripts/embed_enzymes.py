"""Embed the chosen enzymes alone and in their context, with the trained gLM and its controls."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import step, tables
from glm.embedding.protein_model import select_device
from glm.enzymes.features import contextual_features
from glm.inference.names import Variant
from glm.inference.reader import Precision, load_reader
from glm.inference.replicates import VARIANTS, Draws, each_draw, to_columns


def embed_enzymes(
    examples: Path,
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
    """Read the enzymes' subcontigs with each variant of the gLM.

    model: its weights. seeds: draws of each control.
    """
    torch.set_num_threads(threads)
    chosen = tables.read(examples, tables.ENZYME_EXAMPLES).to_pandas()
    rows = np.load(store, mmap_mode="r")
    alone: dict[str, Draws] = {"context_free": [rows[chosen["representative"].to_numpy(int)]]}
    device = select_device(gpus, "contextualisation")

    def read(variant: Variant, seed: int) -> np.ndarray:
        reader = load_reader(
            model.parent, store, standardisation, label_components, device, precision, variant, seed
        )
        return contextual_features(reader, subcontigs, chosen, variant, seed, subcontigs_per_batch)

    if len(chosen):
        draws = each_draw(read, range(seed, seed + seeds))
    else:  # too few enzymes were there to choose any
        draws = {variant: [np.empty((0, 1), np.float16)] for variant in VARIANTS}
    table = pa.table({"example": chosen["example"].to_numpy(), **to_columns(alone | draws)})
    tables.write(table, features, tables.ENZYME_FEATURES, step.stamp())


if __name__ == "__main__":
    step.run(embed_enzymes)
