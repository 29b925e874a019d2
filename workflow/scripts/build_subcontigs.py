"""Cut contigs into subcontigs: windows of at most 30 genes (Methods, Sequence database)."""

from pathlib import Path

from glm import step
from glm.corpus.subcontigs import write_subcontigs


def build_subcontigs(
    mapped_genes: Path,
    contigs: Path,
    representatives: Path,
    minimum_genes: int,
    maximum_genes: int,
    *,
    subcontigs: Path,
) -> None:
    """Cut, number and write; minimum_genes, maximum_genes: of a subcontig."""
    write_subcontigs(
        mapped_genes,
        contigs,
        representatives,
        subcontigs,
        step.stamp(),
        minimum_genes=minimum_genes,
        maximum_genes=maximum_genes,
    )


if __name__ == "__main__":
    step.run(build_subcontigs)
