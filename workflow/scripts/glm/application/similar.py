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
QUERY_NAMES = ["genome", "contig", "gene", "rank", "locus_tag"]
NAMES = [*QUERY_NAMES, "product"]
KEY = ["genome", "contig", "rank"]
SHOWN = 10  # genes of one name, in the message


def similar_genes(
    queries: Path,
    reference: Path,
    neighbours: int = 10,
    by: str = "contextual_embedding",
    metric: Metric = "cosine",
    genes: Sequence[str] = (),
) -> pd.DataFrame:
    """Nearest genes in `reference` of each gene in `queries`, both tables of `glm embed`.

    by: the column of embeddings. genes: the queries, as `find_gene` takes them; none means all.
    Columns as in the table `similar_genes`. A gene is no neighbour of its own. Raises `GlmError` if
    the tables are of two models, a column is missing, or a query is not one gene.
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
        asked = asked.take(pa.array(sorted({find_gene(asked, name, queries) for name in genes})))
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
    return kept.assign(place=place, **{f"query_{name}": of_query[name] for name in QUERY_NAMES})


def find_gene(table: pa.Table, name: str, path: Path) -> int:
    """The row of a gene by its locus tag, as CONTIG:RANK or GENOME:CONTIG:RANK, or by its name.

    Raises `GlmError` if there is none, or listing those that there are if there are several.
    """
    place = pc.binary_join_element_wise(table["contig"], pc.cast(table["rank"], pa.string()), ":")
    in_genome = pc.binary_join_element_wise(table["genome"], place, ":")
    for names in (table["locus_tag"], place, in_genome, table["gene"]):
        rows = np.flatnonzero(pc.fill_null(pc.equal(names, name), False).to_numpy())
        if len(rows) == 1:
            return int(rows[0])
        if len(rows):
            found = table.select(QUERY_NAMES).take(pa.array(rows[:SHOWN])).to_pylist()
            listed = [
                f"{gene['genome']}:{gene['contig']}:{gene['rank']}"
                + (f" ({gene['locus_tag']})" if gene["locus_tag"] else "")
                for gene in found
            ]
            raise GlmError(
                f"{path}: {len(rows):,} genes are called {name}: {', '.join(listed)}"
                f"{', …' * (len(rows) > SHOWN)}; name one as GENOME:CONTIG:RANK, as CONTIG:RANK or "
                "by its locus tag"
            )
    raise GlmError(
        f"{path}: no gene is called {name}; it may be a name, a locus tag or CONTIG:RANK"
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
