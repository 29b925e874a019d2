"""The user's files as genomes, one at a time: a bad one is told and does not stop the others."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glm.application.protein_tables import read_protein_table
from glm.corpus.gene_calling import Calling
from glm.corpus.genome_tables import Genome
from glm.corpus.genomes import (
    FASTA,
    GENBANK,
    GFF,
    genome_readers,
    suffix_and_stem,
)
from glm.errors import GlmError

PROTEINS, PROTEIN_TABLES = {".faa"}, {".tsv", ".txt", ".tab"}

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Source:
    """A file that holds a genome, and what reads it; reading may raise `GlmError`."""

    name: str
    path: Path
    read: Callable[[], Genome]


@dataclass
class Failures:
    """Inputs that could not be used, with the reasons."""

    messages: dict[str, str] = field(default_factory=dict)

    def add(self, path: Path, error: Exception) -> None:
        """Keep it for the end, and say it now."""
        self.messages[str(path)] = str(error)
        logger.error("left out: %s", error)


def expand(inputs: Sequence[Path]) -> list[Path]:
    """Files as they are, and of folders every file of a known format, sorted.

    Raises `GlmError` for a folder that has none, and where nothing was given.
    """
    known = FASTA | GENBANK | GFF | PROTEINS | PROTEIN_TABLES
    found: list[Path] = []
    for path in inputs:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [p for p in sorted(path.iterdir()) if suffix_and_stem(p)[0] in known]
        if not inside:
            raise GlmError(f"{path}: no file of a known format in this folder")
        found += inside
    if not found:
        raise GlmError("no input was given")
    return found


def find_sources(inputs: Sequence[Path], calling: Calling | None = None) -> list[Source]:
    """The genomes of files: FASTA, GenBank, GFF + FASTA, protein FASTA + table of the same name."""
    paths = list(dict.fromkeys(expand(inputs)))
    tables = {suffix_and_stem(p)[1]: p for p in paths if suffix_and_stem(p)[0] in PROTEIN_TABLES}
    sources: list[Source] = []
    rest: list[Path] = []
    for path in paths:
        suffix, stem = suffix_and_stem(path)
        if suffix in PROTEIN_TABLES:
            continue
        if suffix in PROTEINS or (suffix in FASTA and stem in tables):
            table = tables.pop(stem, None)
            sources.append(Source(stem, path, functools.partial(proteins, stem, table, path)))
        else:
            rest.append(path)
    sources += [
        Source(stem, path, functools.partial(no_fasta, path)) for stem, path in tables.items()
    ]
    sources += [Source(suffix_and_stem(p)[1], p, read) for p, read in genome_readers(rest, calling)]
    order = {path: number for number, path in enumerate(paths)}
    return refuse_same_names(sorted(sources, key=lambda source: order[source.path]))


def proteins(name: str, table: Path | None, fasta: Path) -> Genome:
    """A protein FASTA and its table; raises `GlmError` if there is none."""
    if table is None:
        raise GlmError(
            f"{fasta}: proteins alone do not tell which gene stands beside which; give the table "
            f"{name}.tsv too (contig<TAB>+protein_1;-protein_2;…)"
        )
    return read_protein_table(name, table, fasta)


def no_fasta(table: Path) -> Genome:
    """Raise `GlmError` for a table without its proteins."""
    name = suffix_and_stem(table)[1]
    raise GlmError(f"{table}: its proteins are missing; give the FASTA {name}.faa too")


def refuse_same_names(sources: list[Source]) -> list[Source]:
    """Sources; one whose name was there before cannot be read, as nobody could tell them apart."""
    seen: dict[str, Path] = {}
    kept = []
    for source in sources:
        if source.name in seen:
            message = (
                f"{source.path}: {seen[source.name]} has the name {source.name!r} too; rename one "
                "of them, since tables tell genomes apart by the name of their file"
            )
            source = Source(source.name, source.path, functools.partial(fail, message))
        seen.setdefault(source.name, source.path)
        kept.append(source)
    return kept


def fail(message: str) -> Genome:
    """Raise `GlmError`."""
    raise GlmError(message)


def read_sources(
    sources: Sequence[Source], failures: Failures, need_coordinates: bool = False
) -> Iterator[Genome]:
    """Genomes one at a time; what cannot be read, or has no gene, is added to `failures`.

    Contigs of one name in several files are told in the log: the column `genome` tells them apart.
    """
    contigs: dict[str, str] = {}
    told = False
    for source in sources:
        try:
            genome = source.read()
            if not genome.genes:
                raise GlmError(f"{source.path}: no gene was found on its contigs")
            if need_coordinates and not genome.has_coordinates:
                raise GlmError(
                    f"{source.path}: operons need the distance between genes, which a protein "
                    "table does not tell; give FASTA, GenBank or GFF"
                )
        except GlmError as error:
            failures.add(source.path, error)
            continue
        except (OSError, ValueError) as error:  # a number that is none, text that is none
            reason = getattr(error, "strerror", None) or str(error)
            failures.add(source.path, GlmError(f"{source.path}: cannot be read ({reason})"))
            continue
        if genome.without_genes:
            logger.info(
                "%s: no gene on %d contigs (%s, …), which are left out",
                *(source.path, len(genome.without_genes), genome.without_genes[0]),
            )
        for contig in dict.fromkeys(gene.contig for gene in genome.genes):
            if (other := contigs.setdefault(contig, genome.name)) != genome.name and not told:
                told = True
                logger.warning(
                    "contig %s is in %s and in %s: the column `genome` tells them apart",
                    *(contig, other, genome.name),
                )
        yield genome
