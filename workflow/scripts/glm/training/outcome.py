"""What a training has given: where the model is, how good it is beside what needs none, and what to
do with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glm import tables
from glm.errors import NotRunError
from glm.evaluation.accuracies import read_evaluation
from glm.model.directory import PREDICTOR
from glm.training.summary import metrics_of

BASELINES = {
    "baseline.nearest_context": "looking the context up",
    "baseline.copy_neighbour": "copying a neighbour",
    "baseline.chance": "chance",
}
OF = {"heldout": "held-out", "reference": "the reference genome's"}
FEW = 300  # masked genes: half of an interval is five points of a percentage and more
APART = 2  # standard errors of a paired difference
LAST, RISE = 0.25, 0.01  # of the steps; of the accuracy
EVALUATION = (tables.ACCURACY, tables.MARGINS)


def verdict(run: Path) -> list[str]:
    """A sentence for each set of genes on which the gLM of a run (results/<run>) was judged, those
    held out first; none before its evaluation."""
    accuracies, margins = (read_evaluation(run / "evaluation", each) for each in EVALUATION)
    if accuracies.empty or margins.empty:
        return []
    more = "longer training, or " if still_rises(run) else ""
    rows = accuracies[accuracies.measure == "pseudo_accuracy"].set_index(["genes_of", "model"])
    differences = margins[(margins.measure == "pseudo_accuracy") & (margins.model == "glm")]
    by_other = differences.set_index(["genes_of", "other"])
    said = []
    for genes_of, called in OF.items():
        others = [name for name in BASELINES if (genes_of, name) in rows.index]
        if (genes_of, "glm") in rows.index and others:
            best = max(others, key=lambda name: rows.loc[(genes_of, name), "value"])
            found = {name: rows.loc[(genes_of, name), "value"] for name in others}
            own, margin = rows.loc[(genes_of, "glm")], by_other.loc[(genes_of, best)]
            said.append(sentence(called, own, found, best, margin, more))
    return said


def still_rises(run: Path) -> bool:
    """Whether the last quarter of a training's steps found more of the held-out genes."""
    try:
        rows = metrics_of(run, "glm")
    except NotRunError:
        return False
    held_out = rows[rows["split"] == "validation"].dropna(subset=["pseudo_accuracy"])
    found = held_out.set_index("step")["pseudo_accuracy"].sort_index()
    before = found[found.index <= (1 - LAST) * found.index.max()]
    return bool(len(before) and found.iloc[-1] > before.iloc[-1] + RISE)


def sentence(
    called: str,
    own: Mapping[str, Any],
    others: Mapping[str, float],
    best: str,
    margin: Mapping[str, Any],
    more: str,
) -> str:
    """Of so many masked genes the gLM finds …, what needs none …, and what follows.

    others: what each baseline finds. best: the one that `margin` is over. more: what would help a
    gLM that is worse, beside more genomes.
    """
    if int(own["n"]) < FEW:
        judged = "too few genes to say more; give it more genomes, or a larger validation_share"
    elif abs(margin["standard_errors"]) < APART:
        judged = "no clear difference"
    else:
        judged = "the gLM has learned more than that" if margin["difference"] > 0 else (
            f"the gLM is worse than {BASELINES[best]}: {more}more genomes would help"
        )  # fmt: skip
    without = ", ".join(f"{BASELINES[name]} {100 * value:.1f} %" for name, value in others.items())
    return (
        f"Of {int(own['n']):,} masked genes ({called}), chosen among those of their subcontig, the "
        f"gLM finds {100 * own['value']:.1f} % ({100 * own['lower']:.1f} to "
        f"{100 * own['upper']:.1f}), {without}: {judged}."
    )


def next_commands(run: Path) -> list[str]:
    """What to do with the model of a run (results/<run>): commands, for a shell."""
    model = run / "glm"
    commands = [f"glm embed GENOME --model {model} --output genes.parquet"]
    if any((folder / PREDICTOR).exists() for folder in (model, run / "operons")):
        commands.append(f"glm operons GENOME --model {model} --output operons.parquet")
    return [*commands, f"glm info {model}"]
