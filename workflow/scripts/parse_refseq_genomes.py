"""Read feature tables and proteins of RefSeq's genomes as genes, contigs and proteins."""

from pathlib import Path

from glm import step
from glm.corpus.genome_tables import write_genomes
from glm.corpus.refseq import read_fetched


def parse_refseq_genomes(manifest: Path, *, genes: Path, contigs: Path, proteins: Path) -> None:
    """Read, number and write; one that cannot be read is left out and counted."""
    write_genomes(read_fetched(manifest), genes, contigs, proteins, step.stamp())


if __name__ == "__main__":
    step.run(parse_refseq_genomes)
