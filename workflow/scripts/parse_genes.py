"""Rebuild contigs from MGnify's sequence metadata: genes in order, and the contigs they lie on."""

from pathlib import Path

from glm import step
from glm.corpus import gene_metadata, release


def parse_genes(
    manifest: Path, threads: int, memory_mb: int, *, genes: Path, contigs: Path
) -> None:
    """Read the places of all genes, sort them by contig and start, and write."""
    shards = list(release.required_paths(manifest, "sequence_metadata"))
    assemblies = next(iter(release.manifest_paths(manifest, "assemblies")), None)
    work = genes.with_name(f".{genes.stem}.runs")
    gene_metadata.write_genes(
        gene_metadata.sorted_places(shards, work, memory_mb, threads),
        gene_metadata.read_assemblies(assemblies),
        genes,
        contigs,
        step.stamp(),
    )


if __name__ == "__main__":
    step.run(parse_genes)
