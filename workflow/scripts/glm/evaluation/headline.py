"""What a run's summary says of its models: what they find, beside what needs none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from glm import tables
from glm.evaluation import budget
from glm.evaluation.accuracies import NAMES, percent, read_evaluation
from glm.files import of_run
from glm.model.directory import METRICS

COLUMNS = (
    ("held out\nmost likely", "heldout", "pseudo_accuracy"),
    ("held out\nclosest", "heldout", "pseudo_accuracy_closest"),
    ("reference\nmost likely", "reference", "pseudo_accuracy"),
    ("reference\nclosest", "reference", "pseudo_accuracy_closest"),
    ("reference\nabsolute", "reference", "absolute_accuracy"),
)


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
