"""What the enzyme analysis gives to the scorecard (Figure 3C, Extended Data 4)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from glm.enzymes.analysis import ALONE, WITH_GLM
from glm.enzymes.examples import SHARES

NEEDS = ["corpus", "protein model"]
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
    note = f"reference: {about['reference']}"
    n = len(examples)
    parts = examples["stratified"].value_counts()
    gains, losses = most_changed(classes, minimum_test)
    told = [
        ("reference", about["reference"], n, ""),
        ("assigned", about["assigned"], about["representatives"], note),
        ("subcontigs_sampled", about["subcontigs"], about["subcontigs"], ""),
        ("proteins", n, n, note),
        ("classes", int(examples["ec"].nunique()), n, note),
        ("split", [round(float(parts.get(name, 0) / n), 3) for name in SHARES], n, ""),
        ("gains", gains["ec"].tolist(), int(classes["test"].sum()), said(gains)),
        ("losses", losses["ec"].tolist(), int(classes["test"].sum()), said(losses)),
    ]
    rows = [number(f"enzyme_classes.{name}", value, n=n, note=x) for name, value, n, x in told]
    by_key = results.set_index(["split", "classifier", "features", "measure"]).sort_index()
    for split, suffix in (("stratified", ""), ("apart", "_homologues_apart")):
        for kind, features in KINDS.items():
            for measure, name in MEASURES.items():
                chosen = (split, "perceptron", features, measure)
                found = by_key.loc[chosen]
                rows.append(
                    number(
                        f"enzyme_classes.{name}{suffix}.{kind}", found["value"], found,
                        n=found["n"], note=f"mean of {found['seeds']} seeds; {note}",
                    )
                )  # fmt: skip
    return rows


def said(classes: pd.DataFrame) -> str:
    """Changes of F1 in words."""
    return "; ".join(
        f"{row.ec}: F1 {row.context_free:.2f} to {row.contextualised:.2f} ({row.test} tested)"
        for row in classes.itertuples()
    )


def number(name: str, value: Any, ends: Any = None, *, n: int, note: str) -> dict[str, Any]:
    """One row; `ends` has lower and upper, which may be missing."""
    plain = value.item() if hasattr(value, "item") else value
    lower, upper = (None, None) if ends is None else (ends["lower"], ends["upper"])
    return {
        "id": name,
        "value": json.dumps(plain),
        "lower": None if lower is None or np.isnan(lower) else float(lower),
        "upper": None if upper is None or np.isnan(upper) else float(upper),
        "n": int(n),
        "unit": "subcontigs" if "subcontigs" in name else "proteins",
        "needs": NEEDS,
        "tolerance": None,
        "note": note,
    }
