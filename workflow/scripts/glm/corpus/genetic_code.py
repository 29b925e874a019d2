"""The genetic codes of bacteria and archaea, by NCBI's numbers, and translation by them."""

from __future__ import annotations

BASES = "TCAG"
STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
AMINO_ACIDS = {
    4: STANDARD.replace("CC*W", "CCWW"),  # Mycoplasma, Spiroplasma
    11: STANDARD,
    25: STANDARD.replace("CC*W", "CCGW"),  # Gracilibacteria, Absconditabacteria
}
"""Amino acids of the codons in the order of BASES."""
STARTS = {
    4: {"TTA", "TTG", "CTG", "ATT", "ATC", "ATA", "ATG", "GTG"},
    11: {"TTG", "CTG", "ATT", "ATC", "ATA", "ATG", "GTG"},
    25: {"TTG", "ATG", "GTG"},
}
CODONS = {
    code: {
        first + second + third: residues[16 * i + 4 * j + k]
        for i, first in enumerate(BASES)
        for j, second in enumerate(BASES)
        for k, third in enumerate(BASES)
    }
    for code, residues in AMINO_ACIDS.items()
}


def translate(nucleotides: str, frame: int = 0, partial_start: bool = False, code: int = 11) -> str:
    """Translate; an ambiguous codon is X, a whole gene's start codon is M."""
    codons = [nucleotides[i : i + 3] for i in range(frame, len(nucleotides) - 2, 3)]
    residues = [CODONS[code].get(codon.replace("U", "T"), "X") for codon in codons]
    if codons and codons[0] in STARTS[code] and frame == 0 and not partial_start:
        residues[0] = "M"
    return "".join(residues)
