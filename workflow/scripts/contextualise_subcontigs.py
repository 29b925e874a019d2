"""Contextualised embeddings of one shard of a corpus: the gLM's last hidden layer at each gene
(Methods, Contextualized embedding calculation and visualization)."""

from pathlib import Path

import torch

from glm import step
from glm.inference.names import HiddenLayer, Variant
from glm.inference.opening import Reading
from glm.inference.reader import Precision
from glm.inference.shards import (
    StoredPrecision,
    choose_shard,
    contextualise_shard,
    read_proteins,
)
from glm.provenance import fingerprint
from glm.seeds import derive_seed


def contextualise_subcontigs(
    reading: Reading,
    variant: Variant,
    shard: int,
    shards: int,
    subcontigs_per_batch: int,
    precision: Precision,
    layer: HiddenLayer,
    stored_precision: StoredPrecision,
    run_seed: int,
    threads: int,
    *,
    contextual: Path,
) -> None:
    """Read the shard's subcontigs with a variant of the gLM, and write their genes' embeddings."""
    torch.set_num_threads(threads)
    seed = derive_seed(run_seed, "contextualise_subcontigs", variant)
    named, batches = choose_shard(
        reading.subcontigs, variant, seed, subcontigs_per_batch, shard, shards
    )
    reader = reading.open(precision, layer, named).variant(variant, seed)
    if reading.gpus:
        reader.model.compile_layers()
    contextualise_shard(
        reader,
        read_proteins(reading.subcontigs, named),
        batches,
        contextual,
        step.stamp(store=fingerprint(reading.store), model=fingerprint(reading.model)),
        variant,
        seed,
        workers=max(threads - 1, 0) if reading.gpus else 0,
        stored=stored_precision,
    )


if __name__ == "__main__":
    step.run(contextualise_subcontigs)
