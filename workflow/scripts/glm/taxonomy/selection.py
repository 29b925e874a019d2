"""Which of RefSeq's genomes a corpus is made of: one a genus or a family, and how many."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

COMPLETE = ("Complete Genome", "Chromosome")


def select(
    genomes: pd.DataFrame, one_per: str | None, number: int | None, seed: int
) -> pd.DataFrame:
    """Some rows of `TAXONOMY_GENOMES`: one of each genus or family, `number` of these at random.

    one_per: column that no two of the chosen share; genomes without it are left out, and logged. Of
    one taxon a complete genome is preferred, whose contigs are long. The same seed chooses of
    `number` genomes the first of those that it chooses of more: runs of several sizes are nested.
    """
    order = np.random.default_rng(seed).permutation(len(genomes))
    chosen = genomes.iloc[order]
    if one_per is not None:
        named = chosen.dropna(subset=[one_per])
        logging.info("without a %s, left out: %s", one_per, f"{len(chosen) - len(named):,}")
        rank = (~named["level"].isin(COMPLETE)).to_numpy()
        best_first = named.iloc[np.argsort(rank, kind="stable")]
        chosen = named.loc[named.index.isin(best_first.drop_duplicates(one_per).index)]
    found = chosen if number is None else chosen.head(number)
    if number is not None and len(found) < number:
        logging.warning("%s genomes were asked for, there are %s", f"{number:,}", f"{len(found):,}")
    return found.assign(genome=range(len(found)))
