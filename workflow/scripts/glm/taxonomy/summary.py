"""What the taxonomic analysis gives to the scorecard (Figure 5)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.scorecard_entries import number

UNIT = "contigs"


def numbers(
    contigs: pd.DataFrame, results: pd.DataFrame, task: str, genes: int, folds: int
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`; `task` is the label's, class in the paper."""
    genomes = contigs.drop_duplicates("accession")
    viral = int((genomes["domain"] == "Viruses").sum())
    n = len(contigs)
    rows = [
        number("taxonomy.prokaryotic_genomes", len(genomes) - viral, n=n, unit=UNIT),
        number("taxonomy.viral_genomes", viral, n=n, unit=UNIT),
        number("taxonomy.genes_per_contig", genes, n=n, unit=UNIT),
        number("taxonomy.folds", folds, n=n, unit=UNIT),
    ]
    by_key = results.set_index(["task", "folds", "features", "measure"]).sort_index()
    for kind, suffix in (("stratified", ""), ("grouped", "_grouped")):
        for told, name in ((task, ""), ("virus", "virus_")):
            if (told, kind, CONTEXTUALISED, "average_precision") not in by_key.index:
                continue
            note = f"{told} told apart, {kind} folds"
            for features in (CONTEXT_FREE, CONTEXTUALISED):
                row = by_key.loc[(told, kind, features, "average_precision")]
                word = features.replace("-", "_")
                key = f"taxonomy.{name}average_precision_{word}{suffix}"
                ends = row["lower"], row["upper"]
                rows.append(number(key, row["value"], ends, n=row["n"], unit=UNIT, note=note))
            key = f"taxonomy.{name}average_precision_gain{suffix}"
            ends = row["difference_lower"], row["difference_upper"]
            rows.append(number(key, row["difference"], ends, n=row["n"], unit=UNIT, note=note))
    return rows
