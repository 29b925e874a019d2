"""Read one's own genomes: FASTA (genes called with pyrodigal), GenBank, or GFF with its FASTA."""

from pathlib import Path

from glm import step
from glm.corpus import genome_tables
from glm.corpus.genomes import read_readable


def call_genes(genomes: list[Path], *, genes: Path, contigs: Path, proteins: Path) -> None:
    """Read or call the genes of each genome, number and write them."""
    read = read_readable(genomes)
    made = step.stamp(unreadable=read.unreadable)
    genome_tables.write_genomes(read.genomes, genes, contigs, proteins, made)


if __name__ == "__main__":
    step.run(call_genes)
