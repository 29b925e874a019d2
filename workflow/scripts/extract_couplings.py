"""Extract the couplings of the genes of the reference genome's subcontigs: how the likelihood of
each masked gene changes where another is masked too, with nothing fitted."""

from pathlib import Path

import torch

from glm import step, tables
from glm.inference.couplings import pairs
from glm.inference.opening import Reading
from glm.logs import progress
from glm.provenance import fingerprint


def extract_couplings(
    reading: Reading,
    threads: int,
    *,
    couplings: Path,
) -> None:
    """Mask each gene, and each pair of genes, of every subcontig."""
    workers = 0 if reading.gpus else threads
    torch.set_num_threads(1)
    reader = reading.open()
    made = step.stamp(store=fingerprint(reading.store), model=fingerprint(reading.model))
    read = progress(pairs(reader, workers), total=len(reader.genes.corpus), unit="subcontigs")
    with tables.TableWriter(couplings, tables.COUPLINGS, made) as writer:
        for of_subcontig in read:
            writer.write(of_subcontig._asdict())


if __name__ == "__main__":
    step.run(extract_couplings)
