"""What a training has given: where the model is, how good it is beside what needs none, and what to
do with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

BASELINES = {
    "baseline.nearest_context": "looking the context up",
    "baseline.copy_neighbour": "copying a neighbour",
    "baseline.chance": "chance",
}
OF = {"heldout": "held-out", "reference": "the reference genome's"}
FEW = 300  # masked genes: half of an interval is five points of a percentage and more
APART = 2  # standard errors of a paired difference


def verdict(accuracies: pd.DataFrame, margins: pd.DataFrame) -> list[str]:
    """A sentence for each set of genes on which the gLM was judged, those held out first.

    accuracies, margins: tables `accuracy` and `margins`; nothing is said of empty ones.
    """
    if accuracies.empty or margins.empty:
        return []
    rows = accuracies[accuracies.measure == "pseudo_accuracy"].set_index(["genes_of", "model"])
    differences = margins[(margins.measure == "pseudo_accuracy") & (margins.model == "glm")]
    by_other = differences.set_index(["genes_of", "other"])
    said = []
    for genes_of, called in OF.items():
        others = [name for name in BASELINES if (genes_of, name) in rows.index]
        if (genes_of, "glm") in rows.index and others:
            best = max(others, key=lambda name: rows.loc[(genes_of, name), "value"])
            own, other = rows.loc[(genes_of, "glm")], rows.loc[(genes_of, best)]
            said.append(sentence(called, own, other, best, by_other.loc[(genes_of, best)]))
    return said


def sentence(
    called: str,
    own: Mapping[str, Any],
    other: Mapping[str, Any],
    baseline: str,
    margin: Mapping[str, Any],
) -> str:
    """Of so many masked genes the gLM finds …, the best without it …, and what follows."""
    if int(own["n"]) < FEW:
        judged = "too few genes to say more; give it more genomes, or a larger validation_share"
    elif abs(margin["standard_errors"]) < APART:
        judged = "no clear difference"
    else:
        judged = "the gLM has learned more than that" if margin["difference"] > 0 else (
            "the gLM is worse: train longer, or on more genomes"
        )  # fmt: skip
    return (
        f"Of {int(own['n']):,} masked genes ({called}), chosen among those of their subcontig, the "
        f"gLM finds {100 * own['value']:.1f} % ({100 * own['lower']:.1f} to "
        f"{100 * own['upper']:.1f}), {BASELINES[baseline]} {100 * other['value']:.1f} %: {judged}."
    )


def next_commands(run: Path) -> list[str]:
    """What to do with the model of a run (results/<run>): commands, for a shell."""
    model = run / "glm"
    commands = [f"glm embed GENOME --model {model} --output genes.parquet"]
    if any((folder / "predictor.json").exists() for folder in (model, run / "operons")):
        commands.append(f"glm operons GENOME --model {model} --output operons.parquet")
    return [*commands, f"glm info {model}"]
