"""Embed the chosen enzymes alone and in their context, with the trained gLM and its controls."""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import command, tables
from glm.contextualisation.draws import VARIANTS, Draws, each_draw, to_columns
from glm.contextualisation.names import Variant
from glm.contextualisation.options import add_reader_options, open_reader
from glm.enzymes.features import contextual_features
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--examples", type=Path, required=True)
    made.add_argument("--subcontigs-per-batch", type=int, default=256)
    made.add_argument("--seeds", type=int, default=3, help="draws of the controls (default: 3)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read with each variant, write."""
    torch.set_num_threads(arguments.threads)
    examples = tables.read(arguments.examples, tables.ENZYME_EXAMPLES).to_pandas()
    seed = derive_seed(arguments.seed, "embed_enzymes")
    store = np.load(arguments.store, mmap_mode="r")
    alone: dict[str, Draws] = {"context_free": [store[examples["representative"].to_numpy(int)]]}

    def read(variant: Variant, seed: int) -> np.ndarray:
        reader = open_reader(arguments, variant, seed)
        return contextual_features(
            reader, arguments.subcontigs, examples, variant, seed, arguments.subcontigs_per_batch
        )

    if len(examples):
        draws = each_draw(read, range(seed, seed + arguments.seeds))
    else:  # too few enzymes were there to choose any
        draws = {variant: [np.empty((0, 1), np.float16)] for variant in VARIANTS}
    inputs = [arguments.examples, arguments.subcontigs, arguments.model / "model.safetensors"]
    about = {"precision": arguments.precision, "seeds": arguments.seeds}
    made = stamp("embed_enzymes", inputs=inputs, parameters=about, seed=seed)
    table = pa.table({"example": examples["example"].to_numpy(), **to_columns(alone | draws)})
    tables.write(table, arguments.output, tables.ENZYME_FEATURES, made)


if __name__ == "__main__":
    command.run(parser(), main)
