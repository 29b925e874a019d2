"""Give each gene of a contig that is long enough the protein that represents its cluster."""

from pathlib import Path

from glm import step
from glm.corpus.mapping import write_mapped_genes


def map_representatives(
    genes: Path,
    contigs: Path,
    clusters: Path,
    minimum_genes: int,
    threads: int,
    memory_mb: int,
    *,
    mapped_genes: Path,
) -> None:
    """Join, sort and write; minimum_genes: of a contig."""
    write_mapped_genes(
        genes,
        contigs,
        clusters,
        mapped_genes,
        step.stamp(),
        minimum_genes=minimum_genes,
        memory_mb=memory_mb,
        threads=threads,
    )


if __name__ == "__main__":
    step.run(map_representatives)
