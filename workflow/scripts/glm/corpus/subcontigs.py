"""Contigs cut into subcontigs: windows of 30 genes, each gene as its representative's number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glm import logs, tables
from glm.corpus.rows import whole_contigs
from glm.errors import GlmError

UNMAPPED = -1
"""In place of a representative: the gene gets the vector of ones."""


def window_bounds(
    contig: np.ndarray, rank: np.ndarray, minimum_genes: int, maximum_genes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Begins and lengths of the kept windows among whole contigs' genes, sorted by contig, rank.

    A contig is cut from its first gene on into non-overlapping windows of `maximum_genes`; its
    last one is shorter, and windows under `minimum_genes` are dropped (Methods, Sequence database).
    """
    window = rank // maximum_genes
    begins = np.flatnonzero(
        np.concatenate([[True], (np.diff(contig) != 0) | (np.diff(window) != 0)])
    )
    lengths = np.diff(begins, append=len(contig))
    kept = lengths >= minimum_genes
    return begins[kept], lengths[kept]


def representative_of(clusters: pa.Array, proteins: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Representative numbers (int32) of clusters; UNMAPPED for null and for what has no sequence.

    `proteins` (sorted) and `numbers` are the representatives' proteins and their numbers.
    """
    wanted = pc.fill_null(clusters, -1).to_numpy()
    place = np.searchsorted(proteins, wanted).clip(max=len(proteins) - 1)
    return np.where(proteins[place] == wanted, numbers[place], UNMAPPED).astype(np.int32)


def long_contigs(contigs: Path, minimum_genes: int) -> pa.Table:
    """Contig, assembly and biome of the contigs that are long enough, sorted by contig."""
    file = tables.open_file(contigs, tables.CONTIGS)
    columns = ["contig", "assembly", "biome"]
    long = [
        pa.Table.from_batches([batch.filter(pc.greater_equal(batch["genes"], minimum_genes))])
        for batch in file.iter_batches(columns=[*columns, "genes"])
    ]
    names = pa.concat_tables(long) if long else file.schema_arrow.empty_table()
    return names.select(columns).sort_by("contig").combine_chunks()


def write_subcontigs(
    mapped_genes: Path,
    contigs: Path,
    representatives: Path,
    output: Path,
    stamp: Mapping[str, Any],
    *,
    minimum_genes: int,
    maximum_genes: int,
) -> dict[str, int]:
    """Cut contigs into subcontigs, and write them in the order of contigs.

    Reads genes batch by batch; in memory are 12 bytes a representative and what is known of the
    contigs that are long enough. Raises `GlmError` if there is no subcontig.
    """
    if minimum_genes > maximum_genes:
        raise GlmError(
            f"corpus: minimum_genes ({minimum_genes}) is over maximum_genes ({maximum_genes})"
        )
    table = tables.read(representatives, tables.REPRESENTATIVES, ["representative", "protein"])
    proteins, numbers = table["protein"].to_numpy(), table["representative"].to_numpy()
    order = np.argsort(proteins)
    proteins, numbers = proteins[order], numbers[order]
    names = long_contigs(contigs, minimum_genes)
    name_keys = names["contig"].to_numpy()
    counts = dict.fromkeys(
        ("subcontigs", "genes", "genes_without_representative", "genes_in_windows_too_short"), 0
    )
    source = tables.open_file(mapped_genes, tables.MAPPED_GENES)
    with (
        tables.TableWriter(output, tables.SUBCONTIGS, stamp) as writer,
        logs.progress_bar(source.metadata.num_rows, "genes") as bar,
    ):
        for genes in whole_contigs(source.iter_batches()):
            contig, rank = genes["contig"].to_numpy(), genes["rank"].to_numpy()
            begins, lengths = window_bounds(contig, rank, minimum_genes, maximum_genes)
            inside = np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
            inside += np.arange(lengths.sum())
            offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
            kept = genes.take(pa.array(inside)).combine_chunks()
            numbered = representative_of(column(kept, "cluster"), proteins, numbers)
            named = names.take(pa.array(np.searchsorted(name_keys, contig[begins])))
            first = counts["subcontigs"]
            writer.write(
                pa.table(
                    {
                        "subcontig": np.arange(first, first + len(begins)),
                        "contig": contig[begins],
                        "first_rank": rank[begins],
                        "assembly": named["assembly"],
                        "biome": named["biome"],
                        "representative": pa.ListArray.from_arrays(offsets, pa.array(numbered)),
                        "forward": pa.ListArray.from_arrays(offsets, column(kept, "forward")),
                        "protein": pa.ListArray.from_arrays(offsets, column(kept, "protein")),
                    }
                )
            )
            counts["subcontigs"] += len(begins)
            counts["genes"] += len(kept)
            counts["genes_without_representative"] += int((numbered == UNMAPPED).sum())
            counts["genes_in_windows_too_short"] += len(genes) - len(kept)
            bar.update(len(genes))
        if not counts["subcontigs"]:
            raise GlmError(f"{mapped_genes}: no contig has {minimum_genes} genes in a row")
        writer.counts = counts
    return counts


def column(table: pa.Table, name: str) -> pa.Array:
    """A column of a table as one array."""
    chunks = table[name].combine_chunks()
    return chunks.chunk(0) if isinstance(chunks, pa.ChunkedArray) else chunks
