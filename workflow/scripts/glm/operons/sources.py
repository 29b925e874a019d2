"""Operons as their sources list them: RegulonDB's OperonSet, old and new, or a table of genes.

RegulonDB may not be redistributed, so the user brings the file (docs/operons.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from glm.corpus.fasta import read_lines
from glm.errors import GlmError
from glm.files import writing

NUMBERED = re.compile(r"^\d+\)\s*")
SEPARATORS = re.compile(r"[|;,]")
NEW_NAME, NEW_GENES = "operonName", "operonGenes"
OLD_COLUMNS, OLD_NAME, OLD_STRAND, OLD_GENES = 6, 0, 3, 5
STRANDS = {"forward", "reverse", "+", "-", "?", ""}
TIMEOUT = 120.0  # seconds


@dataclass(frozen=True)
class Operon:
    """An operon: its name, and the names of its genes as the source gives them."""

    name: str
    genes: tuple[str, ...]


def fetch(address: str, folder: Path) -> Path:
    """A path for a path or address: what has a scheme is downloaded into `folder` once.

    Raises `GlmError` if the path does not exist or the address does not answer.
    """
    if "://" not in address:
        path = Path(address)
        if not path.is_file():
            raise GlmError(f"{path}: no such operon file (operons.source in the configuration)")
        return path
    of_address = hashlib.sha256(address.encode()).hexdigest()[:8]
    path = folder / f"{of_address}_{address.rsplit('/', 1)[-1]}"
    if not path.is_file():
        try:
            answer = httpx.get(address, follow_redirects=True, timeout=TIMEOUT).raise_for_status()
        except httpx.HTTPError as error:
            raise GlmError(
                f"{address}: {error}. RegulonDB's site wants a browser: download OperonSet there "
                "and give its path as operons.source"
            ) from error
        with writing(path) as beside:
            beside.write_bytes(answer.content)
    return path


def read_operons(path: Path) -> tuple[list[Operon], str]:
    """Operons of a file, and what kind of file it is.

    Three formats, told apart by their first line that is no comment: RegulonDB from version 12
    (a header with operonName and operonGenes), RegulonDB up to version 11 (no header; name, left,
    right, strand, number, genes), and a table with the columns `gene` and `operon`.
    Raises `GlmError` naming file and line for anything else, and for a file without operons.
    """
    lines = [
        (number, line.decode("utf-8", "replace").rstrip("\n"))
        for number, line in enumerate(read_lines(path), 1)
        if line.strip() and not line.startswith(b"#")
    ]
    if not lines:
        raise GlmError(f"{path}: no operon in it")
    header = [NUMBERED.sub("", field.strip()) for field in lines[0][1].split("\t")]
    if NEW_GENES in header:
        operons, kind = list(read_new(path, header, lines[1:])), "RegulonDB (version 12 or later)"
    elif {"gene", "operon"} <= set(fields := split_table(lines[0][1])):
        operons, kind = read_table(path, fields, lines[1:]), "table of genes and operons"
    else:
        operons, kind = list(read_old(path, lines)), "RegulonDB (version 11 or earlier)"
    if not operons:
        raise GlmError(f"{path}: {kind}, but no operon in it")
    return operons, kind


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
                "operonGenes) nor a table with the columns gene and operon; found: "
                f"{line[:60]!r}"
            )
        yield make_operon(path, number, fields[OLD_NAME], fields[OLD_GENES])


def make_operon(path: Path, number: int, name: str, genes: str) -> Operon:
    """An operon of its fields; raises `GlmError` if it has no name or no gene."""
    names = split_genes(genes)
    if not name.strip() or not names:
        raise GlmError(f"{path}: line {number}: an operon without a name or without genes")
    return Operon(name.strip(), names)


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
