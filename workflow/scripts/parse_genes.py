"""Rebuild contigs from MGnify's sequence metadata: genes in order, and the contigs they lie on."""

from pathlib import Path

from glm import step
from glm.corpus import gene_metadata, release


def parse_genes(
    manifest: Path, threads: int, memory_mb: int, *, genes: Path, contigs: Path
) -> None:
    """Read the locations of all genes, sort them by contig and start, and write."""
    shards = list(release.required_paths(manifest, "sequence_metadata"))
    assemblies = next(iter(release.manifest_paths(manifest, "assemblies")), None)
    gene_metadata.write_genes(
        shards,
        gene_metadata.read_assemblies(assemblies),
        genes,
        contigs,
        step.stamp(),
        memory_mb=memory_mb,
        threads=threads,
    )


if __name__ == "__main__":
    step.run(parse_genes)
