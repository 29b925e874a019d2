"""Translation by NCBI's genetic codes, which Biopython carries."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from Bio.Data import CodonTable, IUPACData

PROKARYOTIC = (4, 11, 25)
"""Codes that bacteria and archaea have: 4 Mycoplasma and Spiroplasma, 25 Gracilibacteria."""
LETTERS = {**IUPACData.protein_letters_3to1_extended, "Fmet": "M", "Term": "*"}


@functools.cache
def codons(code: int) -> tuple[dict[str, str], frozenset[str]]:
    """Residue by codon (a stop is `*`), and the start codons; KeyError for a code NCBI lacks.

    A codon that is both a residue and a stop (codes 27, 28 and 31) is the residue.
    """
    table = CodonTable.unambiguous_dna_by_id[code]
    residues = {**dict.fromkeys(table.stop_codons, "*"), **table.forward_table}
    return residues, frozenset(table.start_codons)


def residue(three_letters: str) -> str:
    """A residue of a `transl_except` by its three letters, X where they name none."""
    return LETTERS.get(three_letters.capitalize(), "X")


def translate(
    nucleotides: str,
    frame: int = 0,
    partial_start: bool = False,
    code: int = 11,
    exceptions: Mapping[int, str] | None = None,
) -> str:
    """Translate; an ambiguous codon is X, a whole gene's start codon is M.

    exceptions: residue by the offset of its codon in `nucleotides` (selenocysteine, pyrrolysine).
    """
    residues, starts = codons(code)
    bases = nucleotides.upper().replace("U", "T")
    protein = [residues.get(bases[i : i + 3], "X") for i in range(frame, len(bases) - 2, 3)]
    if protein and bases[:3] in starts and frame == 0 and not partial_start:
        protein[0] = "M"
    for offset, letter in (exceptions or {}).items():
        if offset >= frame and (number := (offset - frame) // 3) < len(protein):
            protein[number] = letter
    return "".join(protein)
