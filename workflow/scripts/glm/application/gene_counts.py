"""How many genes genomes hold, counted by lines and bases without reading a gene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from glm.application.genome_list import ListedGenome
from glm.corpus.fasta import read_lines
from glm.corpus.genomes import FASTA, FORMAT_BY_SUFFIX, suffix_and_stem
from glm.estimates import Corpus

BASES_A_GENE = 1000  # of a bacterium or an archaeon


def count_genes(genomes: Sequence[ListedGenome], windows: Mapping[str, int]) -> Corpus:
    """Genes and subcontigs of genomes, to a tenth or so.

    A FASTA's genes are its bases by `BASES_A_GENE`, an annotated genome's its CDS. windows: the
    keys minimum_genes and maximum_genes.
    """
    genes = subcontigs = bases = 0
    for genome in genomes:
        is_fasta = FORMAT_BY_SUFFIX[suffix_and_stem(genome.path)[0]] is FASTA
        for size in fasta_sizes(genome.path) if is_fasta else coding_sizes(genome.path):
            bases += size if is_fasta else 0
            count = size // BASES_A_GENE if is_fasta else size
            whole, rest = divmod(count, windows["maximum_genes"])
            genes += count
            subcontigs += whole + (rest >= windows["minimum_genes"])
    return Corpus(genes, subcontigs, bases)


def fasta_sizes(path: Path) -> Iterator[int]:
    """Bases of each contig of a FASTA."""
    bases = 0
    for line in read_lines(path):
        if line.startswith(b">"):
            yield bases
            bases = 0
        else:
            bases += len(line)
    yield bases


def coding_sizes(path: Path) -> Iterator[int]:
    """CDS of each contig of a GenBank, EMBL or GFF file."""
    genes, contig = 0, b""
    for line in read_lines(path):
        columns = line.split(b"\t", 3)
        is_row = len(columns) == 4 and not line.startswith(b"#")  # of a GFF
        begins = columns[0] if is_row else line if line.startswith((b"LOCUS ", b"ID ")) else contig
        if begins != contig:
            yield genes
            genes, contig = 0, begins
        genes += columns[2] == b"CDS" if is_row else line[:9] in (b"     CDS ", b"FT   CDS ")
    yield genes
