"""Genes and proteins of whole genomes, held in memory, as the tables of a corpus."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from glm import tables
from glm.errors import GlmError

EXAMPLES = 3  # of what was left out, in the log
ROWS_TOGETHER = 100_000  # genes that are written together

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Gene:
    """A gene; `protein` is the number of its protein, positions are 1-based and inclusive."""

    contig: str
    protein: int
    start: int
    end: int
    forward: bool
    partial: str | None


@dataclass(frozen=True)
class Protein:
    """A protein and the names that its source has for it."""

    accession: str
    sequence: str
    symbol: str | None = None
    locus_tag: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class Genome:
    """A genome under the name that tables and figures use; its genes number its own proteins.

    without_genes: contigs on which no gene was called or annotated. has_coordinates: false where
    only the order of the genes is known, and their positions are running numbers. pseudogenes: how
    many were left out. unreadable: CDS that were left out, each as its name and the reason.
    """

    name: str
    genes: list[Gene]
    proteins: list[Protein]
    without_genes: list[str] = field(default_factory=list)
    has_coordinates: bool = True
    pseudogenes: int = 0
    unreadable: list[str] = field(default_factory=list)

    def left_out(self) -> dict[str, int]:
        """How much of the source is not among the genes, by kind."""
        return {
            "pseudogenes": self.pseudogenes,
            "unreadable_cds": len(self.unreadable),
            "contigs_without_genes": len(self.without_genes),
        }

    def contigs(self) -> dict[str, list[Gene]]:
        """Genes by contig, in the order along it, which is the order of their starts."""
        by_contig: dict[str, list[Gene]] = {}
        for gene in self.genes:
            by_contig.setdefault(gene.contig, []).append(gene)
        return {
            name: sorted(genes, key=lambda gene: (gene.start, gene.end, not gene.forward))
            for name, genes in by_contig.items()
        }


def read_genome_tables(name: str, genes: Path, proteins: Path) -> Genome:
    """A genome from its tables `genes` and `proteins`, its contigs by their numbers."""
    table = tables.read(proteins, tables.PROTEINS).to_pylist()
    place = {row.pop("protein"): number for number, row in enumerate(table)}
    rows = tables.read(genes, tables.GENES).drop_columns("rank").to_pylist()
    found = [
        Gene(**{**row, "contig": str(row["contig"]), "protein": place[row["protein"]]})
        for row in rows
    ]
    return Genome(name, found, [Protein(**row) for row in table])


def describe_left_out(genome: Genome) -> str:
    """What was left out of a genome, with the first reasons and names; empty if nothing was."""
    examples = {
        "unreadable_cds": genome.unreadable,
        "contigs_without_genes": genome.without_genes,
    }
    parts = []
    for kind, count in genome.left_out().items():
        if count:
            parts.append(f"{count:,} {kind.replace('_', ' ').replace('cds', 'CDS')}")
        if shown := examples.get(kind):
            parts[-1] += f" ({', '.join(shown[:EXAMPLES])}{', …' * (count > EXAMPLES)})"
    return ", ".join(parts)


def require_genes(genome: Genome, path: Path) -> None:
    """Raise `GlmError` for a genome without a gene, with what was left out of its file."""
    if not genome.genes:
        left_out = describe_left_out(genome)
        raise GlmError(
            f"{path}: no gene was found on its contigs"
            + (f"; left out: {left_out}" if left_out else "")
        )


def log_left_out(genome: Genome) -> None:
    """Log what was left out of a genome, as a warning if that is more than pseudogenes."""
    if described := describe_left_out(genome):
        level = logging.WARNING if genome.unreadable else logging.INFO
        logger.log(level, "%s: left out: %s", genome.name, described)


def write_genomes(
    genomes: Iterable[Genome],
    genes_path: Path,
    contigs_path: Path,
    proteins_path: Path,
    stamp: Mapping[str, Any],
    biomes: Mapping[str, str | None] | None = None,
) -> dict[str, int]:
    """Write genomes as genes, contigs and proteins; contigs and proteins get running numbers.

    biomes: by the genomes' names. Genes are ranked by start along their contig. Genomes may come
    one at a time: few are in memory. Returns counts, also of what was left out. Raises `GlmError`
    if a genome has no gene.
    """
    counts = Counter({"genomes": 0, "contigs": 0, "genes": 0, "proteins": 0})
    names: set[str] = set()
    declared = {
        "genes": (genes_path, tables.GENES),
        "contigs": (contigs_path, tables.CONTIGS),
        "proteins": (proteins_path, tables.PROTEINS),
    }
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in declared}
    with ExitStack() as stack:
        writers = {
            kind: stack.enter_context(tables.TableWriter(path, table, stamp))
            for kind, (path, table) in declared.items()
        }
        for genome in genomes:
            log_left_out(genome)
            if not genome.genes:
                raise GlmError(f"{genome.name}: no gene was found in it; leave it out")
            if genome.name in names:
                raise GlmError(f"{genome.name}: two genomes have this name; rename a file")
            names.add(genome.name)
            biome = (biomes or {}).get(genome.name)
            made = rows_of(genome, biome, counts["contigs"], counts["proteins"])
            for kind, of_genome in made.items():
                rows[kind] += of_genome
                counts[kind] += len(of_genome)
            counts.update(genomes=1, **genome.left_out())
            if len(rows["genes"]) >= ROWS_TOGETHER:
                append(rows, writers)
        if not names:
            raise GlmError("no genome was given; list files under release: genomes: in the config")
        append(rows, writers)
    logger.info("%s", ", ".join(f"{count:,} {kind}" for kind, count in counts.items()))
    return dict(counts)


def rows_of(
    genome: Genome, biome: str | None, first_contig: int, first_protein: int
) -> dict[str, list[dict[str, Any]]]:
    """Rows of a genome's genes, contigs and proteins, numbered from the first given."""
    contigs, genes = [], []
    for contig, (name, in_order) in enumerate(genome.contigs().items(), first_contig):
        about = {"name": name, "assembly": genome.name, "biome": biome, "genes": len(in_order)}
        contigs.append({"contig": contig, **about})
        genes += [
            {**vars(gene), "contig": contig, "rank": rank, "protein": first_protein + gene.protein}
            for rank, gene in enumerate(in_order)
        ]
    proteins = [
        {"protein": number, **vars(protein)}
        for number, protein in enumerate(genome.proteins, first_protein)
    ]
    return {"genes": genes, "contigs": contigs, "proteins": proteins}


def append(
    rows: Mapping[str, list[dict[str, Any]]], writers: Mapping[str, tables.TableWriter]
) -> None:
    """Write the rows that were gathered, and gather anew."""
    for kind, writer in writers.items():
        writer.write(pa.Table.from_pylist(rows[kind], writer.schema))
        rows[kind].clear()
