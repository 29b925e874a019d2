"""The representations of a run on tasks of others' benchmarks, beside what those published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from glm.benchmarks.task import Data, Task
from glm.comparison import bootstrap_weights, compare, measure
from glm.scorecard_entries import Numbers

PROTEIN = "protein"
MEANINGS = {
    PROTEIN: "the protein model alone",
    "neighbours": "mean of the protein embeddings of the other genes of the window",
    "look_up": "mean of those of the other genes beside the nearest training protein",
    "contextual": "the gLM's contextualised embedding",
}
Encoder = Callable[[Sequence[str]], np.ndarray]


def judge_all(
    task: Task, data: Mapping[str, Data], encoders: Mapping[str, Encoder], rounds: int, seed: int
) -> pd.DataFrame:
    """A row for each representation and each published model, as in the table `benchmarks`.

    encoders: what makes (n, features) of n proteins, by representation; `protein` is the one that
    differences are to.
    """
    measured = {}
    for name, encode in encoders.items():
        statistic, groups = task.judge(data, encode)
        weights = bootstrap_weights(groups, rounds, seed)
        measured[name] = measure(lambda judged, drawn: judged(drawn), [statistic], weights)
        n = len(groups)
    made = compare(measured, "model", {"difference": PROTEIN}).assign(source="this run", n=n)
    others = published().get(task.name, {"values": {}, "revision": None})
    theirs = pd.DataFrame(
        {
            "model": [*others["values"]],
            "value": [*others["values"].values()],
            "source": f"DGEB's leaderboard (data set {others['revision']})",
        }
    )
    both = pd.concat([made, theirs], ignore_index=True)
    return both.assign(task=task.name, metric=task.metric)


def to_numbers(
    tables: Sequence[pd.DataFrame], tasks: Sequence[Task], notes: Sequence[str]
) -> Numbers:
    """Rows of `tables.NUMBERS`: benchmarks.TASK.REPRESENTATION, the published ones in the note.

    notes: what else a reader must know, task by task.
    """
    found = Numbers("benchmarks")
    for table, task, more in zip(tables, tasks, notes, strict=True):
        ours = table[table["source"] == "this run"]
        theirs = table[table["source"] != "this run"]
        said = ", ".join(f"{row.model} {row.value:.3f}" for row in theirs.itertuples())
        said = said or "nothing that could be read"
        for row in ours.to_dict("records"):
            about = f"{task.metric}; {MEANINGS[row['model']]}; {more}; published: {said}"
            found.add_row(f"{task.name}.{row['model']}", row, unit=task.unit, note=about)
    return found


@cache
def published() -> dict[str, dict[str, Any]]:
    """What DGEB published, by task: the data set's revision, and values by model."""
    path = Path(__file__).with_name("published.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
