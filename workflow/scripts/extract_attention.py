"""Extract the attention of every layer and head between the genes of unmasked subcontigs
(Methods, Attention analysis), symmetrised."""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from glm import command, tables
from glm.contextualisation.attention import Reader, shard_of
from glm.contextualisation.names import MEANINGS, VARIANTS
from glm.contextualisation.reading import untrained
from glm.errors import GlmError
from glm.logs import progress
from glm.model.loading import load_trained
from glm.provenance import derive_seed, fingerprint, stamp
from glm.training.corpus import (
    EmbeddingStore,
    read_corpus,
    read_feature_builder,
)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--model", type=Path, required=True, help="folder of the trained gLM")
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--assembly", help="only this one of the corpus")
    made.add_argument("--store", type=Path, required=True, help="embedding store of the corpus")
    made.add_argument("--standardisation", type=Path, required=True)
    made.add_argument("--label-components", type=Path, required=True)
    made.add_argument(
        "--variant",
        choices=VARIANTS,
        default="trained",
        help="; ".join(f"{name}: {meaning}" for name, meaning in MEANINGS.items()),
    )
    made.add_argument("--shard", type=int, default=0, help="which job this is (default: 0)")
    made.add_argument("--shards", type=int, default=1, help="of how many (default: 1)")
    made.add_argument("--subcontigs-per-batch", type=int, default=16)
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Run the model over the shard's subcontigs, and write their pairs."""
    torch.set_num_threads(arguments.threads)
    seed = derive_seed(arguments.seed, "extract_attention", arguments.variant)
    model = load_trained(arguments.model)
    if arguments.variant == "untrained":
        model = untrained(model, seed)
    store = EmbeddingStore(arguments.store)
    corpus = read_corpus(arguments.subcontigs, len(store))
    builder = read_feature_builder(arguments.standardisation, arguments.label_components)
    reader = Reader(model, builder, store, corpus)
    chosen = np.arange(len(corpus))
    if arguments.assembly:
        assemblies = tables.read(arguments.subcontigs, tables.SUBCONTIGS, ["assembly"])
        chosen = np.flatnonzero(assemblies["assembly"].to_numpy() == arguments.assembly)
        if not len(chosen):
            raise GlmError(f"{arguments.subcontigs}: no subcontig of {arguments.assembly!r}")
    chosen = shard_of(chosen, arguments.shard, arguments.shards)
    layers, heads = model.config.layers, model.config.heads
    weights = arguments.model / "model.safetensors"
    made = stamp(
        "extract_attention",
        inputs=[arguments.subcontigs, arguments.standardisation, weights],
        parameters={
            "variant": arguments.variant,
            "assembly": arguments.assembly,
            "layers": layers,
            "heads": heads,
            "store": fingerprint(arguments.store),
            "model": fingerprint(weights),
        },
        seed=seed,
    )
    width = pa.list_(pa.float32(), layers * heads)
    read = reader.pairs(chosen, arguments.variant, seed, arguments.subcontigs_per_batch)
    batches = -(-len(chosen) // arguments.subcontigs_per_batch)
    with tables.open_writer(arguments.output, tables.ATTENTION, made, attention=width) as writer:
        for batch in progress(read, total=batches, unit="batches"):
            values = pa.FixedSizeListArray.from_arrays(batch.attention.ravel(), layers * heads)
            columns = [batch.subcontig, batch.first, batch.second, values]
            writer.write_table(
                pa.table([pa.array(column) for column in columns], schema=writer.schema)
            )


if __name__ == "__main__":
    command.run(parser(), main)
