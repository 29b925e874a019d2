"""Names for the called genes of a genome, from an annotation of another version of it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from glm.corpus.gene_calling import CalledGene
from glm.corpus.genome_tables import Genome, Protein

END = 20  # residues before the stop by which a gene is known, whatever start was called
LEAST_COVERAGE = 0.5  # of the longer protein by the shorter


def name_genes(called: Sequence[CalledGene], annotated: Genome) -> dict[int, Protein]:
    """The annotated protein of each called gene, by its place in `called`, where there is one.

    called: genes of one contig, in order. annotated: the same contig of another version or source.
    A gene gets a name where its protein and the annotated one are on the same strand, in the same
    order among all others, and the same, residue by residue, from the stop back to the later start
    (whose own residue the start codon may have changed).
    """
    proteins = [annotated.proteins[gene.protein] for gene in annotated.genes]
    ends = [(gene.forward, gene.protein[-END:]) for gene in called]
    known = [
        (gene.forward, protein.sequence[-END:])
        for gene, protein in zip(annotated.genes, proteins, strict=True)
    ]
    matcher = SequenceMatcher(None, ends, known, autojunk=False)
    return {
        first + step: proteins[second + step]
        for first, second, size in matcher.get_matching_blocks()
        for step in range(size)
        if is_same(called[first + step].protein, proteins[second + step].sequence)
    }


def is_same(one: str, other: str) -> bool:
    """Whether two proteins end alike, up to the first residue of the shorter."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short[1:]) and len(short) >= LEAST_COVERAGE * len(long)
