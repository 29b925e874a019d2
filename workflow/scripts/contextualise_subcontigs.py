"""Contextualised embeddings of one shard of a corpus: the gLM's last hidden layer at each gene
(Methods, Contextualized embedding calculation and visualization)."""

import argparse
from pathlib import Path

import torch

from glm import command
from glm.contextualisation.embeddings import STORED, contextualise_shard, read_shard
from glm.contextualisation.names import EMBEDDING_MEANINGS
from glm.contextualisation.options import add_reader_options, open_reader
from glm.provenance import derive_seed, fingerprint, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument(
        "--variant",
        choices=tuple(EMBEDDING_MEANINGS),
        default="trained",
        help="; ".join(f"{name}: {meaning}" for name, meaning in EMBEDDING_MEANINGS.items()),
    )
    made.add_argument("--shard", type=int, default=0, help="which job this is (default: 0)")
    made.add_argument("--shards", type=int, default=1, help="of how many (default: 1)")
    made.add_argument("--subcontigs-per-batch", type=int, default=256)
    made.add_argument("--stored-precision", choices=tuple(STORED), default="fp16")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the shard's subcontigs, and write their genes' embeddings."""
    torch.set_num_threads(arguments.threads)
    seed = derive_seed(arguments.seed, "contextualise_subcontigs", arguments.variant)
    reader = open_reader(arguments, arguments.variant, seed)
    corpus, proteins, batches = read_shard(
        arguments.subcontigs,
        len(reader.store),
        arguments.variant,
        seed,
        arguments.subcontigs_per_batch,
        arguments.shard,
        arguments.shards,
    )
    weights = arguments.model / "model.safetensors"
    made = stamp(
        "contextualise_subcontigs",
        inputs=[arguments.subcontigs, arguments.standardisation, weights],
        parameters={
            "variant": arguments.variant,
            "precision": arguments.precision,
            "stored_precision": arguments.stored_precision,
            "subcontigs_per_batch": arguments.subcontigs_per_batch,
            "shard": arguments.shard,
            "shards": arguments.shards,
            "store": fingerprint(arguments.store),
            "model": fingerprint(weights),
        },
        seed=seed,
    )
    workers = max(arguments.threads - 1, 0) if arguments.gpus else 0
    contextualise_shard(
        reader,
        corpus,
        proteins,
        batches,
        arguments.output,
        made,
        arguments.variant,
        seed,
        workers,
        stored=arguments.stored_precision,
    )


if __name__ == "__main__":
    command.run(parser(), main)
