"""Embed one shard of a corpus's representative proteins with the protein language model.

The mean over residues of the model's last hidden layer (Methods, Sequence database), float16.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command, provenance


def parser() -> ArgumentParser:
    """The options of this rule."""
    made = command.parser(__doc__)
    made.add_argument("--representatives", type=Path, required=True, help="representatives.parquet")
    made.add_argument("--model", type=Path, required=True, help="folder of the protein model")
    made.add_argument("--shard", type=int, default=0, help="which shard, from 0")
    made.add_argument("--shards", type=int, default=1, help="shards in all")
    made.add_argument("--layer", type=int, help="hidden layer to average (default: the last)")
    made.add_argument("--maximum-residues", type=int, help="cut longer proteins after this many")
    made.add_argument("--maximum-tokens", type=int, help="the same in tokens, start token included")
    made.add_argument("--residues-per-batch", type=int, default=65536, help="token budget")
    made.add_argument("--precision", choices=("fp32", "bf16", "fp16"), default="fp32")
    made.add_argument("--gpus", type=int, default=0, help="0: the processor")
    made.add_argument("--allow-random-weights", action="store_true", help="for tests only")
    made.add_argument("--output", type=Path, required=True, help="embeddings of the shard")
    return made


def main(arguments: Namespace) -> None:
    """Embed the shard; see `glm.embedding.shards.embed_shard`."""
    from glm.embedding.alphabet import Truncation
    from glm.embedding.batching import Embedder
    from glm.embedding.protein_model import load_encoder, select_device
    from glm.embedding.shards import embed_shard, read_shard

    encoder, identity = load_encoder(
        arguments.model,
        arguments.precision,
        select_device(arguments.gpus),
        arguments.layer,
        arguments.allow_random_weights,
    )
    embedder = Embedder(
        encoder,
        Truncation(arguments.maximum_residues, arguments.maximum_tokens),
        arguments.residues_per_batch,
        arguments.threads,
    )
    stamp = provenance.stamp(
        "embed_proteins",
        inputs=[arguments.representatives],
        parameters={
            "protein_model": vars(identity),
            "layer": arguments.layer,
            "maximum_residues": arguments.maximum_residues,
            "maximum_tokens": arguments.maximum_tokens,
            "tokens_per_batch": embedder.budget,
            "precision": arguments.precision,
            "shard": arguments.shard,
            "shards": arguments.shards,
        },
    )
    proteins = read_shard(arguments.representatives, arguments.shards, arguments.shard)
    embed_shard(proteins, embedder, arguments.output, stamp)


if __name__ == "__main__":
    command.run(parser(), main)
