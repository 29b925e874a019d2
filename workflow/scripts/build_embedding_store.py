"""Gather a corpus's embedding shards into one float16 matrix that training maps into memory."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command, files, provenance, tables


def parser() -> ArgumentParser:
    """The options of this rule."""
    made = command.parser(__doc__)
    made.add_argument("--embeddings", type=Path, required=True, help="folder of the shards")
    made.add_argument("--shards", type=int, default=1, help="shards in all")
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--output", type=Path, required=True, help="embedding_store.npy")
    made.add_argument("--stamp", type=Path, required=True, help="its stamp, embedding_store.json")
    return made


def main(arguments: Namespace) -> None:
    """Build the store; see `glm.embedding.store.build_store`."""
    from glm.embedding.fits import shard_paths
    from glm.embedding.store import build_store

    shards = shard_paths(arguments.embeddings, arguments.shards)
    file = tables.open_file(arguments.representatives, tables.REPRESENTATIVES)
    shape = build_store(shards, file.metadata.num_rows, arguments.output, arguments.threads)
    stamp = provenance.stamp("build_embedding_store", inputs=[*shards, arguments.representatives])
    embedding = tables.read_stamp(shards[0])["parameters"]
    with files.writing(arguments.stamp) as beside:
        record = {**stamp, "shape": shape, "embedding": embedding}
        beside.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    command.run(parser(), main)
