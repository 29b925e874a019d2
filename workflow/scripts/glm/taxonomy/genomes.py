"""One random stretch of genes of each genome (Methods, Taxonomic analysis and visualization)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np

from glm import logs
from glm.corpus import download, release, streams
from glm.corpus.genome_tables import Gene
from glm.corpus.refseq import read_genome
from glm.errors import GlmError
from glm.files import writing

REFSEQ = release.SOURCES["refseq"]


class Stretch(NamedTuple):
    """Neighbouring genes of one contig, and the rank of the first."""

    first_rank: int
    genes: list[Gene]


class LeftOutError(GlmError):
    """A genome that nothing can be taken from: counted, not fatal."""


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


def fetch_genome(client: httpx.Client, address: str, folder: Path) -> tuple[Path, Path]:
    """A genome's feature table and protein FASTA, verified; what is whole is not fetched again.

    Raises `LeftOutError` if the server does not have them, whole, or their checksum list names no
    proteins or no feature table. A server that forbids (403) says nothing of the genome.
    """
    base = release.base_address(address)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        checksums = read_checksums(client, base, folder)
        try:
            files = release.choose_files(REFSEQ, checksums, base)
        except GlmError as error:
            raise LeftOutError(f"not annotated: {error}") from error
        with logs.progress_bar(unit="B", disable=True) as bar:
            paths = {file.kind: download.fetch(client, file, folder, bar) for file in files}
    except (streams.NotFoundError, streams.DamagedError) as error:
        raise LeftOutError(f"not there: {error}") from error
    return paths["feature_table"], paths["proteins"]


def read_checksums(client: httpx.Client, base: str, folder: Path) -> dict[str, str]:
    """A genome's checksum list, stored in `folder` once it has come whole.

    Raises `GlmError` for one that is none: it says nothing of the genome.
    """
    listed = folder / REFSEQ.checksums
    if listed.exists():
        try:
            return release.parse_checksums(listed.read_text(), str(listed))
        except GlmError as error:
            logging.warning("%s; fetched anew", error)
    text = streams.fetch_text(client, base + REFSEQ.checksums)
    found = release.parse_checksums(text, base + REFSEQ.checksums)
    with writing(listed) as beside:
        beside.write_text(text)
    return found


def sample_genome(
    number: int, tables: tuple[Path, Path], length: int, minimum: int, seed: int
) -> list[dict[str, Any]] | str:
    """Rows of `TAXONOMY_WINDOWS` of one genome, or why there is none."""
    try:
        genes, proteins = read_genome(*tables)
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
                paths = fetch_genome(client, row["address"], folder / row["accession"])
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
