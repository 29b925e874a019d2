"""What the operon analysis gives to the scorecard (Figure 4A and C)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.operons.classification import judged, verdict
from glm.operons.features import ATTENTION, COMBINED, INPUTS, STRAND_DISTANCE
from glm.operons.heads import best
from glm.scorecard_entries import number

PAPER = "attention, as the paper"
ENDS = ["lower", "upper"]
ROWS = {
    "operons.logistic_regression_average_precision": (PAPER, "random"),
    "operons.logistic_regression_average_precision_by_stretch": (PAPER, "stretches"),
    "operons.attention_average_precision": (ATTENTION, "stretches"),
    "operons.untrained_average_precision": ("attention, untrained", "stretches"),
    "operons.embedding_pairs_and_strand_average_precision": (INPUTS, "stretches"),
    "operons.strand_and_distance_average_precision": (STRAND_DISTANCE, "stretches"),
    "operons.attention_distance_and_strand_average_precision": (COMBINED, "stretches"),
}


def numbers(
    heads: pd.DataFrame, comparison: pd.DataFrame, operons: int, labels: str
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`.

    The paper does not say whether r is over all pairs or neighbours: all pairs of a subcontig
    here, where 1 / distance has an r of its own; it stands beside.
    """
    by = f"labels: {labels}"
    everywhere = heads[heads["pairs"] == "all pairs"]
    trained = everywhere[everywhere["model"] == "trained"].reset_index(drop=True)
    strongest = best(trained)
    distance = everywhere[everywhere["model"] == "distance"].iloc[0]
    heads_count, pairs_count = len(trained), strongest["n"]
    rows = [
        number("operons.operons", operons, n=operons, unit="operons of two genes or more", note=by),
        number("operons.heads", heads_count, n=heads_count, unit="attention heads"),
        number("operons.best_head", strongest["name"], n=pairs_count, unit="gene pairs", note=by),
        number(
            "operons.best_head_pearson_r", strongest["r"], strongest[ENDS],
            n=strongest["n"], unit="gene pairs", note=by,
        ),
        number(
            "operons.distance_pearson_r", distance["r"], distance[ENDS],
            n=distance["n"], unit="gene pairs", note=f"1 / distance in genes alone; {by}",
        ),
    ]  # fmt: skip
    for name, (features, folds) in ROWS.items():
        found = comparison[(comparison["features"] == features) & (comparison["folds"] == folds)]
        if found.empty:
            continue
        row = found.iloc[0]
        note = f"{row['meaning']}; {by}"
        if "silver" in labels and "distance" in features:
            note += "; right by definition, since the labels are made of strand and distance"
        rows.append(
            number(
                name, row["average_precision"], row[ENDS],
                n=row["pairs"], unit="pairs of neighbouring genes", note=note,
            )
        )  # fmt: skip
    said, _, by_how_much = verdict(comparison, judged(labels), labels).partition(": ")
    pairs = int(comparison["pairs"].iloc[0])
    unit = "pairs of neighbouring genes"
    rows.append(number("operons.verdict", said, n=pairs, unit=unit, note=by_how_much))
    return rows
