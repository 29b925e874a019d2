"""The genomes in a folder as NCBI, Prokka, Bakta or a person leaves it: each of them once.

NCBI's FTP site, Datasets and PGAP, Prokka and Bakta write one genome in several formats under one
name, beside its genes, its proteins and their tables.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glm.application.protein_tables import is_protein_table, lists_proteins_of
from glm.corpus.genomes import FASTA, FORMAT_BY_SUFFIX, FORMATS, suffix_and_stem
from glm.errors import GlmError

PROTEINS, PROTEIN_TABLES = {".faa"}, {".tsv", ".txt", ".tab"}
WITH_FASTA = {each.name for each in FORMATS if each.with_fasta}
NO_GENOME = re.compile(
    r"(.*_)?((cds|rna)_from_genomic|with_genomic_fasta)|cds|rna"
    r"|GC[AF]_.*_(rna|pseudo_without_product|wgsmaster)"
)
"""Names of NCBI's files that hold genes, the head of an assembly alone, or what another holds."""
NAME_OF_ANY = re.compile(r"PROKKA_\d{8}|annot")
"""What Prokka and PGAP call every genome of a day, or every genome, if nobody tells them a name."""
PARTS_OF_GENOMES = "_assembly_structure"
"""End of the name of NCBI's folder with a genome's chromosomes once more, one by one."""

logger = logging.getLogger(__name__)


@dataclass
class Forms:
    """Files of one name in one folder: a genome in its formats, by the name of each."""

    name: str
    folder: Path
    genomes: dict[str, list[Path]] = field(
        default_factory=lambda: {each.name: [] for each in FORMATS}
    )
    proteins: list[Path] = field(default_factory=list)
    tables: list[Path] = field(default_factory=list)

    @property
    def taken(self) -> str:
        """The format that is preferred of those that there are; empty if it is no genome."""
        there = [name for name, paths in self.genomes.items() if paths]
        if self.tables and there in ([], [FASTA.name]):
            return "protein table"
        return there[0] if there else ""


def search(folder: Path) -> list[Forms]:
    """The genomes of a folder and of those in it, sorted by folder and name.

    Files of other formats, genes and proteins alone are passed over; the log tells how many. Raises
    `GlmError` if there is no genome.
    """
    found: dict[tuple[Path, str], Forms] = {}
    files = 0
    for path in walk(folder):
        files += 1
        suffix, name = suffix_and_stem(path)
        forms = found.setdefault((path.parent, name), Forms(name, path.parent))
        known = FORMAT_BY_SUFFIX.get(suffix)
        if NO_GENOME.fullmatch(name) or (known is FASTA and name.endswith(".genes")):  # the JGI's
            continue
        if known:
            forms.genomes[known.name].append(path)
        elif suffix in PROTEINS:
            forms.proteins.append(path)
        elif suffix in PROTEIN_TABLES and is_protein_table(path):
            forms.tables.append(path)
    pair_across_folders(list(found.values()))
    pair_in_folders(list(found.values()))
    genomes = [forms for forms in found.values() if forms.taken]
    if not genomes:
        raise GlmError(
            f"{folder}: no genome among the {files:,} files in this folder and below it; the "
            f"formats are {', '.join(each.name for each in FORMATS)}"
        )
    kinds = [forms.taken for forms in genomes]
    counts = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in dict.fromkeys(kinds))
    logger.info(
        "%s: %s genome%s (%s) among %s files; the rest is the same in other formats, or no genome",
        *(folder, f"{len(genomes):,}", "s" * (len(genomes) != 1), counts, f"{files:,}"),
    )
    return genomes


def walk(folder: Path) -> Iterator[Path]:
    """Files of a folder and of those in it, sorted; hidden ones are not looked at."""
    seen: set[str] = set()
    for here, folders, files in os.walk(folder, onerror=warn, followlinks=True):
        real = os.path.realpath(here)  # a link may lead back
        folders[:] = sorted(
            name for name in folders if name[0] != "." and not name.endswith(PARTS_OF_GENOMES)
        )
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(here, name) for name in sorted(files) if name[0] != ".")


def warn(error: OSError) -> None:
    """Say which folder cannot be looked into."""
    logger.warning("left out: %s: cannot be looked into (%s)", error.filename, error.strerror)


def name_by_folder(genomes: Sequence[Forms]) -> None:
    """Call genomes by their folders where they have one name that says nothing of them."""
    times = Counter(forms.name for forms in genomes if forms.taken)
    for forms in genomes:
        if times[forms.name] > 1 and NAME_OF_ANY.fullmatch(forms.name):
            forms.name = forms.folder.absolute().name


def pair_across_folders(genomes: Sequence[Forms]) -> None:
    """Give an annotation without its FASTA the only one of its name that is in another folder."""
    alone: dict[str, list[Forms]] = {}
    for forms in genomes:
        if forms.taken == FASTA.name:
            alone.setdefault(forms.name, []).append(forms)
    for forms in genomes:
        without = forms.taken in WITH_FASTA and not forms.genomes[FASTA.name]
        if without and len(alone.get(forms.name, ())) == 1:
            [partner] = alone.pop(forms.name)
            forms.genomes[FASTA.name], partner.genomes[FASTA.name] = partner.genomes[FASTA.name], []


def pair_in_folders(genomes: Sequence[Forms]) -> None:
    """Give a protein table the FASTA of another name, where a folder has one of each and no more.

    As the published example has it: test.fa with contig_to_prots.tsv.
    """
    folders: dict[Path, list[Forms]] = {}
    for forms in genomes:
        folders.setdefault(forms.folder, []).append(forms)
    for here in folders.values():
        tables = [forms for forms in here if forms.tables and not has_fasta(forms)]
        fastas = [forms for forms in here if has_fasta(forms) and not forms.tables]
        if len(tables) == len(fastas) == 1 and fastas[0].taken in ("", FASTA.name):
            [table], [fasta] = tables, fastas
            if lists_proteins_of(table.tables[0], [*fasta.proteins, *fasta.genomes[FASTA.name]][0]):
                fasta.tables, table.tables = table.tables, []


def has_fasta(forms: Forms) -> bool:
    """Whether there is a FASTA, of a genome or of its proteins."""
    return bool(forms.proteins or forms.genomes[FASTA.name])
