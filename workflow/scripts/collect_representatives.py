"""Collect the sequences to embed: the representatives that subcontigs need, sorted by length."""

from pathlib import Path

from glm import step
from glm.corpus.representatives import write_representatives


def collect_representatives(
    sequences: Path,
    mapped_genes: Path,
    minimum_genes: int,
    maximum_genes: int,
    threads: int,
    memory_mb: int,
    *,
    representatives: Path,
) -> None:
    """Pick, sort and write.

    sequences: a release's manifest, or a table of proteins. minimum_genes, maximum_genes: of a
    subcontig.
    """
    write_representatives(
        sequences,
        mapped_genes,
        representatives,
        step.stamp(),
        minimum_genes=minimum_genes,
        maximum_genes=maximum_genes,
        memory_mb=memory_mb,
        threads=threads,
    )


if __name__ == "__main__":
    step.run(collect_representatives)
