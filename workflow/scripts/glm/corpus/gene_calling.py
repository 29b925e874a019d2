"""Genes of a genome, called with pyrodigal (Prodigal's algorithm, which MGnify uses too)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyrodigal

# Prodigal's manual: below 100 kb a genome is too short to train on, and the precalculated
# metagenomic models do better.
SHORTEST_TRAINABLE_GENOME = 100_000


class CalledGene(NamedTuple):
    """One gene on its contig; positions are 1-based and inclusive, as in MGnify and GFF."""

    start: int
    end: int
    forward: bool
    partial: str
    """Prodigal's code: `00` complete, `10` cut at the contig's left end, `01` right, `11` both."""
    protein: str
    """Amino acids without the final stop."""


def call_genes(contigs: Sequence[str]) -> list[list[CalledGene]]:
    """Call the genes of one genome: for each contig (nucleotides) its genes, sorted by start.

    A genome of 100 kb or more trains its own model on all of its contigs (Prodigal's single mode);
    a shorter one (a phage, a plasmid, a few contigs) uses the metagenomic models.
    """
    encoded = [contig.encode() for contig in contigs]
    metagenomic = sum(map(len, encoded)) < SHORTEST_TRAINABLE_GENOME
    finder = pyrodigal.GeneFinder(meta=metagenomic)
    if not metagenomic:
        finder.train(*encoded)
    return [
        [
            CalledGene(
                start=gene.begin,
                end=gene.end,
                forward=gene.strand == 1,
                partial=f"{int(gene.partial_begin)}{int(gene.partial_end)}",
                protein=gene.translate(include_stop=False),
            )
            for gene in sorted(finder.find_genes(contig), key=lambda gene: (gene.begin, gene.end))
        ]
        for contig in encoded
    ]
