"""Read one's own genomes: FASTA (genes called with pyrodigal), GenBank, or GFF with its FASTA."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from glm import step
from glm.corpus import genome_tables
from glm.corpus.genome_tables import Genome
from glm.corpus.genomes import genome_readers, read_readable


def call_genes(
    genomes: list[Path],
    listed: list[dict[str, Any]],
    *,
    genes: Path,
    contigs: Path,
    proteins: Path,
) -> None:
    """Read or call the genes of each genome, number and write them.

    genomes: all files. listed: name, biome (or None) and files of each genome.
    """
    read = read_readable(map(reader_of, listed))
    made = step.stamp(unreadable=read.unreadable)
    biomes = {each["name"]: each["biome"] for each in listed}
    genome_tables.write_genomes(read.genomes, genes, contigs, proteins, made, biomes)


def reader_of(listed: dict[str, Any]) -> tuple[Path, Callable[[], Genome]]:
    """The file of a listed genome, and what reads it under its name."""
    [(path, read)] = genome_readers([Path(file) for file in listed["files"]])
    return path, lambda: replace(read(), name=listed["name"])


if __name__ == "__main__":
    step.run(call_genes)
