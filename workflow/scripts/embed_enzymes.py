"""Embed the chosen enzymes alone and in context: the trained gLM, its controls, the neighbours."""

from functools import partial
from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.enzymes.examples import genes_of
from glm.inference.names import REPRESENTATIONS, HiddenLayer, Representation
from glm.inference.opening import Reading
from glm.inference.reader import Precision
from glm.inference.replicates import Replicates, to_table
from glm.inference.representations import in_subcontigs, represent

NAMES: tuple[Representation, ...] = (*REPRESENTATIONS.values(), "neighbours")


def embed_enzymes(
    examples: Path,
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
    """Read the enzymes' subcontigs with each variant of the gLM; seeds: replicates of controls."""
    torch.set_num_threads(threads)
    chosen = tables.read(examples, tables.ENZYME_EXAMPLES).to_pandas()
    if len(chosen):
        reader = reading.open(precision, layer, np.unique(chosen["subcontig"]))
        genes = genes_of(chosen, reader.genes.corpus, reading.subcontigs)
        read = partial(in_subcontigs, per_batch=subcontigs_per_batch, kind=np.float16)
        of_seeds = range(seed, seed + seeds)
        made: dict[str, Replicates] = {
            name: [one.astype(np.float16) for one in represent(name, reader, genes, read, of_seeds)]
            for name in NAMES
        }
    else:  # too few enzymes were there to choose any
        made = {name: [np.empty((0, 1), np.float16)] for name in NAMES}
    table = to_table(made, example=chosen["example"].to_numpy())
    tables.write(table, features, tables.ENZYME_FEATURES, step.stamp())


if __name__ == "__main__":
    step.run(embed_enzymes)
