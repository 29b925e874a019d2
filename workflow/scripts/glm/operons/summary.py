"""What the operon analysis gives to the scorecard (Figure 4A and C)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.operons.classification import judged, verdict
from glm.operons.features import ATTENTION, COMBINED, COUPLING, INPUTS, PAPER, STRAND_DISTANCE
from glm.operons.heads import best, of_trained
from glm.scorecard_entries import LEARNED, REFERENCE, Numbers

PAPER_LABELS = ("RegulonDB", "the published gLM's operons")
ROWS = {
    "logistic_regression_average_precision": (PAPER, "random"),
    "logistic_regression_average_precision_by_stretch": (PAPER, "stretches"),
    "attention_average_precision": (ATTENTION, "stretches"),
    "untrained_average_precision": ("attention, untrained", "stretches"),
    "coupling_average_precision": (COUPLING, "stretches"),
    "coupling_signed_average_precision": (f"{COUPLING}, signed", "stretches"),
    "coupling_not_corrected_average_precision": (f"{COUPLING}, not corrected", "stretches"),
    "embedding_pairs_and_strand_average_precision": (INPUTS, "stretches"),
    "strand_and_distance_average_precision": (STRAND_DISTANCE, "stretches"),
    "attention_distance_and_strand_average_precision": (COMBINED, "stretches"),
}


def numbers(
    heads: pd.DataFrame, comparison: pd.DataFrame, operons: int, labels: str
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`.

    The paper does not say whether r is over all pairs or neighbours: all pairs of a subcontig
    here, where 1 / distance has an r of its own; it stands beside.
    """
    by = f"labels: {labels}"
    trained = of_trained(heads)
    strongest = best(trained)
    chosen = best(trained, "chosen_by")
    distance = heads[(heads["model"] == "distance") & (heads["pairs"] == "all pairs")].iloc[0]
    of_paper = any(source in labels for source in PAPER_LABELS)
    obstacle = "" if of_paper else f"labels are {labels}, not RegulonDB's operons"
    about = {"note": by, "obstacle": obstacle, "needs": (*LEARNED, REFERENCE)}
    found = Numbers("operons", n=strongest["n"], unit="gene pairs", **about)
    found.add("operons", operons, n=operons, unit="operons of two genes or more")
    found.add("heads", len(trained), setting=True, needs=(), obstacle="", note="")
    found.add("best_head", strongest["name"])
    found.add_row("best_head_pearson_r", strongest, "r")
    found.add_row(
        "best_head_pearson_r_on_other_half",
        chosen,
        "other_half",
        n=chosen["other_half_n"],
        note=f"{chosen['name']} is the best on every other stretch of the genome, and has this r "
        f"on the rest; {by}",
    )
    of_distance = f"1 / distance in genes alone; {by}"
    found.add_row("distance_pearson_r", distance, "r", note=of_distance)
    neighbours = {"n": comparison["pairs"].iloc[0], "unit": "pairs of neighbouring genes"}
    by_key = comparison.set_index(["features", "folds"])
    if (nothing := ("none", "random")) in by_key.index:
        neighbours["chance"] = by_key.loc[nothing, "average_precision"]
    for name, key in ROWS.items():
        if key not in by_key.index:
            continue
        row = by_key.loc[key]
        note = f"{row['meaning']}; {by}"
        if "silver" in labels and "distance" in key[0]:
            note += "; right by definition, since the labels are made of strand and distance"
        found.add_row(name, row, "average_precision", **neighbours, note=note)
    said, _, by_how_much = verdict(comparison, judged(labels), labels).partition(": ")
    found.add("verdict", said, **neighbours, note=by_how_much)
    return found
