"""Fetch the genomes of an entry from NCBI by accession, and read or call their genes."""

from pathlib import Path

from glm import step
from glm.corpus import genome_tables, genomes
from glm.semantics import datasets


def download_focal_genomes(
    accessions: Path, address: str, folder: str, *, genes: Path, contigs: Path, proteins: Path
) -> None:
    """Fetch, read (genes of genomes without annotation are called), write.

    accessions: a table with the column assembly. address: of the NCBI Datasets service.
    """
    fetched = datasets.fetch(datasets.read_accessions(accessions), Path(folder), address)
    read = genomes.read_readable(genomes.genome_readers(fetched.paths))
    made = step.stamp(missing=fetched.missing, unreadable=read.unreadable)
    genome_tables.write_genomes(read.genomes, genes, contigs, proteins, made)


if __name__ == "__main__":
    step.run(download_focal_genomes)
