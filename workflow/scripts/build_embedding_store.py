"""Gather a corpus's embedding shards into one float16 matrix that training maps into memory."""

import json
from pathlib import Path

from glm import files, step, tables
from glm.embedding.store import build_store


def build_embedding_store(
    embeddings: list[Path], representatives: Path, threads: int, *, store: Path, stamp: Path
) -> None:
    """Build the store, and write its stamp beside it."""
    proteins = tables.open_file(representatives, tables.REPRESENTATIVES).metadata.num_rows
    shape = build_store(embeddings, proteins, store, threads)
    embedding = tables.read_stamp(embeddings[0])["parameters"]
    with files.writing(stamp) as beside:
        record = {**step.stamp(), "shape": shape, "embedding": embedding}
        beside.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    step.run(build_embedding_store)
