from __future__ import annotations

import json

import pandas as pd

from glm.evaluation.summary import numbers


def test_accuracies_come_with_chance_and_their_margin() -> None:
    accuracy = pd.DataFrame(
        [
            (model, genes_of, measure, value, value - 0.02, value + 0.02, 4000)
            for genes_of in ("heldout", "reference")
            for model, measure, value in (
                ("glm", "pseudo_accuracy", 0.1),
                ("glm", "pseudo_accuracy_closest", 0.2),
                ("bilstm", "pseudo_accuracy", 0.05),
                ("baseline.chance", "pseudo_accuracy", 0.03),
                ("baseline.copy_neighbour", "pseudo_accuracy_closest", 0.06),
            )
        ],
        columns=["model", "genes_of", "measure", "value", "lower", "upper", "n"],
    )
    margins = pd.DataFrame(
        [("glm", "baseline.copy_neighbour", "reference", "pseudo_accuracy", 0.04, 5.0),
         ("glm", "bilstm", "reference", "pseudo_accuracy", 0.05, 6.0)],
        columns=["model", "other", "genes_of", "measure", "difference", "standard_errors"],
    )  # fmt: skip
    shares = ("glm", "look_up", "glm_alone", "look_up_alone")
    ends = [f"{what}{end}" for what in shares for end in ("", "_lower", "_upper")]
    memory = pd.DataFrame({"fifth": range(6), "n": 9, "nearest": 0.0, "furthest": 1.0})
    memory[["genes_of", "measure"]] = "reference", "pseudo_accuracy"
    memory[ends] = 0.1
    rows = {row["id"]: row for row in numbers(accuracy, margins, memory, "the biLSTM saw 0.10")}
    glm = rows["glm.reference_pseudo_accuracy"]
    assert (json.loads(glm["value"]), glm["chance"], glm["n"]) == (0.1, 0.03, 4000)
    assert glm["note"] == "+4.0 points against baseline.copy_neighbour, 5.0 standard errors"
    assert "reference genome" in glm["needs"]
    assert "reference genome" not in rows["glm.heldout_pseudo_accuracy"]["needs"]
    assert rows["bilstm.heldout_pseudo_accuracy"]["note"] == "the biLSTM saw 0.10"
    assert {
        "glm.heldout_pseudo_accuracy_closest", "baseline.chance", "baseline.chance_heldout",
        "baseline.copy_neighbour_closest", "baseline.copy_neighbour_heldout_closest",
        "memory.reference_pseudo_accuracy.glm_alone",
        "memory.reference_pseudo_accuracy.furthest_fifth.look_up",
    } <= set(rows)  # fmt: skip
