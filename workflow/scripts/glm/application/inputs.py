"""The files of a user as genomes, one at a time: a bad one is reported, and the others go on."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glm.application.folders import (
    PROTEIN_TABLES,
    PROTEINS,
    WITH_FASTA,
    Forms,
    name_by_folder,
    pair_across_folders,
    search,
)
from glm.application.protein_tables import lists_proteins_of, read_protein_table
from glm.corpus.gene_calling import Calling
from glm.corpus.genome_tables import Genome, log_left_out, require_genes
from glm.corpus.genomes import FASTA, genome_readers, suffix_and_stem
from glm.errors import GlmError

logger = logging.getLogger(__name__)


Reader = tuple[Path, Callable[[], Genome]]
"""A file that holds a genome, and what reads it; reading may raise `GlmError`."""


@dataclass(frozen=True)
class GenomeFiles:
    """A genome's files, in the order in which they are tried until one can be read."""

    name: str
    readers: tuple[Reader, ...]


@dataclass
class Failures:
    """Inputs that could not be used, with the reasons."""

    messages: dict[str, str] = field(default_factory=dict)

    def add(self, path: Path, error: Exception) -> None:
        """Keep it for the end, and say it now."""
        self.messages[str(path)] = str(error)
        logger.error("left out: %s", error)


def find_sources(inputs: Sequence[Path], calling: Calling | None = None) -> list[GenomeFiles]:
    """The genomes of the inputs: those of the files that are listed, and those in the folders.

    A listed file is what its name says: FASTA, GenBank, GFF + FASTA or protein FASTA + table of the
    same name. Raises `GlmError` for a folder that has no genome, and where nothing was given.
    """
    inputs = list(dict.fromkeys(inputs))
    if not inputs:
        raise GlmError("no input was given")
    listed = listed_sources([path for path in inputs if not path.is_dir()], calling)
    searched = {path: search(path) for path in inputs if path.is_dir()}
    in_folders = [forms for found in searched.values() for forms in found]
    pair_across_folders(in_folders)
    name_by_folder(in_folders)
    sources: dict[tuple[str, Path], GenomeFiles] = {}
    for path in inputs:
        of_path = [folder_source(forms, calling) for forms in searched.get(path, ()) if forms.taken]
        for source in [listed[path]] if path in listed else of_path:
            sources.setdefault((source.name, source.readers[0][0].absolute()), source)
    return list(sources.values())


def listed_sources(paths: Sequence[Path], calling: Calling | None) -> dict[Path, GenomeFiles]:
    """The genomes of files that were listed, by the file that stands for each."""
    tables = tables_by_fasta(paths)
    readers: list[Reader] = []
    rest: list[Path] = []
    for path in paths:
        suffix, stem = suffix_and_stem(path)
        if suffix in PROTEIN_TABLES:
            if path not in tables.values():
                readers.append((path, functools.partial(no_fasta, path)))
        elif suffix in PROTEINS or path in tables:
            readers.append((path, functools.partial(proteins, stem, tables.get(path), path)))
        else:
            rest.append(path)
    readers += genome_readers(rest, calling)
    return {path: GenomeFiles(suffix_and_stem(path)[1], ((path, read),)) for path, read in readers}


def tables_by_fasta(paths: Sequence[Path]) -> dict[Path, Path]:
    """The table of each protein FASTA: that of its name; of any name if there is one of each."""
    tables: dict[str, Path] = {}
    fastas: list[Path] = []
    for path in paths:
        suffix, stem = suffix_and_stem(path)
        if suffix in PROTEIN_TABLES:
            tables[stem] = path
        elif suffix in PROTEINS or suffix in FASTA.suffixes:
            fastas.append(path)
    paired = {
        path: tables.pop(stem) for path in fastas if (stem := suffix_and_stem(path)[1]) in tables
    }
    left = [path for path in fastas if path not in paired]
    if len(left) == len(tables) == 1:  # the published example: test.fa, contig_to_prots.tsv
        [table] = tables.values()
        if lists_proteins_of(table, left[0]):
            paired[left[0]] = table
    return paired


def folder_source(forms: Forms, calling: Calling | None) -> GenomeFiles:
    """A genome of a folder, its annotation first."""
    fastas = forms.genomes[FASTA.name]
    needed = fastas if any(forms.genomes[name] for name in WITH_FASTA) else []
    annotated = [
        path for name, paths in forms.genomes.items() if name != FASTA.name for path in paths
    ]
    readers = [
        *genome_readers([*annotated, *needed], calling),
        *(table_reader(forms.name, table, forms.proteins or fastas) for table in forms.tables),
        *genome_readers(fastas, calling),
    ]
    return GenomeFiles(forms.name, tuple(readers))


def table_reader(name: str, table: Path, fastas: Sequence[Path]) -> Reader:
    """The reader of a table and the first of the FASTA files with its proteins."""
    if not fastas:
        return table, functools.partial(no_fasta, table)
    return fastas[0], functools.partial(read_protein_table, name, table, fastas[0])


def proteins(name: str, table: Path | None, fasta: Path) -> Genome:
    """A protein FASTA and its table; raises `GlmError` if there is none."""
    if table is None:
        raise GlmError(
            f"{fasta}: proteins alone do not tell which gene stands beside which; give their table "
            f"too, called {name}.tsv (contig<TAB>+protein_1;-protein_2;…)"
        )
    return read_protein_table(name, table, fasta)


def no_fasta(table: Path) -> Genome:
    """Raise `GlmError` for a table without its proteins."""
    name = suffix_and_stem(table)[1]
    raise GlmError(f"{table}: its proteins are missing; give their FASTA too, called {name}.faa")


def read_sources(
    sources: Sequence[GenomeFiles], failures: Failures, need_coordinates: bool = False
) -> Iterator[Genome]:
    """Genomes one at a time; files that cannot be read, or have no gene, are added to `failures`.

    So is a genome of a name that was read before, as tables tell genomes apart by their names.
    Contigs of one name in several genomes are reported once: the column `genome` tells them apart.
    """
    contigs: dict[str, str] = {}
    read: dict[str, Path] = {}
    warned = False
    for source in sources:
        path = source.readers[0][0]
        if source.name in read:
            message = (
                f"{path}: {read[source.name]} has the name {source.name!r} too; rename one of "
                "them, since tables tell genomes apart by the name of their file"
            )
            failures.add(path, GlmError(message))
            continue
        genome = first_readable(source, failures, need_coordinates)
        if genome is None:
            continue
        read[source.name] = path
        log_left_out(genome)
        for contig in dict.fromkeys(gene.contig for gene in genome.genes):
            if (other := contigs.setdefault(contig, genome.name)) != genome.name and not warned:
                warned = True
                logger.warning(
                    "contig %s is in %s and in %s: the column `genome` tells them apart",
                    *(contig, other, genome.name),
                )
        yield genome


def first_readable(
    source: GenomeFiles, failures: Failures, need_coordinates: bool
) -> Genome | None:
    """The genome of the first of a source's files that can be used; the others are failures."""
    for path, read in source.readers:
        try:
            genome = replace(read(), name=source.name)
            require_genes(genome, path)
            if need_coordinates and not genome.has_coordinates:
                raise GlmError(
                    f"{path}: operons need the distance between genes, which a protein table does "
                    "not tell; give FASTA, GenBank or GFF"
                )
            return genome
        except GlmError as error:
            failures.add(path, error)
        except (OSError, ValueError) as error:  # a number that is none, text that is none
            reason = getattr(error, "strerror", None) or str(error)
            failures.add(path, GlmError(f"{path}: cannot be read ({reason})"))
    return None
