"""The nearest genes of a reference table, exactly, however large the table is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.neighbors import NearestNeighbors

from glm.application.output import check_same_model, open_embedded
from glm.errors import GlmError

Metric = Literal["cosine", "euclidean"]
ROWS_AT_A_TIME = 65536
NAMES = ["genome", "contig", "gene", "rank", "product"]
KEY = ["genome", "contig", "rank"]


def similar_genes(
    queries: Path,
    reference: Path,
    neighbours: int = 10,
    by: str = "contextual_embedding",
    metric: Metric = "cosine",
    genes: Sequence[str] = (),
) -> pd.DataFrame:
    """Nearest genes in `reference` of each gene in `queries`, both tables of `glm embed`.

    by: the column of embeddings. genes: names of the queries; none means all. Columns as in the
    table `similar_genes`. A gene is no neighbour of its own. Raises `GlmError` if the tables are
    of two models, a column is missing, or no query has such a name.
    """
    query_file, query_model = open_embedded(queries)
    reference_file, reference_model = open_embedded(reference)
    parts = ["protein_model"] if by == "protein_embedding" else []
    check_same_model(queries, query_model, reference, reference_model, *parts)
    for path, file in ((queries, query_file), (reference, reference_file)):
        if by not in file.schema_arrow.names:
            raise GlmError(f"{path}: has no column {by}; make it with glm embed and its option")
    asked = query_file.read(columns=[*NAMES, by])
    if genes:
        asked = asked.filter(pc.is_in(asked["gene"], pa.array(list(genes))))
        if not len(asked):
            raise GlmError(f"{queries}: no gene is called {', '.join(genes)}")
    vectors = matrix(asked[by])
    asked = asked.select(NAMES).to_pandas()
    kept = pd.DataFrame(columns=["query", "distance", *NAMES])
    for batch in reference_file.iter_batches(ROWS_AT_A_TIME, columns=[*NAMES, by]):
        table = pa.Table.from_batches([batch])
        found = nearest(vectors, matrix(table[by]), neighbours + 1, metric)
        names = table.select(NAMES).to_pandas().iloc[found["row"]].reset_index(drop=True)
        kept = best(pd.concat([kept, found.join(names)]), asked, neighbours)
    of_query = asked.iloc[kept["query"].astype(int)].reset_index(drop=True)
    place = kept.groupby("query").cumcount() + 1
    return kept.assign(
        place=place, **{f"query_{name}": of_query[name] for name in ("genome", "contig", "gene")}
    )


def matrix(column: pa.ChunkedArray) -> np.ndarray:
    """A column of vectors as (rows, features) float32."""
    whole = column.combine_chunks()
    chunk = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    return chunk.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1).astype("f4")


def nearest(queries: np.ndarray, rows: np.ndarray, neighbours: int, metric: Metric) -> pd.DataFrame:
    """The nearest of some rows to each query: query, row, distance."""
    count = min(neighbours, len(rows))
    index = NearestNeighbors(n_neighbors=count, algorithm="brute", metric=metric).fit(rows)
    distance, row = index.kneighbors(queries)
    return pd.DataFrame(
        {
            "query": np.repeat(np.arange(len(queries)), count),
            "row": row.ravel(),
            "distance": distance.ravel(),
        }
    )


def best(found: pd.DataFrame, asked: pd.DataFrame, neighbours: int) -> pd.DataFrame:
    """The nearest of what was found for each query, the query itself left out."""
    own = asked.loc[found["query"].astype(int), KEY].to_numpy()
    others = found[(found[KEY].to_numpy() != own).any(1)]
    ranked = others.sort_values(["query", "distance"], kind="stable")
    return ranked.groupby("query").head(neighbours).reset_index(drop=True)
