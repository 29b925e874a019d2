"""What the evaluation gives to the scorecard: accuracies, and what the gLM finds beyond a look-up.

The id without suffix is the most likely prediction, what a user of the model gets; `_closest` is
the reading of the paper's number. A baseline's id without suffix is of K-12 in its subcontigs.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from glm.evaluation.memory import FIFTHS, WHOLE
from glm.scorecard_entries import LEARNED, REFERENCE, Numbers

COPIED = "baseline.copy_neighbour"
CLOSEST = "_closest"
OF_BASELINES = {
    ("reference", "pseudo_accuracy"): "",
    ("heldout", "pseudo_accuracy"): "_heldout",
    ("reference", "absolute_accuracy"): "_absolute",
}
SHOWN = {
    WHOLE: ("", ("glm_alone", "look_up_alone")),
    1: (".nearest_fifth", ("glm", "look_up")),
    FIFTHS: (".furthest_fifth", ("glm", "look_up")),
}


def numbers(
    accuracy: pd.DataFrame, margins: pd.DataFrame, memory: pd.DataFrame, budget: str
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`.

    budget: what share of the gLM's training the biLSTM had, in words; empty without a biLSTM.
    """
    by_key = accuracy.set_index(["model", "genes_of", "measure"])
    copied = margins[margins["other"] == COPIED].set_index(["model", "genes_of", "measure"])
    rows: list[dict[str, Any]] = []
    for key, row in by_key.iterrows():
        model, genes_of, measure = key
        kind = measure.removesuffix(CLOSEST)
        if not model.startswith("baseline."):
            prefix, name = model, f"{genes_of}_{measure}"
        else:
            reading = measure.removeprefix(kind)
            prefix, name = "baseline", model.removeprefix("baseline.")
            name += f"{OF_BASELINES[genes_of, kind]}{reading}"
        notes = [budget] if model == "bilstm" and budget else []
        if key in copied.index:
            margin = copied.loc[key]
            notes.append(
                f"{100 * margin['difference']:+.1f} points against {COPIED}, "
                f"{margin['standard_errors']:.1f} standard errors"
            )
        chance = by_key.loc[("baseline.chance", genes_of, kind), "value"]
        needs = (*LEARNED, REFERENCE) if genes_of == "reference" else LEARNED
        found = Numbers(prefix, n=row["n"], unit="masked genes", chance=chance, needs=needs)
        found.add_row(name, row, note="; ".join(notes))
        rows += found
    return rows + memory_numbers(memory)


def memory_numbers(memory: pd.DataFrame) -> list[dict[str, Any]]:
    """What each finds alone, and near to and far from training."""
    found = Numbers("memory", n=0, unit="masked genes")
    for row in memory.to_dict("records"):
        where, shown = SHOWN.get(row["fifth"], ("", ()))
        note = f"distance to training {row['nearest']:.3g} to {row['furthest']:.3g}"
        for what in shown:
            name = f"{row['genes_of']}_{row['measure']}{where}.{what}"
            ends = row[f"{what}_lower"], row[f"{what}_upper"]
            found.add(name, row[what], ends, n=row["n"], note=note)
    return found
