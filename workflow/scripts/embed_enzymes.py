"""Embed the chosen enzymes alone and in their context, with the trained gLM and its controls."""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import command, tables
from glm.contextualisation.options import add_reader_options, open_reader
from glm.enzymes.features import VARIANTS, contextual_features
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--examples", type=Path, required=True)
    made.add_argument("--subcontigs-per-batch", type=int, default=256)
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read with each variant, write."""
    torch.set_num_threads(arguments.threads)
    examples = tables.read(arguments.examples, tables.ENZYME_EXAMPLES).to_pandas()
    seed = derive_seed(arguments.seed, "embed_enzymes")
    store = np.load(arguments.store, mmap_mode="r")
    columns = {"context_free": store[examples["representative"].to_numpy(np.int64)]}
    none = np.empty((0, 1), np.float16)  # where too few enzymes were there to choose any
    for variant in VARIANTS if len(examples) else ():
        reader = open_reader(arguments, variant, seed)
        columns[variant] = contextual_features(
            reader, arguments.subcontigs, examples, variant, seed, arguments.subcontigs_per_batch
        )
    columns = {name: columns.get(name, none) for name in ("context_free", *VARIANTS)}
    lists = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
        for name, rows in columns.items()
    }
    inputs = [arguments.examples, arguments.subcontigs, arguments.model / "model.safetensors"]
    made = stamp(
        "embed_enzymes", inputs=inputs, parameters={"precision": arguments.precision}, seed=seed
    )
    table = pa.table({"example": examples["example"].to_numpy(), **lists})
    tables.write(table, arguments.output, tables.ENZYME_FEATURES, made)


if __name__ == "__main__":
    command.run(parser(), main)
