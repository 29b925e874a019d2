"""RefSeq genomes: feature table and protein FASTA as genes, contigs and proteins."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glm.corpus.fasta import clean_protein, read_fasta, read_lines
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.corpus.release import required_paths
from glm.errors import GlmError

STRANDS = {"+": True, "-": False}
NEEDED = (
    "# feature",
    "class",
    "genomic_accession",
    "start",
    "end",
    "strand",
    "product_accession",
    "name",
    "symbol",
    "locus_tag",
    "attributes",
)


def read_feature_table(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and columns (by RefSeq's header) of each protein-coding CDS.

    Raises `GlmError` naming the file and the column or line that is missing or short.
    """
    lines = read_lines(path)
    header = next(lines, b"").decode().split("\t")
    for column in NEEDED:
        if column not in header:
            raise GlmError(f"{path}: no column {column!r}; not a RefSeq feature table")
    for number, line in enumerate(lines, 2):
        fields = line.decode().split("\t")
        if fields[:2] == ["CDS", "with_protein"]:
            fields += [""] * (len(header) - len(fields))  # empty last columns may be left out
            yield number, dict(zip(header, fields, strict=False))


def read_proteins(path: Path) -> dict[str, str]:
    """Sequences by accession; raises `GlmError` for an accession that stands there twice."""
    proteins: dict[str, str] = {}
    for record in read_fasta(path):
        if record.name in proteins:
            raise GlmError(f"{path}: record {record.name}: accession stands there twice")
        proteins[record.name] = clean_protein(record, path)
    return proteins


def read_genome(feature_table: Path, protein_fasta: Path) -> tuple[list[Gene], list[Protein]]:
    """Genes (contigs in the order of the table) and proteins of a RefSeq genome.

    A protein that several genes share (WP_ accessions repeat in a genome) is listed once, with the
    names of the first. Raises `GlmError` for a bad strand or place, for a gene whose protein the
    FASTA has not, and if there is no gene.
    """
    sequences = read_proteins(protein_fasta)
    numbers: dict[str, int] = {}
    genes: list[Gene] = []
    proteins: list[Protein] = []
    for line, row in read_feature_table(feature_table):
        accession = row["product_accession"]
        where = f"{feature_table}: line {line}: {row['locus_tag'] or accession}"
        start, end = place(row, where)
        if row["strand"] not in STRANDS:
            raise GlmError(f"{where}: strand {row['strand']!r}, allowed are + and -")
        if accession not in sequences:
            raise GlmError(f"{where}: protein {accession} is not in {protein_fasta}")
        if accession not in numbers:
            numbers[accession] = len(numbers)
            proteins.append(
                Protein(
                    accession=accession,
                    symbol=row["symbol"] or None,
                    locus_tag=row["locus_tag"] or None,
                    product=row["name"] or None,
                    sequence=sequences[accession],
                )
            )
        genes.append(
            Gene(
                contig=row["genomic_accession"],
                protein=numbers[accession],
                start=start,
                end=end,
                forward=STRANDS[row["strand"]],
                partial=partial_code(row["attributes"]),
            )
        )
    if not genes:
        raise GlmError(f"{feature_table}: no CDS with a protein")
    return genes, proteins


def place(row: dict[str, Any], where: str) -> tuple[int, int]:
    """Start and end, 1-based and inclusive; raises `GlmError` if they are not."""
    if not (re.fullmatch(r"\d+", row["start"]) and re.fullmatch(r"\d+", row["end"])):
        raise GlmError(f"{where}: no coordinates ({row['start']!r}, {row['end']!r})")
    start, end = int(row["start"]), int(row["end"])
    if not 1 <= start <= end:
        raise GlmError(f"{where}: start {start} and end {end} are not 1 <= start <= end")
    return start, end


def partial_code(attributes: str) -> str | None:
    """RefSeq says that a CDS is partial, not at which end: no code then, else `00`."""
    return None if "partial" in attributes.split(";") else "00"


def read_fetched(manifest: Path) -> Iterator[Genome]:
    """Genomes of the manifest of `download_genomes`, one at a time, called by their accessions.

    One that cannot be read is reported and left out. Raises `GlmError` if that leaves none.
    """
    tables = required_paths(manifest, "feature_table")
    fastas = required_paths(manifest, "proteins")
    unreadable = 0
    for table, fasta in zip(tables, fastas, strict=True):
        try:
            genes, proteins = read_genome(table, fasta)
        except GlmError as error:
            logging.warning("left out: %s", error)
            unreadable += 1
            if unreadable == len(tables):
                raise GlmError(f"none of the genomes can be read: {error}") from error
            continue
        yield Genome(table.parent.name, genes, proteins)
    logging.info("genomes: %d, unreadable: %d", len(tables) - unreadable, unreadable)
