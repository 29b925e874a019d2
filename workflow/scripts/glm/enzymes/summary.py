"""What the enzyme analysis gives to the scorecard (Figure 3C, Extended Data 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from glm.enzymes.analysis import ALONE, CLASSIFIERS, PERCEPTRON, WITH_GLM, WITH_NEIGHBOURS
from glm.enzymes.changes import (
    FALSE_DISCOVERIES,
    considered,
    how_chosen,
    largest_ratio,
    most_changed,
    said,
)
from glm.enzymes.examples import SHARES
from glm.scorecard_entries import Numbers

PAPER_REFERENCE = 'DEEPre "KNN dataset" searched with mmseqs2'
SETTING: dict[str, Any] = {"setting": True, "needs": (), "obstacle": ""}
KINDS = {"plm": ALONE, "plm_glm": WITH_GLM}
MEASURES = {
    "validation_accuracy": "validation_accuracy",
    "accuracy": "test_accuracy",
    "micro_average_precision": "test_micro_average_precision",
    "best_epoch": "best_epoch",
}


def numbers(
    results: pd.DataFrame,
    classes: pd.DataFrame,
    examples: pd.DataFrame,
    minimum_test: int,
    about: dict[str, Any],
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`.

    about: assigned (share of the representatives with an EC number), representatives, subcontigs
    and reference.
    """
    reference = str(about["reference"])
    by, of_paper = f"reference: {reference}", "deepre" in Path(reference).name.lower()
    obstacle = "" if of_paper else f"enzymes by {reference}, not by DEEPre's KNN dataset"
    n = len(examples)
    parts = examples["stratified"].value_counts()
    found = Numbers("enzyme_classes", n=n, unit="proteins", obstacle=obstacle)
    found.add("reference", PAPER_REFERENCE if of_paper else reference, **SETTING)
    found.add("assigned", about["assigned"], n=about["representatives"], note=by)
    found.add("proteins", n, note=by)
    found.add("classes", int(examples["ec"].nunique()), note=by)
    shown = considered(classes, minimum_test)
    of_classes: dict[str, Any] = {"n": len(shown), "unit": "enzyme classes"}
    dealt = ", ".join(f"{parts.get(name, 0) / n:.3f}" for name in SHARES)
    found.add("split", [*SHARES.values()], **SETTING, note=f"of {n:,} proteins {dealt}")
    for name, changed in zip(("gains", "losses"), most_changed(shown), strict=True):
        note = "; ".join(filter(None, [said(changed), how_chosen(shown)]))
        found.add(name, changed["ec"].tolist(), **of_classes, note=note)
    if (largest := largest_ratio(shown)) is not None:
        note = f"{said(largest.to_frame().T)}; {how_chosen(shown)}"
        ends = largest["ratio_lower"], largest["ratio_upper"]
        found.add("largest_f1_ratio", largest["ratio"], ends, chance=1.0, **of_classes, note=note)
    changed = int((shown["adjusted_p"] <= FALSE_DISCOVERIES).sum())
    note = f"at a false-discovery rate of {FALSE_DISCOVERIES:.0%}"
    found.add("classes_changed", changed, **of_classes, note=note)
    by_key = results.set_index(["split", "classifier", "features", "measure"]).sort_index()
    for split, suffix in (("stratified", ""), ("apart", "_homologues_apart")):
        for kind, features in KINDS.items():
            for measure, name in MEASURES.items():
                row = by_key.loc[(split, PERCEPTRON, features, measure)]
                note = f"mean of {row['seeds']:.0f} seeds; {by}"
                found.add_row(f"{name}{suffix}.{kind}", row, note=note)
                if kind == "plm_glm" and name.startswith("test"):
                    found.add_row(f"{name}{suffix}.gain", row, "difference", note=note)
        for classifier in CLASSIFIERS[1:]:
            add_control(found, by_key.loc[split, classifier], f"{classifier}{suffix}", by)
        neighbours = by_key.loc[(split, PERCEPTRON, WITH_NEIGHBOURS, "accuracy")]
        found.add_row(f"test_accuracy{suffix}.plm_neighbours", neighbours, note=by)
    return found


def add_control(found: Numbers, rows: pd.DataFrame, name: str, by: str) -> None:
    """Accuracy of another classifier without context, and its gain by the gLM.

    rows: by features and measure.
    """
    key = f"test_accuracy_{name}".replace(" ", "_").replace(",", "")
    found.add_row(f"{key}.plm", rows.loc[ALONE, "accuracy"], note=by)
    found.add_row(f"{key}.gain", rows.loc[WITH_GLM, "accuracy"], "difference", note=by)
