"""One random stretch of genes of each genome (Methods, Taxonomic analysis and visualization)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glm import logs
from glm.corpus import streams
from glm.corpus.genome_tables import Gene
from glm.corpus.reference_genomes import LeftOutError, fetch_genome
from glm.corpus.refseq import read_genome
from glm.errors import GlmError


class Stretch(NamedTuple):
    """Neighbouring genes of one contig, and the rank of the first."""

    first_rank: int
    genes: list[Gene]


def random_stretch(
    genes: Sequence[Gene], length: int, minimum: int, random: np.random.Generator
) -> Stretch | None:
    """A stretch of `length` genes, every one of them equally likely; genes in order of start.

    A genome without a contig of so many genes gives its longest, whole, if that has `minimum`;
    else None.
    """
    contigs: dict[str, list[Gene]] = {}
    for gene in genes:
        contigs.setdefault(gene.contig, []).append(gene)
    ordered = [sorted(of, key=lambda gene: (gene.start, gene.end)) for of in contigs.values()]
    starts = np.array([max(len(of) - length + 1, 0) for of in ordered])
    if not starts.sum():
        longest = max(ordered, key=len, default=[])
        return Stretch(0, longest) if len(longest) >= minimum else None
    place = int(random.integers(starts.sum()))
    contig = int(np.searchsorted(starts.cumsum(), place, side="right"))
    first = place - int(starts[:contig].sum())
    return Stretch(first, ordered[contig][first : first + length])


def sample_genome(
    number: int, paths: Mapping[str, Path], length: int, minimum: int, seed: int
) -> list[dict[str, Any]] | str:
    """Rows of `TAXONOMY_WINDOWS` of one genome, or why there is none."""
    try:
        genes, proteins = read_genome(paths["feature_table"], paths["proteins"])
    except GlmError as error:
        return f"cannot be read: {error}"
    chosen = random_stretch(genes, length, minimum, np.random.default_rng([seed, number]))
    if chosen is None:
        return f"no contig of {minimum} genes"
    return [
        {
            "genome": number,
            "contig": gene.contig,
            "rank": rank,
            "first_rank": chosen.first_rank,
            "forward": gene.forward,
            "sequence": proteins[gene.protein].sequence,
        }
        for rank, gene in enumerate(chosen.genes)
    ]


def sample_genomes(
    genomes: Sequence[dict[str, Any]], folder: Path, length: int, minimum: int, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Fetch genomes and choose a stretch of each: rows of `TAXONOMY_WINDOWS`, and of
    `TAXONOMY_SKIPPED` for those that have none.

    A genome that is withdrawn, damaged, not annotated or too short is skipped; a network that fails
    is an error.
    """
    windows: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    with streams.client() as client:
        for row in logs.progress(genomes, total=len(genomes), unit="genomes"):
            try:
                fetched = fetch_genome(client, row["address"], folder / row["accession"])
                paths = {file.kind: path for file, path in fetched.items()}
                found = sample_genome(row["genome"], paths, length, minimum, seed)
            except LeftOutError as error:
                found = str(error)
            if isinstance(found, str):
                logging.info("%s: skipped: %s", row["accession"], found, extra={"file_only": True})
                skipped.append({**row, "reason": found})
            else:
                windows += found
    logging.info("genomes: %d, skipped: %d", len(genomes), len(skipped))
    return windows, skipped
