"""Lines of MGnify's sequence metadata, taken apart into the places of genes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from glm.corpus.blocks import (
    NEWLINE,
    SEMICOLON,
    TAB,
    Block,
    read_accessions,
    read_blocks,
    read_numbers,
)
from glm.errors import GlmError

PLACES = pa.schema(
    [
        ("contig", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("forward", pa.bool_()),
        ("protein", pa.int64()),
        ("assembly", pa.int64()),
        ("partial", pa.string()),
    ]
)
# What stands between the numbers of ERZ….MGYC…:start-end:strand, in order; a number follows each
# part but the last.
SIGNS = np.frombuffer(b"ERZ.MGYC:-:", np.uint8)
STARTS_PART = np.array([True, False, False, True, False, False, False, False, True, True, True])
TAIL = re.compile(rb"(1|-1|\+|-)(?::(.*))?", re.DOTALL)
LONGEST_TAIL = 64
"""Bytes of strand and type."""


def read_places(shard: Path) -> Iterator[tuple[pa.Table, int]]:
    """The places of a shard, block by block, in its order, and how many proteins have none.

    Tables are `PLACES`. A release has proteins without an assembly, of which no place is listed.
    Raises `GlmError` naming the shard, the line and what is wrong with it.
    """
    for block in read_blocks(shard):
        yield parse_block(block, shard)


def parse_block(block: Block, shard: Path) -> tuple[pa.Table, int]:
    """Places, and proteins without one, of `MGYP<tab>ERZ….MGYC…:start-end:strand:type;…` lines."""
    characters = np.frombuffer(block.text, np.uint8)
    ends = np.flatnonzero(characters == NEWLINE)
    begins = np.concatenate([[0], ends[:-1] + 1])
    tabs = np.flatnonzero(characters == TAB)
    before = np.searchsorted(tabs, np.append(begins, len(characters)))
    # A line without a place may end before its tab.
    names_end = np.minimum(np.append(tabs, len(characters))[before[:-1]], ends)
    proteins, good = read_accessions(characters, begins, names_end)
    good &= np.diff(before) <= 1
    if not good.all():
        raise fault(block, shard, int(begins[np.argmin(good)]))
    placed = names_end + 1 < ends

    stops = np.flatnonzero((characters == SEMICOLON) | (characters == NEWLINE))
    line = np.searchsorted(ends, stops)
    first = np.concatenate([[True], line[1:] != line[:-1]])
    starts = np.concatenate([[0], stops[:-1] + 1])
    starts[first] = names_end + 1
    real = first | (starts < stops) | (characters[stops] != NEWLINE)  # nothing after a last ;
    real &= placed[line]
    line, starts, stops = line[real], starts[real], stops[real]

    values, strands = read_fields(characters, starts, stops)
    (assembly, contig, start, end), good = values
    good &= (start >= 1) & (start <= end) & (end < 1 << 31)
    forward, partial, known = read_tails(characters, np.where(good, strands, stops), stops)
    good &= known
    if not good.all():
        raise fault(block, shard, int(starts[np.argmin(good)]))
    table = pa.table(
        [
            *(contig, start.astype(np.int32), end.astype(np.int32), forward),
            *(proteins[line], assembly, partial),
        ],
        schema=PLACES,
    )
    return table, int((~placed).sum())


def read_fields(
    characters: np.ndarray, starts: np.ndarray, stops: np.ndarray
) -> tuple[tuple[list[np.ndarray], np.ndarray], np.ndarray]:
    """The four numbers of places, which places are well written, and where their strands begin.

    A place's first eleven signs that are no digits must be those of `SIGNS`, those of a part next
    to each other.
    """
    signs = np.flatnonzero(characters - np.uint8(ord("0")) > 9)
    signs = np.append(signs, np.full(len(SIGNS), len(characters) - 1))
    first = np.searchsorted(signs, starts)
    good = np.ones(len(starts), bool)
    place, bounds = starts - 1, []
    for number, sign in enumerate(SIGNS):
        found = signs[first + number]
        good &= characters[found] == sign
        if number == 0 or not STARTS_PART[number]:
            good &= found == place + 1
        else:
            bounds.append((place + 1, found))
        place = found
    good &= place < stops
    numbers = []
    for begin, end in bounds:
        value, well_written = read_numbers(characters, begin, np.where(good, end, begin))
        good &= well_written
        numbers.append(value)
    return (numbers, good), place + 1


def read_tails(
    characters: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, pa.Array, np.ndarray]:
    """Strands and types of places: forward, partial (null for none), and which are known."""
    width = int((ends - begins).max(initial=1))
    kept = min(width, LONGEST_TAIL)
    tails = np.zeros((len(begins), kept), np.uint8)
    last = len(characters) - 1
    for number in range(kept):
        place = begins + number
        tails[:, number] = np.where(place < ends, characters[np.minimum(place, last)], 0)
    buffer = pa.py_buffer(tails)
    kinds = pa.Array.from_buffers(pa.binary(kept), len(tails), [None, buffer]).dictionary_encode()
    which = kinds.indices.to_numpy()
    found = [TAIL.fullmatch(kind.rstrip(b"\0")) for kind in kinds.dictionary.to_pylist()]
    forward = np.array([kind is not None and kind[1] in (b"1", b"+") for kind in found], bool)
    partial = pa.array([kind[2].decode() or None if kind and kind[2] else None for kind in found])
    known = np.array([kind is not None for kind in found], bool)[which] & (
        ends - begins <= LONGEST_TAIL
    )
    return forward[which], partial.cast(pa.string()).take(pa.array(which)), known


def fault(block: Block, shard: Path, place: int) -> GlmError:
    """What is wrong at byte `place` of a block."""
    begin = block.text.rfind(b"\n", 0, place) + 1
    line = block.text[begin : block.text.index(b"\n", place)]
    accession, tab, _ = line.partition(b"\t")
    listed = line[place - begin :].split(b";")[0] if tab and place > begin else line
    return GlmError(
        f"{shard}: line {block.line(begin)}: "
        f"{accession[:40].decode('utf-8', 'replace') or 'no accession'}: "
        f"{listed[:80].decode('utf-8', 'replace')!r} is not MGYP…, a tab and "
        "ERZ….MGYC…:start-end:strand[:type] with 1 <= start <= end and strand 1, -1, + or -. "
        "Fix the line, or fetch the release again"
    )
