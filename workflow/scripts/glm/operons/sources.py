"""Operons as their sources list them: RegulonDB's OperonSet, old and new, the published gLM's file
of E. coli K-12, or a table of genes.

RegulonDB may not be redistributed, so the user brings the file (docs/operons.md).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from glm.corpus.fasta import read_lines
from glm.errors import GlmError

NUMBERED = re.compile(r"^#?\s*\d+\)\s*")
SEPARATORS = re.compile(r"[|;,]")
NEW_NAME, NEW_GENES = "operonName", "operonGenes"
OLD_COLUMNS, OLD_NAME, OLD_STRAND, OLD_GENES = 6, 0, 3, 5
STRANDS = {"forward", "reverse", "+", "-", "?", ""}
IN_ORDER_COLUMNS, NO_OPERON = 5, "None"


@dataclass(frozen=True)
class Operon:
    """An operon: its name, and the names of its genes as the source gives them.

    rows: where its genes stand in `OperonList.in_order`, for a source that has that.
    """

    name: str
    genes: tuple[str, ...]
    rows: tuple[int, ...] = ()


class OperonList(NamedTuple):
    """Operons of a file, what kind of file it is, and the symbols of all genes in genome order.

    in_order: empty for a source that does not list all genes.
    """

    operons: list[Operon]
    kind: str
    in_order: tuple[str, ...] = ()


def read_operons(path: Path) -> OperonList:
    """Read an operon list; its header, or its first line, gives the format.

    Four formats: RegulonDB from version 12 (a header with operonName and operonGenes, below words
    of the licence that need not begin with #), RegulonDB up to version 11 (no header; name, left,
    right, strand, number, genes), the published gLM's file (no header; running number of the
    protein in genome order, symbol, product, operon or None, a stricter operon or None), and a
    table with the columns `gene` and `operon`. Raises `GlmError` naming file and line for anything
    else, and for a file without operons.
    """
    if not path.is_file():
        raise GlmError(f"{path}: no such operon file (operons.source in the configuration)")
    lines = [
        (number, line.decode("utf-8", "replace").rstrip("\r\n"))
        for number, line in enumerate(read_lines(path), 1)
        if line.strip() and (not line.startswith(b"#") or b"operonGenes\t" in line)
    ]
    if not lines:
        raise GlmError(f"{path}: no operon in it")
    if lines[0][1].lstrip().startswith("<"):
        raise GlmError(
            f"{path}: is a web page, not a list of operons. RegulonDB's site wants a browser: "
            "download OperonSet there and give its path as operons.source"
        )
    headers = [[NUMBERED.sub("", field.strip()) for field in line.split("\t")] for _, line in lines]
    at = next((row for row, header in enumerate(headers) if NEW_GENES in header), None)
    if at is not None:
        operons = list(read_new(path, headers[at], lines[at + 1 :]))
        found = OperonList(operons, "RegulonDB (version 12 or later)")
    elif {"gene", "operon"} <= set(fields := split_table(lines[0][1])):
        found = OperonList(read_table(path, fields, lines[1:]), "table of genes and operons")
    elif len(fields) == IN_ORDER_COLUMNS and fields[0].isdigit():
        found = read_in_order(path, lines)
    else:
        found = OperonList(list(read_old(path, lines)), "RegulonDB (version 11 or earlier)")
    operons = [operon for operon in found.operons if operon.genes]
    if not operons:
        raise GlmError(f"{path}: {found.kind}, but no operon in it")
    if left_out := len(found.operons) - len(operons):
        logging.warning("%s: left out: %d operons that list no gene", path, left_out)
    return found._replace(operons=operons)


def split_genes(text: str) -> tuple[str, ...]:
    """Gene names of one field; releases separate them by comma, semicolon or bar."""
    names = (name.strip().strip("<>") for name in SEPARATORS.split(text))
    return tuple(dict.fromkeys(name for name in names if name))


def read_new(path: Path, header: list[str], lines: list[tuple[int, str]]) -> Iterator[Operon]:
    """Rows of an OperonSet from version 12 on, by the names of its header."""
    if NEW_NAME not in header:
        raise GlmError(f"{path}: no column {NEW_NAME!r}; its columns are {', '.join(header)}")
    name_at, genes_at = header.index(NEW_NAME), header.index(NEW_GENES)
    for number, line in lines:
        fields = line.split("\t")
        if len(fields) <= max(name_at, genes_at):
            raise GlmError(f"{path}: line {number}: {len(fields)} columns, {len(header)} expected")
        yield make_operon(path, number, fields[name_at], fields[genes_at])


def read_old(path: Path, lines: list[tuple[int, str]]) -> Iterator[Operon]:
    """Rows of an OperonSet up to version 11, which has no header."""
    for number, line in lines:
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < OLD_COLUMNS or fields[OLD_STRAND] not in STRANDS:
            raise GlmError(
                f"{path}: line {number}: neither RegulonDB's OperonSet (version 11: name, left, "
                "right, strand, number of genes, genes; version 12: a header with operonName and "
                "operonGenes), nor the published gLM's file (running number, symbol, product, "
                "operon, stricter operon), nor a table with the columns gene and operon; found: "
                f"{line[:60]!r}"
            )
        yield make_operon(path, number, fields[OLD_NAME], fields[OLD_GENES])


def read_in_order(path: Path, lines: list[tuple[int, str]]) -> OperonList:
    """The published gLM's file: all proteins of a genome in its order, numbered from 1.

    The operon of the fourth column counts, as in the published code.
    """
    symbols: list[str] = []
    rows: dict[str, list[int]] = {}
    for number, line in lines:
        fields = line.split("\t")
        if len(fields) != IN_ORDER_COLUMNS or fields[0].strip() != str(len(symbols) + 1):
            raise GlmError(
                f"{path}: line {number}: not running number {len(symbols) + 1}, symbol, product, "
                f"operon and stricter operon: {line[:60]!r}"
            )
        if (operon := fields[3].strip()) not in (NO_OPERON, ""):
            rows.setdefault(operon, []).append(len(symbols))
        symbols.append(fields[1].strip())
    operons = [
        Operon(name, tuple(symbols[row] for row in of), tuple(of)) for name, of in rows.items()
    ]
    return OperonList(operons, "the published gLM's operons", tuple(symbols))


def make_operon(path: Path, number: int, name: str, genes: str) -> Operon:
    """An operon of its fields, which may list no gene; raises `GlmError` if it has no name."""
    if not name.strip():
        raise GlmError(f"{path}: line {number}: an operon without a name")
    return Operon(name.strip(), split_genes(genes))


def split_table(line: str) -> list[str]:
    """Fields of a line, separated by tabs or else by commas."""
    return [field.strip() for field in line.split("\t" if "\t" in line else ",")]


def read_table(path: Path, header: list[str], lines: list[tuple[int, str]]) -> list[Operon]:
    """A table with one gene a row, which any organism can be given in."""
    gene_at, operon_at = header.index("gene"), header.index("operon")
    genes: dict[str, list[str]] = {}
    for number, line in lines:
        fields = split_table(line)
        if len(fields) <= max(gene_at, operon_at) or not fields[gene_at]:
            raise GlmError(f"{path}: line {number}: a row without gene or operon: {line[:60]!r}")
        if fields[operon_at]:  # a gene of no operon may be listed
            genes.setdefault(fields[operon_at], []).append(fields[gene_at])
    return [Operon(name, tuple(dict.fromkeys(members))) for name, members in genes.items()]
