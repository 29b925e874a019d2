"""The user's own genomes in any of `FORMATS`: which there are, what reads each, which is first."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from glm.corpus.embl import read_embl
from glm.corpus.fasta import OPENERS, Record, clean_protein, read_contigs, read_fasta, read_lines
from glm.corpus.genbank import read_genbank
from glm.corpus.gene_calling import Calling, call_genes
from glm.corpus.genome_tables import Gene, Genome, Protein, require_genes
from glm.corpus.gff import read_gff
from glm.errors import GlmError

GENES_ALONE = {".ffn": "genes' nucleotides", ".faa": "proteins"}
ACCESSION = re.compile(r"GC[AF]_\d+\.\d+")

logger = logging.getLogger("glm")


def suffix_and_stem(path: Path) -> tuple[str, str]:
    """The suffix that tells the format, and the name without it and without `.gz` and its like.

    NCBI Datasets calls every genome's files `genomic`, in a folder of the genome's accession, its
    FASTA apart (`ACCESSION_ASSEMBLY_genomic`): their name is the folder's.
    """
    bare = path.with_suffix("") if path.suffix.lower() in OPENERS else path
    folder = path.absolute().parent.name
    of_datasets = ACCESSION.fullmatch(folder) and bare.stem.startswith(f"{folder}_")
    if bare.stem == "genomic" or (of_datasets and bare.stem.endswith("_genomic")):
        return bare.suffix.lower(), folder or bare.stem
    return bare.suffix.lower(), bare.stem


def read_genomes(
    paths: Path | str | Sequence[Path | str], calling: Calling | None = None
) -> Iterator[Genome]:
    """Genomes of a file, or of several: a GFF is paired with the FASTA of its name, or has its own.

    Raises `GlmError` naming the file whose format is not known or whose partner is missing.
    """
    listed = [paths] if isinstance(paths, str | Path) else paths
    for _, read in genome_readers([Path(path) for path in listed], calling):
        yield read()


class Readable(NamedTuple):
    """Genomes with genes, and why each other one cannot be read, by its file."""

    genomes: list[Genome]
    unreadable: dict[str, str]


def read_readable(readers: Iterable[tuple[Path, Callable[[], Genome]]]) -> Readable:
    """Genomes; one that cannot be read, or has no gene, is reported and left out.

    readers: as `genome_readers` gives them. Raises `GlmError` if that leaves none.
    """
    found = Readable([], {})
    for path, read in readers:
        try:
            genome = read()
            require_genes(genome, path)
            found.genomes.append(genome)
        except GlmError as error:
            logger.warning("left out: %s", error)
            found.unreadable[path.name] = str(error)
    if found.unreadable:
        every = len(found.genomes) + len(found.unreadable)
        logger.warning("%s of %s genomes left out", f"{len(found.unreadable):,}", f"{every:,}")
    if found.unreadable and not found.genomes:
        raise GlmError(f"none of the genomes can be read: {next(iter(found.unreadable.values()))}")
    return found


def call_genome(name: str, path: Path, calling: Calling | None = None) -> Genome:
    """Genes of a FASTA, called with pyrodigal; one that is mostly N is left out."""
    contigs = read_contigs(read_fasta(path), path)
    genes: list[Gene] = []
    proteins: list[Protein] = []
    unreadable: list[str] = []
    for contig, called in zip(contigs, call_genes(list(contigs.values()), calling), strict=True):
        for number, gene in enumerate(called, 1):
            record = Record(f"{contig}_{number}", "", gene.protein.encode())
            unknown, length = gene.protein.count("X"), len(gene.protein)
            if 2 * unknown > length:
                unreadable.append(f"{record.name}: {unknown} of its {length} residues are unknown")
                continue
            proteins.append(Protein(record.name, clean_protein(record, path)))
            genes.append(
                Gene(contig, len(proteins) - 1, gene.start, gene.end, gene.forward, gene.partial)
            )
    with_genes = {gene.contig for gene in genes}
    without_genes = [contig for contig in contigs if contig not in with_genes]
    return Genome(name, genes, proteins, without_genes, unreadable=unreadable)


@dataclass(frozen=True)
class Format:
    """A format of genomes: the suffixes by which it is known, and what reads a file of it.

    read: takes the genome's name, the file and the `Calling`. with_fasta: whether its sequences may
    be in the FASTA of the same name, which `read` then takes as `fasta` (None where there is none).
    """

    name: str
    suffixes: frozenset[str]
    read: Callable[..., Genome]
    with_fasta: bool = False


FASTA = Format("FASTA", frozenset({".fna", ".fa", ".fasta", ".fas", ".fsa"}), call_genome)
FORMATS = (
    Format("GenBank", frozenset({".gb", ".gbk", ".gbf", ".gbff", ".genbank"}), read_genbank),
    Format("EMBL", frozenset({".embl"}), read_embl),
    Format("GFF", frozenset({".gff", ".gff3"}), read_gff, with_fasta=True),
    FASTA,
)
"""In the order in which a genome's files are preferred: annotated first."""
FORMAT_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}


def genome_readers(
    paths: Sequence[Path], calling: Calling | None = None
) -> Iterator[tuple[Path, Callable[[], Genome]]]:
    """The file of each genome and what reads it; only reading a bad file raises `GlmError`."""
    found = [(path, *suffix_and_stem(path)) for path in paths]
    known = [(path, FORMAT_BY_SUFFIX.get(suffix), stem) for path, suffix, stem in found]
    fastas = {stem: path for path, of, stem in reversed(known) if of is FASTA}
    taken = {stem for _, of, stem in known if of and of.with_fasta}
    for path, of, stem in known:
        if of is None:
            yield path, functools.partial(refuse_format, path)
        elif of is not FASTA or stem not in taken:
            fasta = {"fasta": fastas.get(stem)} if of.with_fasta else {}
            yield path, functools.partial(of.read, stem, path, calling=calling, **fasta)


def refuse_format(path: Path) -> Genome:
    """Raise `GlmError` for a file whose format nobody knows."""
    suffix = suffix_and_stem(path)[0]
    if suffix in GENES_ALONE:
        raise GlmError(f"{path}: {GENES_ALONE[suffix]}, not a genome; give its contigs")
    if path.is_dir():
        raise GlmError(f"{path}: a folder; list the genomes in it, one by one")
    next(read_lines(path), b"")  # says what is missing, an archive or no text
    known, compressed = (" ".join(sorted(names)) for names in (FORMAT_BY_SUFFIX, OPENERS))
    raise GlmError(f"{path}: what format is {suffix!r}? Known are {known} (also {compressed})")
