"""Extract the attention of every layer and head between the genes of unmasked subcontigs
(Methods, Attention analysis), symmetrised."""

from pathlib import Path

import numpy as np
import torch

from glm import step, tables
from glm.errors import GlmError
from glm.inference.attention import pairs
from glm.inference.names import AttentionVariant
from glm.inference.opening import Reading
from glm.logs import progress
from glm.provenance import fingerprint
from glm.seeds import derive_seed

SUBCONTIGS_PER_BATCH = 16


def extract_attention(
    reading: Reading,
    assembly: str | None,
    variant: AttentionVariant,
    shard: int,
    shards: int,
    run_seed: int,
    threads: int,
    *,
    attention: Path,
) -> None:
    """Run a variant of the gLM over the shard's subcontigs, and write their pairs of genes.

    assembly: the only one of the corpus that is read, if one is given.
    """
    torch.set_num_threads(threads)
    seed = derive_seed(run_seed, "extract_attention", variant)
    trained = reading.open()
    reader, config = trained.variant(variant, seed), trained.model.config
    chosen = np.arange(len(reader.genes.corpus))
    if assembly:
        assemblies = tables.read(reading.subcontigs, tables.SUBCONTIGS, ["assembly"])
        chosen = np.flatnonzero(assemblies["assembly"].to_numpy() == assembly)
        if not len(chosen):
            raise GlmError(f"{reading.subcontigs}: no subcontig of {assembly!r}")
    chosen = np.array_split(chosen, shards)[shard]
    layers, heads = config.layers, config.heads
    made = step.stamp(
        layers=layers, heads=heads,
        store=fingerprint(reading.store), model=fingerprint(reading.model),
    )  # fmt: skip
    kind = tables.vector_field(layers * heads, np.float32)
    read = pairs(reader, chosen, variant, seed, SUBCONTIGS_PER_BATCH)
    batches = -(-len(chosen) // SUBCONTIGS_PER_BATCH)
    with tables.TableWriter(attention, tables.ATTENTION, made, attention=kind) as writer:
        for batch in progress(read, total=batches, unit="batches"):
            values = tables.vector_array(batch.attention)
            writer.write({**batch._asdict(), "attention": values})


if __name__ == "__main__":
    step.run(extract_attention)
