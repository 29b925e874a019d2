"""What the taxonomic analysis gives to the scorecard (Figure 5)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.probes import EQUAL, NEAREST
from glm.scorecard_entries import LEARNED, Numbers
from glm.taxonomy.classification import LOGISTIC

PAPER_TASK = "class"


def numbers(
    contigs: pd.DataFrame, results: pd.DataFrame, task: str, of_refseq: bool
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`.

    task: the label's, class in the paper. of_refseq: whether the contigs are of RefSeq's genomes,
    as the paper's, or of the corpus.
    """
    reasons = [] if of_refseq else ["genomes of the corpus, not RefSeq's"]
    reasons += [] if task == PAPER_TASK else [f"the {task} is predicted, not the {PAPER_TASK}"]
    genomes = contigs.drop_duplicates("accession")
    viral = int((genomes["domain"] == "Viruses").sum())
    about = {"needs": LEARNED, "obstacle": "; ".join(reasons)}
    found = Numbers("taxonomy", n=len(contigs), unit="contigs", **about)
    found.add("prokaryotic_genomes", len(genomes) - viral)
    found.add("viral_genomes", viral)
    of_precision = results[results["measure"] == "average_precision"]
    by_key = of_precision.set_index(["task", "folds", "classifier", "features"]).sort_index()
    for kind, suffix in (("stratified", ""), ("grouped", "_grouped")):
        for told, name in ((task, ""), ("virus", "virus_")):
            if (told, kind) not in by_key.index:
                continue
            rows, note = by_key.loc[told, kind], f"{told} told apart, {kind} folds"
            key = f"{name}average_precision"
            for features in (CONTEXT_FREE, CONTEXTUALISED):
                row = rows.loc[LOGISTIC, features]
                found.add_row(f"{key}_{features.replace('-', '_')}{suffix}", row, note=note)
            found.add_row(f"{key}_gain{suffix}", row, "difference", note=note)
            equal, nearest = rows.loc[EQUAL, CONTEXTUALISED], rows.loc[NEAREST, CONTEXT_FREE]
            of_control = f"{key}_gain_at_equal_dimension{suffix}"
            found.add_row(of_control, equal, "difference", note=f"{EQUAL}; {note}")
            of_control = f"{key}_nearest_neighbours{suffix}"
            found.add_row(of_control, nearest, note=f"{NEAREST} on {CONTEXT_FREE}; {note}")
    return found
