"""What the taxonomic analysis gives to the scorecard (Figure 5)."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from glm.taxonomy.classification import CONTEXT, FREE

NEEDS = ["corpus", "protein model"]


def numbers(
    contigs: pd.DataFrame, results: pd.DataFrame, task: str, genes: int, folds: int
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`; `task` is the label's, class in the paper."""
    genomes = contigs.drop_duplicates("accession")
    viral = int((genomes["domain"] == "Viruses").sum())
    n = len(contigs)
    rows = [
        number("taxonomy.prokaryotic_genomes", len(genomes) - viral, n=n),
        number("taxonomy.viral_genomes", viral, n=n),
        number("taxonomy.genes_per_contig", genes, n=n),
        number("taxonomy.folds", folds, n=n),
    ]
    by_key = results.set_index(["task", "folds", "features", "measure"]).sort_index()
    for kind, suffix in (("stratified", ""), ("grouped", "_grouped")):
        for told, name in ((task, ""), ("virus", "virus_")):
            if (told, kind, CONTEXT, "average_precision") not in by_key.index:
                continue
            note = f"{told} told apart, {kind} folds"
            for features, word in ((FREE, "context_free"), (CONTEXT, "contextualised")):
                row = by_key.loc[(told, kind, features, "average_precision")]
                key = f"taxonomy.{name}average_precision_{word}{suffix}"
                rows.append(number(key, row["value"], row["lower"], row["upper"], row["n"], note))
            key = f"taxonomy.{name}average_precision_gain{suffix}"
            ends = row["difference_lower"], row["difference_upper"]
            rows.append(number(key, row["difference"], *ends, row["n"], note))
    return rows


def number(
    name: str,
    value: float,
    lower: float | None = None,
    upper: float | None = None,
    n: int = 0,
    note: str = "",
) -> dict[str, Any]:
    """One row."""
    plain = value.item() if hasattr(value, "item") else value
    return {
        "id": name,
        "value": json.dumps(plain),
        "lower": lower,
        "upper": upper,
        "n": int(n),
        "unit": "contigs",
        "needs": NEEDS,
        "tolerance": None,
        "note": note,
    }
