"""What the taxonomic analysis gives to the scorecard (Figure 5)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.scorecard_entries import Numbers


def numbers(
    contigs: pd.DataFrame, results: pd.DataFrame, task: str, genes: int, folds: int
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`; `task` is the label's, class in the paper."""
    genomes = contigs.drop_duplicates("accession")
    viral = int((genomes["domain"] == "Viruses").sum())
    found = Numbers("taxonomy", n=len(contigs), unit="contigs")
    found.add("prokaryotic_genomes", len(genomes) - viral)
    found.add("viral_genomes", viral)
    found.add("genes_per_contig", genes)
    found.add("folds", folds)
    by_key = results.set_index(["task", "folds", "features", "measure"]).sort_index()
    for kind, suffix in (("stratified", ""), ("grouped", "_grouped")):
        for told, name in ((task, ""), ("virus", "virus_")):
            if (told, kind, CONTEXTUALISED, "average_precision") not in by_key.index:
                continue
            note = f"{told} told apart, {kind} folds"
            for features in (CONTEXT_FREE, CONTEXTUALISED):
                row = by_key.loc[(told, kind, features, "average_precision")]
                key = f"{name}average_precision_{features.replace('-', '_')}{suffix}"
                found.add_row(key, row, note=note)
            gain = f"{name}average_precision_gain{suffix}"
            found.add_row(gain, row, "difference", note=note)
    return found
