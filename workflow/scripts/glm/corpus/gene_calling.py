"""Genes of a genome, called with pyrodigal (Prodigal's algorithm, which MGnify uses too)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyrodigal

from glm.corpus.genetic_code import PROKARYOTIC
from glm.errors import GlmError

# Prodigal's manual: below 100 kb a genome is too short to train on, and the precalculated
# metagenomic models do better.
SHORTEST_TRAINABLE_GENOME = 100_000
LARGEST_GENOME = 20_000_000
UNKNOWN = b"NRYSWKMBDHV"
"""Nucleotides that are not known; masked, Prodigal reads no gene across 50 of them in a row."""
LONGEST_GAP = 200
"""Unknown nucleotides in a row that Prodigal is shown: it counts them among the bases of which the
share of G and C chooses a model, and 180 bases already make two genes strangers to it."""

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Calling:
    """How genes are called and translated.

    genetic_code: by NCBI's number. metagenome: the contigs are of many organisms, so each is read
    with the metagenomic models, however many bases there are.
    """

    genetic_code: int = 11
    metagenome: bool = False

    def __post_init__(self) -> None:
        """Refuse a genetic code that no bacterium or archaeon has."""
        if self.genetic_code not in PROKARYOTIC:
            known = ", ".join(map(str, PROKARYOTIC))
            raise GlmError(f"genetic code {self.genetic_code}: known are {known}")


class CalledGene(NamedTuple):
    """One gene on its contig; positions are 1-based and inclusive, as in MGnify and GFF."""

    start: int
    end: int
    forward: bool
    partial: str
    """Prodigal's code: `00` complete, `10` cut at the contig's left end, `01` right, `11` both."""
    protein: str
    """Amino acids without the final stop."""


def gene_finder(contigs: Sequence[bytes], calling: Calling) -> pyrodigal.GeneFinder:
    """What finds the genes of these contigs: trained on them, or with the metagenomic models."""
    code = calling.genetic_code
    bases = sum(len(contig.translate(None, UNKNOWN)) for contig in contigs)
    if not calling.metagenome and bases >= SHORTEST_TRAINABLE_GENOME:
        if bases > LARGEST_GENOME:
            logger.warning(
                "%s bases are taken for one genome, which is more than any bacterium has; contigs "
                "of many organisms want --metagenome", f"{bases:,}",
            )  # fmt: skip
        finder = pyrodigal.GeneFinder(mask=True)
        finder.train(*contigs, translation_table=code)  # type: ignore[call-overload]
        return finder
    if code == Calling.genetic_code:
        return pyrodigal.GeneFinder(meta=True, mask=True)
    of_code = [m for m in pyrodigal.METAGENOMIC_BINS if m.training_info.translation_table == code]
    if not of_code:
        raise GlmError(
            f"there are no metagenomic models of genetic code {code}, and training one takes "
            f"{SHORTEST_TRAINABLE_GENOME:,} bases of one genome; annotate the genes yourself "
            "(GFF + FASTA)"
        )
    bins = pyrodigal.MetagenomicBins(of_code)
    return pyrodigal.GeneFinder(meta=True, metagenomic_bins=bins, mask=True)


def call_genes(contigs: Sequence[str], calling: Calling | None = None) -> list[list[CalledGene]]:
    """Call the genes of one genome: for each contig (nucleotides) its genes, sorted by start.

    A genome of 100 kb or more, unknown nucleotides not counted, trains its own model on all of its
    contigs (Prodigal's single mode); a shorter one (a phage, a plasmid, a few contigs) and a
    metagenome use the metagenomic models. No gene runs across a long gap of N.
    """
    shortened = [shorten_gaps(contig.encode()) for contig in contigs]
    finder = gene_finder([contig for contig, _ in shortened], calling or Calling())
    return [
        [
            CalledGene(
                start=in_full(gene.begin, cuts),
                end=in_full(gene.end, cuts),
                forward=gene.strand == 1,
                partial=f"{int(gene.partial_begin)}{int(gene.partial_end)}",
                protein=gene.translate(include_stop=False),
            )
            for gene in sorted(finder.find_genes(contig), key=lambda gene: (gene.begin, gene.end))
        ]
        for contig, cuts in shortened
    ]


def shorten_gaps(contig: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """A contig whose gaps are no longer than `LONGEST_GAP`, and what was cut out of it: after how
    many bases of the shorter one, how many."""
    pieces, cuts, begin, length = [], [], 0, 0
    for gap in re.finditer(rb"[%s]{%d,}" % (UNKNOWN, LONGEST_GAP + 1), contig):
        pieces.append(contig[begin : gap.start() + LONGEST_GAP])
        begin, length = gap.end(), length + len(pieces[-1])
        cuts.append((length, gap.end() - gap.start() - LONGEST_GAP))
    return b"".join([*pieces, contig[begin:]]), cuts


def in_full(place: int, cuts: Sequence[tuple[int, int]]) -> int:
    """A place (from 1 on) of a shortened contig on the whole one."""
    return place + sum(bases for after, bases in cuts if after < place)
