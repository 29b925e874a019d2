"""The evaluation's tables as others read them, and what they call what was judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.table import Table

from glm import tables
from glm.evaluation import budget
from glm.files import of_run
from glm.model.directory import METRICS

NAMES = {
    "glm": "gLM",
    "glm_inputs_replaced": "gLM, inputs replaced by the nearest training proteins",
    "bilstm": "biLSTM",
    "baseline.chance": "chance",
    "baseline.copy_neighbour": "copied neighbour",
    "baseline.nearest_context": "nearest context",
}
COLUMNS = (
    ("held out\nmost likely", "heldout", "pseudo_accuracy"),
    ("held out\nclosest", "heldout", "pseudo_accuracy_closest"),
    ("reference\nmost likely", "reference", "pseudo_accuracy"),
    ("reference\nclosest", "reference", "pseudo_accuracy_closest"),
    ("reference\nabsolute", "reference", "absolute_accuracy"),
)


def read_evaluation(folder: Path, table: tables.Table) -> pd.DataFrame:
    """Rows of `accuracy` or `margins` of both measures; empty if there is none yet."""
    end = "" if table == tables.ACCURACY else f"_{table.name}"
    paths = [folder / f"{name}_accuracy{end}.parquet" for name in ("pseudo", "absolute")]
    found = [tables.read(path, table).to_pandas() for path in paths if path.exists()]
    return pd.concat(found) if found else pd.DataFrame()


def percent(row: pd.Series) -> str:
    """An accuracy with half the width of its interval."""
    digits = 1 if row.value >= 0.01 else 2
    return f"{100 * row.value:.{digits}f} ± {50 * (row.upper - row.lower):.{digits}f}"


def headline(run: Path) -> Iterator[Table | str]:
    """Models and baselines by what they were judged on, in percent with 95 % intervals; and how
    much of the gLM's training the biLSTM had."""
    accuracies = read_evaluation(run / "evaluation", tables.ACCURACY)
    if accuracies.empty:
        return
    table = Table(
        "",
        title="Masked genes that were found, % (± half the 95 % interval)",
        caption="judged: the most likely of four predictions, or the closest of them to the truth; "
        "intervals are over genomes, or subcontigs where those are few, of one training",
        title_justify="left",
        caption_justify="left",
    )
    by_key = accuracies.set_index(["model", "genes_of", "measure"])
    there = set(by_key.index.droplevel("model"))
    columns = [(name, key) for name, *key in COLUMNS if tuple(key) in there]
    for name, _ in columns:
        table.add_column(name, justify="right")
    found = set(accuracies.model)
    for model, name in NAMES.items():
        if model in found:
            keys = [(model, *key) for _, key in columns]
            cells = [percent(by_key.loc[key]) if key in by_key.index else "" for key in keys]
            table.add_row(name, *cells)
    yield table
    trainings = [of_run(run, model, METRICS) for model in ("glm", "bilstm")]
    yield f"Of the training: {budget.said(*trainings)}."
