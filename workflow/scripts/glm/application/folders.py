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

from glm.application.protein_tables import is_protein_table
from glm.corpus.genomes import FASTA, GENBANK, GFF, suffix_and_stem
from glm.errors import GlmError

PROTEINS, PROTEIN_TABLES = {".faa"}, {".tsv", ".txt", ".tab"}
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
    """Files of one name in one folder: a genome in its formats."""

    name: str
    folder: Path
    genbank: list[Path] = field(default_factory=list)
    gff: list[Path] = field(default_factory=list)
    fasta: list[Path] = field(default_factory=list)
    proteins: list[Path] = field(default_factory=list)
    tables: list[Path] = field(default_factory=list)

    @property
    def taken(self) -> str:
        """The format that is preferred of those that there are; empty if it is no genome."""
        if self.genbank or self.gff:
            return "GenBank" if self.genbank else "GFF"
        if self.tables:
            return "protein table"
        return "FASTA" if self.fasta else ""


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
        if NO_GENOME.fullmatch(name) or (suffix in FASTA and name.endswith(".genes")):  # the JGI's
            continue
        for suffixes, group in (
            (GENBANK, forms.genbank),
            (GFF, forms.gff),
            (FASTA, forms.fasta),
            (PROTEINS, forms.proteins),
        ):
            if suffix in suffixes:
                group.append(path)
        if suffix in PROTEIN_TABLES and is_protein_table(path):
            forms.tables.append(path)
    pair_across_folders(list(found.values()))
    genomes = [forms for forms in found.values() if forms.taken]
    if not genomes:
        raise GlmError(
            f"{folder}: no genome among the {files:,} files in this folder and below it; the "
            "formats are FASTA, GenBank and GFF"
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
    """Give a GFF without a FASTA beside it the only one of its name that is elsewhere."""
    alone: dict[str, list[Forms]] = {}
    for forms in genomes:
        if forms.taken == "FASTA":
            alone.setdefault(forms.name, []).append(forms)
    for forms in genomes:
        if forms.taken == "GFF" and not forms.fasta and len(alone.get(forms.name, ())) == 1:
            [partner] = alone.pop(forms.name)
            forms.fasta, partner.fasta = partner.fasta, []
