"""Embed the chosen enzymes alone and in context: the trained gLM, its controls, the neighbours."""

from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.data.store import EmbeddingStore
from glm.enzymes.examples import genes_of
from glm.inference.contexts import in_batches
from glm.inference.names import HiddenLayer, Variant
from glm.inference.neighbours import mean_of_neighbours, windows_around
from glm.inference.reader import GeneReader, Precision, open_reader
from glm.inference.replicates import VARIANTS, of_each_variant, to_table


def embed_enzymes(
    examples: Path,
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
    """Read the enzymes' subcontigs with each variant of the gLM.

    model: its weights. seeds: replicates of each control.
    """
    torch.set_num_threads(threads)
    chosen = tables.read(examples, tables.ENZYME_EXAMPLES).to_pandas()
    if len(chosen):
        reader = open_reader(
            model, subcontigs, store, standardisation, label_components, gpus, precision, layer,
            np.unique(chosen["subcontig"]),
        )  # fmt: skip
        genes = genes_of(chosen, reader.genes.corpus, subcontigs)
        alone = reader.genes.gather(genes).cpu().numpy()
        around = windows_around(reader.genes.corpus, genes)
        beside = mean_of_neighbours(reader.genes, around).astype(np.float16)

        def read(reader: GeneReader, variant: Variant, seed: int) -> np.ndarray:
            readings = in_batches(reader.genes.corpus, subcontigs_per_batch, variant, seed)
            return reader.embed_some(genes, readings, np.float16)

        in_context = of_each_variant(reader, read, range(seed, seed + seeds))
    else:  # too few enzymes were there to choose any
        alone = beside = np.empty((0, EmbeddingStore(store).size), np.float16)
        in_context = {variant: [np.empty((0, 1), np.float16)] for variant in VARIANTS}
    made = {"context_free": [alone], **in_context, "neighbours": [beside]}
    table = to_table(made, example=chosen["example"].to_numpy())
    tables.write(table, features, tables.ENZYME_FEATURES, step.stamp())


if __name__ == "__main__":
    step.run(embed_enzymes)
