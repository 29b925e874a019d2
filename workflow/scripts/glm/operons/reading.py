"""Reading what the operon rules share: a genome's genes, its pairs, their attention."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from glm import tables
from glm.errors import GlmError

if TYPE_CHECKING:
    from glm.data.genes import Genes  # which takes torch along

KEYS = ["subcontig", "first", "second"]


class Attention(NamedTuple):
    """Pairs and their attention, (pairs, layers x heads) float32, and where it comes from."""

    keys: pd.DataFrame
    values: np.ndarray
    layers: int
    heads: int
    model: str


def read_genome(
    genes: Path, contigs: Path, subcontigs: Path, assembly: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Genes and subcontigs of one assembly of a corpus (None: of all of it).

    Raises `GlmError` if the corpus has no such assembly.
    """
    wanted = None
    if assembly is not None:
        named = tables.read(contigs, tables.CONTIGS, ["contig", "assembly"]).to_pandas()
        numbers = named.loc[named["assembly"] == assembly, "contig"].tolist()
        if not numbers:
            few = ", ".join(sorted(named["assembly"].dropna().unique())[:5])
            raise GlmError(f"{contigs}: no assembly {assembly!r}; it has {few}, …")
        wanted = ds.field("contig").isin(numbers)
    tables.check_whole(genes, tables.GENES)
    tables.check_whole(subcontigs, tables.SUBCONTIGS)
    columns = ["contig", "rank", "protein", "start", "end", "forward"]
    found = ds.dataset(genes).to_table(columns=columns, filter=wanted).to_pandas()
    cut = ds.dataset(subcontigs).to_table(filter=wanted).to_pandas().sort_values("subcontig")
    return found, cut.reset_index(drop=True)


def read_attention(paths: Sequence[Path]) -> Attention:
    """Attention of all shards, in order of subcontig and pair.

    Raises `GlmError` if the shards are of several models.
    """
    keys, values, about = [], [], []
    for path in sorted(paths, key=lambda path: int(path.stem)):
        keys.append(tables.read(path, tables.ATTENTION, KEYS).to_pandas())
        values.append(tables.read_vectors(path, tables.ATTENTION, "attention"))
        given: dict[str, Any] = tables.read_stamp(path)["parameters"]
        about.append((given["layers"], given["heads"], given["model"]))
    if len(set(about)) != 1:
        raise GlmError(f"{paths[0].parent}: its shards are of several models; remove the folder")
    merged = pd.concat(keys, ignore_index=True)
    order = merged.sort_values(KEYS).index.to_numpy()
    return Attention(
        merged.loc[order].reset_index(drop=True), np.concatenate(values)[order], *about[0]
    )


def read_pairs(path: Path) -> tuple[pd.DataFrame, str]:
    """Labelled pairs in order of subcontig and pair, and what they are labelled by."""
    pairs = tables.read(path, tables.GENE_PAIRS).to_pandas().sort_values(KEYS, ignore_index=True)
    return pairs, str(tables.read_stamp(path)["parameters"]["labels"])


def read_couplings(path: Path) -> pd.DataFrame:
    """Rows of COUPLINGS in order of subcontig and pair."""
    read = tables.read(path, tables.COUPLINGS).to_pandas()
    return read.sort_values(KEYS, ignore_index=True)


def check_same_pairs(pairs: pd.DataFrame, read: pd.DataFrame, path: Path) -> None:
    """Raise `GlmError` unless what a gLM read and labels are of the same pairs in the same order.

    read: with the columns `KEYS`.
    """
    if not np.array_equal(pairs[KEYS].to_numpy(np.int64), read[KEYS].to_numpy(np.int64)):
        raise GlmError(
            f"{path}: its {len(pairs):,} pairs are not the {len(read):,} that the gLM read for "
            "attention or couplings; remove both and run again"
        )


def neighbour_embeddings(pairs: pd.DataFrame, genes: Genes) -> tuple[np.ndarray, np.ndarray]:
    """Standardised context-free embeddings of both genes of some pairs, (pairs, D) each, as the
    gLM reads them."""
    place = pd.Index(genes.corpus.subcontig).get_indexer(pairs["subcontig"])
    begins = genes.corpus.offsets[place]
    first, second = (
        genes.standardised(begins + pairs[side].to_numpy()).numpy().astype(float)
        for side in ("first", "second")
    )
    return first, second


def names_of(proteins: Path | None, present: pd.Series) -> list[dict[str, Any]]:
    """What the proteins of a genome are called; by their numbers where there is no table."""
    if proteins is None or not pq.read_metadata(proteins).num_rows:
        return [
            {"protein": number, "symbol": "", "locus_tag": "", "accession": str(number)}
            for number in present.unique().tolist()
        ]
    columns = ["protein", "symbol", "locus_tag", "accession"]
    table = tables.read(proteins, tables.PROTEINS, columns).to_pandas()
    kept = table[table["protein"].isin(present.unique())]
    return kept.fillna(dict.fromkeys(columns[1:], "")).to_dict("records")
