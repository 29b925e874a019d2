"""Embed one shard of a corpus's representative proteins with the protein language model.

The mean over residues of the model's last hidden layer (Methods, Sequence database), float16.
"""

from pathlib import Path

from glm import step
from glm.device import select_device
from glm.embedding.alphabet import Truncation
from glm.embedding.batching import Embedder
from glm.embedding.protein_model import load_encoder
from glm.embedding.shards import embed_shard, read_shard


def embed_proteins(
    representatives: Path,
    model: str,
    shard: int,
    shards: int,
    layer: int | None,
    maximum_residues: int | None,
    maximum_tokens: int | None,
    residues_per_batch: int,
    precision: str,
    gpus: int,
    allow_random_weights: bool,
    threads: int,
    *,
    embeddings: Path,
) -> None:
    """Embed the shard.

    model: the protein model's folder; its identity is stamped, since hashing the weights for each
    shard would take longer than embedding it. layer: the hidden layer to average, null is the last.
    maximum_residues, maximum_tokens: longer proteins are cut there; a token more is the start.
    """
    device = select_device(gpus)
    encoder, identity = load_encoder(Path(model), precision, device, layer, allow_random_weights)
    truncation = Truncation(maximum_residues, maximum_tokens)
    embedder = Embedder(encoder, truncation, residues_per_batch, threads)
    made = step.stamp(protein_model=vars(identity), tokens_per_batch=embedder.budget)
    embed_shard(read_shard(representatives, shards, shard), embedder, embeddings, made)


if __name__ == "__main__":
    step.run(embed_proteins)
