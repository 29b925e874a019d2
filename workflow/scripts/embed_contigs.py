"""Embed contigs as the mean of their genes, without context, with it, and with the controls."""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import command, tables
from glm.contextualisation.options import add_reader_options, open_reader
from glm.provenance import derive_seed, stamp
from glm.taxonomy.features import VARIANTS, context_free, contextualised


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--subcontigs-per-batch", type=int, default=256)
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read with each variant, write."""
    torch.set_num_threads(arguments.threads)
    seed = derive_seed(arguments.seed, "embed_contigs")
    columns = {
        "context_free": context_free(arguments.subcontigs, np.load(arguments.store, mmap_mode="r"))
    }
    for variant in VARIANTS:
        reader = open_reader(arguments, variant, seed)
        columns[variant] = contextualised(
            reader, arguments.subcontigs, variant, seed, arguments.subcontigs_per_batch
        )
    lists = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
        for name, rows in columns.items()
    }
    names = tables.read(arguments.subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"]
    inputs = [arguments.subcontigs, arguments.model / "model.safetensors"]
    made = stamp(
        "embed_contigs", inputs=inputs, parameters={"precision": arguments.precision}, seed=seed
    )
    table = pa.table({"subcontig": names, **lists})
    tables.write(table, arguments.output, tables.TAXONOMY_FEATURES, made)


if __name__ == "__main__":
    command.run(parser(), main)
