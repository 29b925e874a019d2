"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import command, tables
from glm.contextualisation.draws import Draws, each_draw, to_columns
from glm.contextualisation.names import Variant
from glm.contextualisation.options import add_reader_options, open_reader
from glm.provenance import derive_seed, stamp
from glm.taxonomy.features import context_free, contextualised


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--subcontigs-per-batch", type=int, default=256)
    made.add_argument("--seeds", type=int, default=3, help="draws of the controls (default: 3)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read with each variant, write."""
    torch.set_num_threads(arguments.threads)
    seed = derive_seed(arguments.seed, "embed_contigs")
    store = np.load(arguments.store, mmap_mode="r")
    alone: dict[str, Draws] = {"context_free": [context_free(arguments.subcontigs, store)]}

    def read(variant: Variant, seed: int) -> np.ndarray:
        reader = open_reader(arguments, variant, seed)
        return contextualised(
            reader, arguments.subcontigs, variant, seed, arguments.subcontigs_per_batch
        )

    draws = each_draw(read, range(seed, seed + arguments.seeds))
    names = tables.read(arguments.subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"]
    inputs = [arguments.subcontigs, arguments.model / "model.safetensors"]
    about = {"precision": arguments.precision, "seeds": arguments.seeds}
    made = stamp("embed_contigs", inputs=inputs, parameters=about, seed=seed)
    table = pa.table({"subcontig": names, **to_columns(alone | draws)})
    tables.write(table, arguments.output, tables.TAXONOMY_FEATURES, made)


if __name__ == "__main__":
    command.run(parser(), main)
