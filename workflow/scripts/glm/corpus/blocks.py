"""Compressed text in blocks of whole lines, taken apart by numpy: a line costs no Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from glm.corpus.fasta import TORN, Record, accession_number, opener, torn
from glm.errors import GlmError

Item = TypeVar("Item")
BYTES_PER_BLOCK = 4 << 20
LONGEST_NUMBER = 18
"""Digits that an int64 surely holds."""
NEWLINE, TAB, SEMICOLON = (np.uint8(ord(sign)) for sign in "\n\t;")


class Block(NamedTuple):
    """Whole lines of a file, the last one's end included, and the number of the first."""

    text: bytes
    first_line: int

    def line(self, place: int) -> int:
        """Number of the line that byte `place` is on."""
        return self.first_line + self.text.count(b"\n", 0, place)


def read_blocks(path: Path, start: bytes = b"") -> Iterator[Block]:
    """A file's lines in blocks, decompressed by its suffix; each block's last line is whole.

    With `start`, a block begins with a line that begins so (as a FASTA record does). Without, blank
    lines at the end of the file are left out. Raises `GlmError` naming the file, and the last whole
    line before the damage, if it cannot be read to its end.
    """
    held, line = b"", 1
    try:
        with opener(path)(path, "rb") as handle:
            for read in ahead(iter(lambda: handle.read(BYTES_PER_BLOCK), b"")):
                held += read.replace(b"\r\n", b"\n") if b"\r" in read else read
                cut = held.rfind(b"\n" + start) + 1
                if cut and not start:  # what is blank may be the last
                    cut = len(held[:cut].rstrip(b"\n")) + 1
                if cut > 1:
                    yield Block(held[:cut], line)
                    line += held.count(b"\n", 0, cut)
                    held = held[cut:]
    except FileNotFoundError as error:
        raise GlmError(f"{path}: no such file") from error
    except TORN as error:
        raise torn(path, error) from None
    if held.strip(b"\n"):
        yield Block(held if held.endswith(b"\n") else held + b"\n", line)


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; a thread makes the next one while this one is used."""
    iterator, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[Any] = pool.submit(next, iterator, end)
        while (item := waiting.result()) is not end:
            waiting = pool.submit(next, iterator, end)
            yield item


def read_numbers(
    characters: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Decimal numbers (int64) in `characters` [begin, end), and which of them are well written.

    A number of no digit, of more than 18, or with anything but digits is not.
    """
    lengths = end - begin
    good = (lengths > 0) & (lengths <= LONGEST_NUMBER)
    shortest = int(lengths.min(initial=LONGEST_NUMBER))
    longest = min(int(lengths.max(initial=0)), LONGEST_NUMBER)
    numbers = np.zeros(len(begin), np.int64)
    for digit in range(longest):
        value = characters.take(begin + digit, mode="clip") - np.uint8(ord("0"))
        if digit < shortest:  # of all numbers
            good &= value <= 9
            numbers *= 10
            numbers += value
        else:
            within = digit < lengths
            good &= ~within | (value <= 9)
            numbers = np.where(within, numbers * 10 + value, numbers)
    return numbers, good


def read_accessions(
    characters: np.ndarray, begins: np.ndarray, ends: np.ndarray, prefix: bytes = b"MGYP"
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (int64) of the accessions in `characters` [begin, end), and which are well written.

    An accession is `prefix` and up to 18 digits.
    """
    numbers, good = read_numbers(characters, begins + len(prefix), ends)
    return numbers, good & begins_with(characters, begins, prefix)


def begins_with(characters: np.ndarray, places: np.ndarray, text: bytes) -> np.ndarray:
    """At which places `text` stands."""
    good = np.ones(len(places), bool)
    for place, sign in enumerate(text):
        good &= characters.take(places + place, mode="clip") == sign
    return good


class Records(NamedTuple):
    """The records of a FASTA block: accession numbers, and where names and sequences lie."""

    text: bytes
    numbers: np.ndarray
    name_begins: np.ndarray
    name_ends: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    def some(self, indices: np.ndarray) -> Iterator[Record]:
        """Some of the records, each sequence on one line."""
        bounds = (self.name_begins, self.name_ends, self.begins, self.ends)
        for name, name_end, begin, end in zip(*(b[indices].tolist() for b in bounds), strict=True):
            sequence = self.text[begin:end].replace(b"\n", b"")
            yield Record(self.text[name:name_end].decode(), "", sequence)


def parse_records(block: Block, path: Path, prefix: bytes = b"MGYP") -> Records:
    """The records of a block whose accessions are `prefix` and digits.

    Raises `GlmError` naming file, line and what is wrong, for text before the first header, a
    header without such an accession, and a record without a sequence.
    """
    characters = np.frombuffer(block.text, np.uint8)
    marks = np.flatnonzero(characters == ord(">"))
    starts = marks[(marks == 0) | (characters[marks - 1] == ord("\n"))]
    before = block.text[: starts[0] if len(starts) else None].lstrip(b"\n")
    if before:
        line = block.line(block.text.index(before))
        shown = before[:20].split(b"\n")[0].decode("utf-8", "replace")
        raise GlmError(
            f"{path}: line {line}: {shown!r} where a header (>name) should be; not FASTA"
        )
    newlines = np.flatnonzero(characters == ord("\n"))
    headers = newlines[np.searchsorted(newlines, starts)]
    blanks = np.append(np.flatnonzero(characters == ord(" ")), len(characters))
    names = np.minimum(blanks[np.searchsorted(blanks, starts)], headers)
    numbers, good = read_accessions(characters, starts + 1, names, prefix)
    if not good.all():
        bad = int(np.argmin(good))
        line = block.line(int(starts[bad]))
        name = block.text[starts[bad] + 1 : names[bad]].decode("utf-8", "replace")
        if not name:
            raise GlmError(f"{path}: line {line}: a header without a name")
        accession_number(name, prefix.decode(), f"{path}: line {line}")
        raise GlmError(f"{path}: line {line}: record {name}: too long an accession")
    ends = np.append(starts[1:], len(characters))
    begins = headers + 1
    # A sequence begins with a residue; what begins with a line end may be empty.
    for index in np.flatnonzero(characters.take(begins, mode="clip") == ord("\n")).tolist():
        if block.text[begins[index] : ends[index]].strip(b"\n"):
            begins[index] += 1
        else:
            ends[index] = begins[index]
    if (begins >= ends).any():
        bad = int(np.argmax(begins >= ends))
        name = block.text[starts[bad] + 1 : names[bad]].decode("utf-8", "replace")
        raise GlmError(
            f"{path}: line {block.line(int(starts[bad]))}: record {name}: no sequence; "
            "is the file cut off?"
        )
    return Records(block.text, numbers, starts + 1, names, begins, ends)
