"""Windows around the focal genes of whole genomes (Figure 2E, F).

Methods, "McrA protein analysis": subcontigs hold the focal gene and at most 15 genes on each side.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from glm import tables
from glm.semantics.focal import FocalSet, search_queries


def focal_proteins(sets: Sequence[FocalSet], proteins: Path, **search: object) -> pd.DataFrame:
    """Proteins of the genomes that the sets mean: protein, set, found_by, identity; each once.

    Queries and words count; words are looked for in the genomes' own product names.
    """
    found = []
    if any(each.queries for each in sets):
        hits = search_queries(sets, proteins, tables.PROTEINS, "protein", **search)  # type: ignore[arg-type]
        found.append(hits.assign(found_by="query"))
    named = tables.read(proteins, tables.PROTEINS, ["protein", "product"]).combine_chunks()
    for each in sets:
        if each.words:
            chosen = named["protein"].filter(pa.array(each.matches(named["product"])))
            found.append(
                pd.DataFrame({"protein": chosen.to_numpy()}).assign(
                    set=each.name, found_by="word", identity=np.nan
                )
            )
    everything = pd.concat(found, ignore_index=True)
    return everything.drop_duplicates("protein").reset_index(drop=True)


def cut_windows(genes: pd.DataFrame, focal: pd.DataFrame, each_side: int) -> pd.DataFrame:
    """A window around each focal gene, cut at the ends of its contig.

    genes: sorted by contig and rank, with protein and forward. focal: of `focal_proteins`. Returns
    one row a window: contig, first_rank, rank (of the focal gene in it), set, found_by, identity,
    protein and forward as lists.
    """
    at = genes.reset_index(drop=True).reset_index(names="row").merge(focal, on="protein")
    contig = genes["contig"].to_numpy()
    begin = np.searchsorted(contig, at["contig"], "left")
    end = np.searchsorted(contig, at["contig"], "right")
    row = at["row"].to_numpy()
    first, last = np.maximum(begin, row - each_side), np.minimum(end, row + each_side + 1)
    protein, forward = genes["protein"].to_numpy(), genes["forward"].to_numpy()
    rank = genes["rank"].to_numpy()
    windows = at[["contig", "set", "found_by", "identity"]].assign(
        first_rank=rank[first],
        rank=row - first,
        protein=[protein[a:b] for a, b in zip(first, last, strict=True)],
        forward=[forward[a:b] for a, b in zip(first, last, strict=True)],
    )
    return windows.sort_values(["contig", "first_rank", "rank"]).reset_index(drop=True)


def representatives_of(windows: pd.DataFrame, proteins: Path) -> pd.DataFrame:
    """REPRESENTATIVES of the windows' proteins: each stands for itself, sorted by length."""
    needed = np.unique(np.concatenate(windows["protein"].to_list()))
    table = tables.read(proteins, tables.PROTEINS, ["protein", "sequence"]).to_pandas()
    kept = table[table["protein"].isin(needed)]
    kept = kept.assign(
        length=kept["sequence"].str.len(),
        sha256=[sha256(text.encode()).hexdigest() for text in kept["sequence"]],
    )
    kept = kept.sort_values(["length", "protein"], ignore_index=True)
    return kept.assign(representative=kept.index)
