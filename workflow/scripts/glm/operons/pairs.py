"""Pairs of genes of a subcontig, and whether they are of one operon."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from glm.errors import GlmError

SILVER_GAP = 50
"""Silver standard: neighbours on the same strand with fewer than so many bases between them."""
SILVER = "silver standard (same strand, gap under 50 bp)"
MINIMUM_GENES = 2


def in_order(genes: pd.DataFrame) -> pd.DataFrame:
    """Genes by contig and rank, with the gap in bases to the gene before (nan for a first).

    The gap is negative where genes overlap.
    """
    genes = genes.sort_values(["contig", "rank"], ignore_index=True)
    before = genes["end"].shift().where(genes["contig"].eq(genes["contig"].shift()))
    return genes.assign(gap=genes["start"] - before - 1)


def silver_operons(genes: pd.DataFrame) -> np.ndarray:
    """Runs of neighbours on one strand with gaps under 50 bp, (genes,) int64; -1 for a lone gene.

    genes: as `in_order` returns them.
    """
    strand = genes["forward"].to_numpy(bool)
    joined = (genes["gap"] < SILVER_GAP).to_numpy() & np.append(False, strand[1:] == strand[:-1])
    run = np.cumsum(~joined) - 1
    size = np.bincount(run)[run] if len(run) else run
    return np.where(size >= MINIMUM_GENES, run, -1)


def listed_operons(
    genes: pd.DataFrame, operon_of: Mapping[int, str]
) -> tuple[np.ndarray, list[str]]:
    """Operons by a list: (genes,) int64 indices into the names, -1 for a gene of none.

    operon_of: operon by protein. A gene that its operon is alone with still counts as of that
    operon; it makes no pair.
    """
    names = sorted(set(operon_of.values()))
    place = {name: index for index, name in enumerate(names)}
    found = [place.get(operon_of.get(protein, ""), -1) for protein in genes["protein"]]
    return np.array(found, np.int64), names


def transcription_units(operon: np.ndarray) -> np.ndarray:
    """A label for each gene: its operon, or a number of its own where it has none.

    Intervals draw these: all pairs that start in one operon are drawn together.
    """
    lone = np.arange(len(operon)) + operon.max(initial=-1) + 1
    return np.where(operon >= 0, operon, lone)


def subcontig_pairs(
    subcontigs: pd.DataFrame, genes: pd.DataFrame, genes_per_stretch: int
) -> pd.DataFrame:
    """Every pair of genes of every subcontig, in the order in which attention is extracted.

    subcontigs: subcontig, contig, first_rank, protein (a list: its length counts). genes: with
    contig, rank, protein, forward, gap, operon and unit. Returns one row a pair: subcontig, first,
    second (places in the subcontig), first_gene, second_gene (rows of `genes`), neighbours,
    same_strand, gap (bases between neighbours, nan for others), same_operon, unit (of the first
    gene), and stretch: whole subcontigs that start within the same `genes_per_stretch` genes of
    their contig, so that two stretches share neither a gene nor a context. Raises `GlmError` if a
    subcontig's genes are not those of the genome.
    """
    row_of = pd.Series(
        np.arange(len(genes)), index=pd.MultiIndex.from_frame(genes[["contig", "rank"]])
    )
    parts = []
    for entry in subcontigs.itertuples():
        length = len(entry.protein)
        wanted = [(entry.contig, entry.first_rank + place) for place in range(length)]
        rows = row_of.reindex(wanted).to_numpy()
        if np.isnan(rows.astype(float)).any() or not np.array_equal(
            genes["protein"].to_numpy()[rows.astype(np.int64)], entry.protein
        ):
            raise GlmError(
                f"subcontig {entry.subcontig}: its genes are not those at rank {entry.first_rank} "
                f"of contig {entry.contig}; the subcontigs and the genes are of two runs"
            )
        first, second = np.triu_indices(length, k=1)
        parts.append(
            pd.DataFrame(
                {
                    "subcontig": entry.subcontig,
                    "stretch": f"{entry.contig}:{entry.first_rank // genes_per_stretch}",
                    "first": first,
                    "second": second,
                    "first_gene": rows.astype(np.int64)[first],
                    "second_gene": rows.astype(np.int64)[second],
                }
            )
        )
    if not parts:
        raise GlmError("no subcontig of this genome; were its contigs too short?")
    pairs = pd.concat(parts, ignore_index=True)
    one, other = pairs["first_gene"].to_numpy(), pairs["second_gene"].to_numpy()
    column = {name: genes[name].to_numpy() for name in ("forward", "gap", "operon", "unit")}
    neighbours = (pairs["second"] - pairs["first"]).to_numpy() == 1
    return pairs.assign(
        neighbours=neighbours,
        same_strand=column["forward"][one] == column["forward"][other],
        gap=np.where(neighbours, column["gap"][other], np.nan),
        same_operon=(column["operon"][one] == column["operon"][other])
        & (column["operon"][one] >= 0),
        unit=column["unit"][one],
    )
