"""Enzymes with EC numbers, in whichever of the usual shapes they come.

- a table with a header that has the columns `EC number` and `Sequence`: CLEAN's split100.csv (tabs
  in spite of its name), CARE's (commas), or UniProt's tsv with the fields accession,ec,sequence;
- FASTA whose headers carry `EC=1.2.3.4` or `EC:1.2.3.4`, or begin as prokka's do
  (`ID 1.2.3.4~~~gene~~~product`).
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from glm.corpus.fasta import read_fasta, read_lines
from glm.errors import GlmError

NUMBER = r"\d+\.(?:\d+|-)\.(?:\d+|-)\.(?:n?\d+|-)"
IN_HEADER = re.compile(rf"(?:\bEC[=:]\s?|^)({NUMBER}(?:[;, ]+{NUMBER})*)(?=~~~|[\s;,)\]]|$)")
WHOLE = re.compile(r"\d+\.\d+\.\d+\.\d+")
COLUMNS = ("EC number", "Sequence")


class Enzyme(NamedTuple):
    """A protein and its first EC number as it stands, which may be partial (1.2.3.-)."""

    name: str
    ec: str
    sequence: str


def is_whole(ec: str) -> bool:
    """Whether all four levels are assigned (preliminary numbers such as 3.4.21.n1 are not)."""
    return WHOLE.fullmatch(ec) is not None


def first_number(text: str) -> str | None:
    """The first EC number of several (`;`, comma or blank between them)."""
    found = re.search(rf"(?<![\d.]){NUMBER}(?![\d.])", text)
    return found[0] if found else None


def read_enzymes(path: Path) -> Iterator[Enzyme]:
    """The records of a reference that have an EC number.

    Raises `GlmError` naming the file if it is neither FASTA nor such a table, or a line of the
    table is cut off.
    """
    first = next(read_lines(path), b"").decode("utf-8", "replace")
    return read_headers(path) if first.startswith(">") else read_table(path, first)


def read_headers(path: Path) -> Iterator[Enzyme]:
    """FASTA records with an EC number in the header."""
    for record in read_fasta(path):
        found = IN_HEADER.search(record.description)
        if found and (ec := first_number(found[1])):
            yield Enzyme(record.name, ec, record.sequence.decode("ascii", "replace"))


def read_table(path: Path, header: str) -> Iterator[Enzyme]:
    """Rows of a table with an EC number."""
    delimiter = "\t" if "\t" in header else ","
    names = next(csv.reader([header], delimiter=delimiter), [])
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise GlmError(
            f"{path}: neither FASTA nor a table with the columns {' and '.join(COLUMNS)} (no "
            f"{missing[0]!r} in its first line {header[:60]!r}); set enzymes.reference to another"
        )
    number, sequence = (names.index(column) for column in COLUMNS)
    lines = (
        line.decode("utf-8", "replace") for line in itertools.islice(read_lines(path), 1, None)
    )
    for place, fields in enumerate(csv.reader(lines, delimiter=delimiter), 2):
        if not fields:
            continue
        if len(fields) <= max(number, sequence):
            raise GlmError(
                f"{path}: line {place}: {len(fields)} columns of {len(names)}; is it cut off?"
            )
        if ec := first_number(fields[number]):
            yield Enzyme(fields[0], ec, fields[sequence])
