"""Pairs of an ABC transporter that stand side by side in genomes: what ModA and ModC are.

The paper's pair are the chains 2ONK_A and 2ONK_C: the ATPase and the permease of the molybdate
transporter (in the common names ModC and ModB; the paper calls them ModA and ModC after the
chains). Without annotation they are known by what they are: the ATPase by Walker A and the ABC
signature (the core of PROSITE PS00211), the permease as a protein beside it, of a permease's
length, that crosses the membrane four times or more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

WALKER_A = re.compile(r"G.{4}GK[ST]")
SIGNATURE = re.compile(r"[LIVMFYC][SA][SAPGLVFYKQH]G[DENQMW][KRQASPCLIMFW][KRNQSTAVM][KRACLVM]")
ATPASE_RESIDUES = (180, 420)
PERMEASE_RESIDUES = (190, 420)
WINDOW, HYDROPHOBIC, FEWEST_HELICES = 19, 1.6, 4
LARGEST_GAP = 200  # bases
HYDROPATHY = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV",
        (1.8, -4.5, -3.5, -3.5, 2.5, -3.5, -3.5, -0.4, -3.2, 4.5,
         3.8, -3.9, 1.9, 2.8, -1.6, -0.8, -0.7, -0.9, -1.3, 4.2),
        strict=True,
    )
)  # fmt: skip
"""Kyte and Doolittle's."""


class Candidate(NamedTuple):
    """An ATPase and a permease side by side: rows of the genes."""

    atpase: int
    permease: int


def is_atpase(sequence: str) -> bool:
    """Whether a protein has the two signatures of an ABC transporter's ATPase, in their order."""
    if not ATPASE_RESIDUES[0] <= len(sequence) <= ATPASE_RESIDUES[1]:
        return False
    walker = WALKER_A.search(sequence)
    return walker is not None and SIGNATURE.search(sequence, walker.end() + 40) is not None


def is_permease(sequence: str) -> bool:
    """Whether a protein has a permease's length and crosses the membrane four times or more."""
    if not PERMEASE_RESIDUES[0] <= len(sequence) <= PERMEASE_RESIDUES[1]:
        return False
    return helices(sequence) >= FEWEST_HELICES


def helices(sequence: str) -> int:
    """Stretches of 19 residues that are hydrophobic enough to cross a membrane, not overlapping."""
    values = [HYDROPATHY.get(residue, 0.0) for residue in sequence]
    found, start = 0, 0
    while start + WINDOW <= len(values):
        if sum(values[start : start + WINDOW]) / WINDOW >= HYDROPHOBIC:
            found, start = found + 1, start + WINDOW
        else:
            start += 1
    return found


def find(genes: pd.DataFrame, sequences: Mapping[int, str]) -> list[Candidate]:
    """Neighbouring pairs of ATPase and permease on one strand, at most 200 bp apart.

    genes: contig, rank, protein, start, end, forward, in order. sequences: by protein; a gene
    without one is passed over.
    """
    atpase = {protein for protein, sequence in sequences.items() if is_atpase(sequence)}

    @cache
    def permease(protein: int) -> bool:
        return is_permease(sequences.get(protein, ""))

    found = []
    columns = [genes[name].to_list() for name in ("contig", "protein", "start", "end", "forward")]
    rows = list(zip(*columns, strict=True))
    for place, (one, other) in enumerate(pairwise(rows)):
        if one[0] != other[0] or one[4] != other[4] or other[2] - one[3] - 1 > LARGEST_GAP:
            continue
        if one[1] in atpase and permease(other[1]):
            found.append(Candidate(place, place + 1))
        elif other[1] in atpase and permease(one[1]):
            found.append(Candidate(place + 1, place))
    return found
