"""UniProt accessions: found in lists of pairs, and whether they are neighbours.

Genomes were deposited gene by gene, so accessions that differ by one belong to genes that stand
side by side (Methods, "Paralogy and orthology analysis").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from glm.corpus.fasta import read_lines
from glm.errors import GlmError

SIX_OPQ = r"[OPQ][0-9][A-Z0-9]{3}[0-9]"
SIX_REST = r"[A-NR-Z][0-9][A-Z][A-Z0-9]{2}[0-9]"
TEN = r"[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){2}"
ACCESSION = re.compile(f"(?:{TEN}|{SIX_OPQ}|{SIX_REST})")
IN_TEXT = re.compile(rf"(?<![A-Z0-9])({ACCESSION.pattern})(?:-\d+)?(?![A-Z0-9])")
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BOTH = DIGITS + LETTERS  # in the order in which they are handed out: Q9WZZ9, then Q9X000
FORMATS = (
    (re.compile(TEN), "LDLBBDLBBD"),
    (re.compile(SIX_OPQ), "LDBBBD"),
    (re.compile(SIX_REST), "LDLBBD"),
)
ALPHABETS = {"L": LETTERS, "D": DIGITS, "B": BOTH}


class Pair(NamedTuple):
    """Accessions of a pair: A (in the paper, of chain 2ONK_A) and C (of chain 2ONK_C)."""

    a: str
    c: str


def is_accession(text: str) -> bool:
    """Whether a text is a UniProt accession, and nothing else."""
    return ACCESSION.fullmatch(text) is not None


def number(accession: str) -> tuple[str, int]:
    """The format of an accession and its running number within that format.

    Raises `GlmError` for what is no accession.
    """
    for pattern, places in FORMATS:
        if pattern.fullmatch(accession):
            value = 0
            for place, character in zip(places, accession, strict=True):
                alphabet = ALPHABETS[place]
                value = value * len(alphabet) + alphabet.index(character)
            return places, value
    raise GlmError(f"{accession!r} is no UniProt accession")


def are_adjacent(one: str, other: str) -> bool:
    """Whether two accessions are of one format and differ by one."""
    (one_format, one_number), (other_format, other_number) = number(one), number(other)
    return one_format == other_format and abs(one_number - other_number) == 1


def read_pairs(path: Path) -> tuple[list[Pair], int]:
    """Pairs of a list, and how many lines stand there twice.

    One pair a line, in any layout that has two accessions on it (tab, comma, or the headers of a
    paired alignment, whose sequence lines are passed over); a first line without accessions is a
    header. Raises `GlmError` naming the line that has not two accessions, and for an empty list.
    """
    pairs: dict[Pair, None] = {}
    twice, aligned = 0, False
    for line_number, raw in enumerate(read_lines(path), 1):
        line = raw.decode("utf-8", "replace").strip()
        aligned |= line.startswith(">")
        if not line or line.startswith("#") or (aligned and not line.startswith(">")):
            continue
        found = IN_TEXT.findall(line.replace("_", " "))
        if len(found) != 2:
            if not pairs and not found and not aligned:
                continue
            raise GlmError(
                f"{path}: line {line_number}: {len(found)} UniProt accessions where a pair has "
                f"two: {line[:60]!r}"
            )
        twice += Pair(*found) in pairs
        pairs[Pair(*found)] = None
    if not pairs:
        raise GlmError(f"{path}: no pair of UniProt accessions in it (paralogs.pairs)")
    return list(pairs), twice
