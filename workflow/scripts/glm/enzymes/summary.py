"""What the enzyme analysis gives to the scorecard (Figure 3C, Extended Data 4)."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from glm.enzymes.analysis import ALONE, WITH_GLM
from glm.enzymes.examples import SHARES
from glm.scorecard_entries import Numbers

PAPER_REFERENCE = 'DEEPre "KNN dataset" searched with mmseqs2'
SETTING: dict[str, Any] = {"setting": True, "needs": (), "obstacle": ""}
SHOWN = 3  # classes that gain and that lose most
KINDS = {"plm": ALONE, "plm_glm": WITH_GLM}
MEASURES = {
    "validation_accuracy": "validation_accuracy",
    "accuracy": "test_accuracy",
    "micro_average_precision": "test_micro_average_precision",
    "best_epoch": "best_epoch",
}


def most_changed(classes: pd.DataFrame, minimum_test: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Classes of the paper's split that gain and that lose most F1, the largest change first.

    Only classes with at least `minimum_test` test proteins; ties go to the larger class.
    """
    paper = classes[(classes["split"] == "stratified") & (classes["test"] >= minimum_test)]
    ranked = paper.sort_values(["difference", "test"], ascending=[False, False], kind="stable")
    gains = ranked[ranked["difference"] > 0].head(SHOWN)
    losses = ranked[ranked["difference"] < 0].sort_values("difference", kind="stable").head(SHOWN)
    return gains, losses


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
    by, of_paper = f"reference: {reference}", re.search("deepre|knn", reference, re.IGNORECASE)
    obstacle = "" if of_paper else f"enzymes by {reference}, not by DEEPre's KNN dataset"
    n = len(examples)
    parts = examples["stratified"].value_counts()
    found = Numbers("enzyme_classes", n=n, unit="proteins", obstacle=obstacle)
    found.add("reference", PAPER_REFERENCE if of_paper else reference, **SETTING)
    found.add("assigned", about["assigned"], n=about["representatives"], note=by)
    found.add("proteins", n, note=by)
    found.add("classes", int(examples["ec"].nunique()), note=by)
    found.add("split", [round(float(parts.get(name, 0) / n), 2) for name in SHARES], **SETTING)
    for name, changed in zip(("gains", "losses"), most_changed(classes, minimum_test), strict=True):
        found.add(name, changed["ec"].tolist(), n=classes["test"].sum(), note=said(changed))
    by_key = results.set_index(["split", "classifier", "features", "measure"]).sort_index()
    for split, suffix in (("stratified", ""), ("apart", "_homologues_apart")):
        for kind, features in KINDS.items():
            for measure, name in MEASURES.items():
                row = by_key.loc[(split, "perceptron", features, measure)]
                note = f"mean of {row['seeds']:.0f} seeds; {by}"
                found.add_row(f"{name}{suffix}.{kind}", row, note=note)
                if kind == "plm_glm" and name.startswith("test"):
                    found.add_row(f"{name}{suffix}.gain", row, "difference", note=note)
    return found


def said(classes: pd.DataFrame) -> str:
    """Changes of F1 in words."""
    return "; ".join(
        f"{row.ec}: F1 {row.context_free:.2f} to {row.contextualised:.2f} ({row.test} tested)"
        for row in classes.itertuples()
    )
