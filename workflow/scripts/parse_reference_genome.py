"""Read a RefSeq genome's feature table and proteins as genes, contigs and proteins."""

from pathlib import Path

from glm import step
from glm.corpus import refseq, release
from glm.corpus.genome_tables import Genome, write_genomes


def parse_reference_genome(
    manifest: Path, name: str, *, genes: Path, contigs: Path, proteins: Path
) -> None:
    """Read, number and write; name: the genome's in tables and figures."""
    [table] = release.required_paths(manifest, "feature_table")
    [fasta] = release.required_paths(manifest, "proteins")
    genome = Genome(name, *refseq.read_genome(table, fasta))
    write_genomes([genome], genes, contigs, proteins, step.stamp())


if __name__ == "__main__":
    step.run(parse_reference_genome)
