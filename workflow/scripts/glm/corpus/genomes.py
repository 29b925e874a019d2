"""The user's own genomes: FASTA (genes are called), GenBank, or GFF with its FASTA."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from glm.corpus.fasta import OPENERS, Record, clean_protein, read_fasta
from glm.corpus.genbank import read_genbank
from glm.corpus.gene_calling import Calling, call_genes
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.corpus.gff import read_gff
from glm.errors import GlmError

FASTA, GENBANK, GFF = (
    {".fna", ".fa", ".fasta", ".fas"},
    {".gb", ".gbk", ".gbff", ".genbank"},
    {".gff", ".gff3"},
)
NUCLEOTIDES = b"ACGTUNRYSWKMBDHV"


def suffix_and_stem(path: Path) -> tuple[str, str]:
    """The suffix that tells the format, and the name without it and without `.gz` and its like."""
    bare = path.with_suffix("") if path.suffix in OPENERS else path
    return bare.suffix.lower(), bare.stem


def read_genomes(paths: Sequence[Path], calling: Calling | None = None) -> Iterator[Genome]:
    """Genomes of files: a GFF is paired with the FASTA of its name, or carries its own.

    Raises `GlmError` naming the file whose format is not known or whose partner is missing.
    """
    for _, read in genome_readers(paths, calling):
        yield read()


def genome_readers(
    paths: Sequence[Path], calling: Calling | None = None
) -> Iterator[tuple[Path, Callable[[], Genome]]]:
    """The file of each genome and what reads it; only reading a bad file raises `GlmError`."""
    fastas = {suffix_and_stem(p)[1]: p for p in paths if suffix_and_stem(p)[0] in FASTA}
    annotated = {suffix_and_stem(p)[1] for p in paths if suffix_and_stem(p)[0] in GFF}
    for path in paths:
        suffix, stem = suffix_and_stem(path)
        if suffix in FASTA:
            if stem not in annotated:
                yield path, functools.partial(call_genome, stem, path, calling)
        elif suffix in GENBANK:
            yield path, functools.partial(read_genbank, stem, path, calling)
        elif suffix in GFF:
            yield path, functools.partial(read_gff, stem, path, fastas.get(stem), calling)
        else:
            yield path, functools.partial(refuse_format, path)


def refuse_format(path: Path) -> Genome:
    """Raise `GlmError` for a file whose format nobody knows."""
    known = " ".join(sorted(FASTA | GENBANK | GFF))
    suffix = suffix_and_stem(path)[0]
    raise GlmError(f"{path}: what format is {suffix!r}? Known are {known} (also .gz)")


def read_contigs(records: Iterable[Record], path: Path) -> dict[str, str]:
    """Nucleotides by contig name, in upper case.

    Raises `GlmError` for a contig listed twice and for anything that is no nucleotide.
    """
    contigs: dict[str, str] = {}
    for record in records:
        sequence = record.sequence.upper()
        if illegal := sequence.translate(None, NUCLEOTIDES):
            raise GlmError(
                f"{path}: record {record.name}: {chr(illegal[0])!r} is no nucleotide; a genome is "
                "wanted here, not proteins"
            )
        if record.name in contigs:
            raise GlmError(f"{path}: record {record.name}: this contig is listed twice")
        contigs[record.name] = sequence.decode("ascii")
    return contigs


def call_genome(name: str, path: Path, calling: Calling | None = None) -> Genome:
    """Genes of a FASTA, called with pyrodigal."""
    contigs = read_contigs(read_fasta(path), path)
    genes: list[Gene] = []
    proteins: list[Protein] = []
    for contig, called in zip(contigs, call_genes(list(contigs.values()), calling), strict=True):
        for number, gene in enumerate(called, 1):
            record = Record(f"{contig}_{number}", "", gene.protein.encode())
            if not gene.protein.strip("X"):
                continue
            proteins.append(Protein(record.name, clean_protein(record, path)))
            genes.append(
                Gene(contig, len(proteins) - 1, gene.start, gene.end, gene.forward, gene.partial)
            )
    with_genes = {gene.contig for gene in genes}
    return Genome(name, genes, proteins, [name for name in contigs if name not in with_genes])
