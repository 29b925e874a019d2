"""Contextualised embeddings of one shard of a corpus: the gLM's last hidden layer at each gene
(Methods, Contextualized embedding calculation and visualization)."""

from pathlib import Path

import torch

from glm import step
from glm.inference.names import HiddenLayer, Variant
from glm.inference.reader import Precision, open_reader
from glm.inference.shards import (
    StoredPrecision,
    choose_shard,
    contextualise_shard,
    read_proteins,
)
from glm.provenance import fingerprint
from glm.seeds import derive_seed


def contextualise_subcontigs(
    model: Path,
    subcontigs: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    variant: Variant,
    shard: int,
    shards: int,
    subcontigs_per_batch: int,
    precision: Precision,
    layer: HiddenLayer,
    stored_precision: StoredPrecision,
    gpus: int,
    run_seed: int,
    threads: int,
    *,
    contextual: Path,
) -> None:
    """Read the shard's subcontigs with a variant of the gLM, and write their genes' embeddings.

    model: the gLM's weights.
    """
    torch.set_num_threads(threads)
    seed = derive_seed(run_seed, "contextualise_subcontigs", variant)
    named, batches = choose_shard(subcontigs, variant, seed, subcontigs_per_batch, shard, shards)
    reader = open_reader(
        model, subcontigs, store, standardisation, label_components, gpus, precision, layer, named
    )
    reader = reader.variant(variant, seed)
    if gpus:
        reader.model.compile_layers()
    contextualise_shard(
        reader,
        read_proteins(subcontigs, named),
        batches,
        contextual,
        step.stamp(store=fingerprint(store), model=fingerprint(model)),
        variant,
        seed,
        workers=max(threads - 1, 0) if gpus else 0,
        stored=stored_precision,
    )


if __name__ == "__main__":
    step.run(contextualise_subcontigs)
