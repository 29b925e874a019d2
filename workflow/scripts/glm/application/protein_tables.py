"""Genes as the published code takes them: a protein FASTA, and a table of their order and strand.

A line of the table is `contig<TAB>+protein_1;-protein_2;…`.
"""

from __future__ import annotations

import re
from pathlib import Path

from glm.corpus.fasta import clean_protein, read_fasta, read_lines
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.errors import GlmError

STRANDS = {"+": True, "-": False}
NUCLEOTIDES = set("ACGTUN")


def read_protein_table(name: str, table: Path, fasta: Path) -> Genome:
    """The contigs of a table and their proteins; a protein may occur several times.

    Raises `GlmError` naming the line for a table of another form, a contig listed twice or a
    protein that the FASTA has not; naming the record for a protein listed twice; and for
    nucleotides where proteins should be.
    """
    numbers, proteins = read_proteins(fasta)
    genes: list[Gene] = []
    contigs: set[str] = set()
    for number, line in enumerate(read_lines(table), 1):
        where = f"{table}: line {number}"
        if not line.strip():
            continue
        contig, genes_of_contig = parse_line(line, where)
        if contig in contigs:
            raise GlmError(f"{where}: contig {contig} is listed twice")
        contigs.add(contig)
        for rank, (protein, forward) in enumerate(genes_of_contig, 1):
            if protein not in numbers:
                raise GlmError(f"{where}: protein {protein} is not in {fasta}")
            genes.append(Gene(contig, numbers[protein], rank, rank, forward, None))
    if not genes:
        raise GlmError(f"{table}: empty, not a single contig")
    return Genome(name, genes, proteins, has_coordinates=False)


def is_protein_table(path: Path) -> bool:
    """Whether a file's first line has the form of such a table; true if it cannot be read."""
    try:
        first = next((line for line in read_lines(path) if line.strip()), b"")
    except (GlmError, OSError):
        return True
    return re.match(rb"[^\t]+\t *[+-][^\s;]", first) is not None


def lists_proteins_of(table: Path, fasta: Path) -> bool:
    """Whether the first record of a FASTA is a gene of a table; false if one cannot be read."""
    try:
        name = next(iter(read_fasta(fasta))).name.encode()
        genes = (item for line in read_lines(table) for item in re.split(b"[\t;]", line))
        return any(gene.strip()[1:] == name for gene in genes)
    except (GlmError, OSError, StopIteration):
        return False


def read_proteins(fasta: Path) -> tuple[dict[str, int], list[Protein]]:
    """Proteins of a FASTA, and their places by name."""
    proteins: list[Protein] = []
    numbers: dict[str, int] = {}
    for record in read_fasta(fasta):
        if record.name in numbers:
            raise GlmError(f"{fasta}: record {record.name}: this protein is listed twice")
        numbers[record.name] = len(proteins)
        proteins.append(Protein(record.name, clean_protein(record, fasta)))
    if all(set(protein.sequence) <= NUCLEOTIDES for protein in proteins):
        raise GlmError(
            f"{fasta}: record {proteins[0].accession}: these are nucleotides, not proteins; give "
            "the genome alone, and its genes are called"
        )
    return numbers, proteins


def parse_line(line: bytes, where: str) -> tuple[str, list[tuple[str, bool]]]:
    """A contig, and the name and strand of each of its genes."""
    try:
        contig, tab, listed = line.decode().partition("\t")
    except UnicodeDecodeError as error:
        raise GlmError(f"{where}: not UTF-8 text ({error.reason})") from error
    items = [item.strip() for item in listed.split(";") if item.strip()]
    if not (contig.strip() and tab and items):
        raise GlmError(f"{where}: expected contig<TAB>+protein_1;-protein_2;…")
    for item in items:
        if item[0] not in STRANDS or len(item) == 1:
            raise GlmError(f"{where}: gene {item!r}: expected + or - and the protein's name")
    return contig.strip(), [(item[1:], STRANDS[item[0]]) for item in items]
