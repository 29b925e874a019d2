"""Example operons: which ones are drawn, and what is known of their genes (Figure 4B)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

FLANK = 3  # genes on either side
FEWEST_GENES, MOST_GENES = 3, 10  # operons of two are taken where there are no larger ones


class Example(NamedTuple):
    """An operon with the genes around it; values between neighbours, (genes - 1,) each.

    genes: rows of operon_genes, with their symbols. truth: one operon or not. attention: of the
    best head. probability: out of fold, by the paper's classifier.
    """

    name: str
    genes: pd.DataFrame
    truth: np.ndarray
    attention: np.ndarray
    probability: np.ndarray


def choose(
    genes: pd.DataFrame, neighbours: pd.DataFrame, head: np.ndarray, score: np.ndarray,
    count: int, seed: int,
) -> list[Example]:  # fmt: skip
    """Random operons that lie within one subcontig.

    genes: operon_genes, and their symbols. neighbours: rows of gene_pairs. head, score:
    (neighbours,), the best head's attention and the out-of-fold probability. An operon has 3 to 10
    genes, or 2 where none has more; the genes around it are of the same subcontig. Returns fewer
    where there are fewer.
    """
    inside = neighbours[neighbours["same_operon"]]
    found = inside.groupby("unit").agg(
        pairs=("unit", "size"),
        subcontigs=("subcontig", "nunique"),
        subcontig=("subcontig", "first"),
        first=("first", "min"),
    )
    whole = genes[genes["operon"] >= 0].groupby("operon").size()
    found = found[
        (found["subcontigs"] == 1)
        & (found["pairs"] + 1 == whole.reindex(found.index))
        & (found["pairs"] < MOST_GENES)
    ]
    larger = found[found["pairs"] >= FEWEST_GENES - 1]
    found = larger if len(larger) else found
    chosen = found.sample(min(count, len(found)), random_state=seed).sort_index()
    examples = []
    for operon in chosen.itertuples():
        near = (
            (neighbours["subcontig"] == operon.subcontig)
            & (neighbours["first"] >= operon.first - FLANK)
            & (neighbours["first"] < operon.first + operon.pairs + FLANK)
        ).to_numpy()
        rows = neighbours[near]
        members = genes.loc[[*rows["first_gene"], rows["second_gene"].iloc[-1]]]
        names = genes.loc[genes["operon"] == operon.Index, "operon_name"]
        examples.append(
            Example(names.iloc[0], members, rows["same_operon"].to_numpy(), head[near], score[near])
        )
    return examples
