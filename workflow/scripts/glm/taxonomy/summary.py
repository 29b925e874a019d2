"""What the taxonomic analysis gives to the scorecard (Figure 5)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.scorecard_entries import LEARNED, Numbers

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
