"""Run tasks of DGEB and BacBench with the gLM, with what needs no gLM, and beside what others
published."""

import logging
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from glm import step, tables
from glm.application.dgeb import ProteinsInContext, Representation
from glm.application.loading import load_model
from glm.benchmarks import bacbench
from glm.benchmarks.comparison import Encoder, judge_all, to_numbers
from glm.benchmarks.dgeb_tasks import TASKS as OF_DGEB
from glm.benchmarks.looked_up import look_up
from glm.corpus.genome_tables import read_genome_tables
from glm.corpus.genomes import read_genomes
from glm.errors import GlmError
from glm.evaluation.predictors import TrainingContexts
from glm.provenance import fingerprint
from glm.scorecard_entries import write_numbers

TASKS = [*OF_DGEB, bacbench.OPERONS]
REPRESENTATIONS: tuple[Representation, ...] = ("protein", "neighbours", "contextual")


def evaluate_benchmarks(
    model: Path,
    identity: Path,
    genes: Path,
    proteins: Path,
    genomes: list[Path],
    data: list[Path],
    subcontigs: Path | None,
    splits: Path | None,
    store: Path | None,
    folder: str,
    bootstrap_rounds: int,
    gpus: int,
    threads: int,
    seed: int,
    *,
    benchmarks: Path,
    numbers: Path,
) -> None:
    """Judge each representation on the tasks whose data lie in `folder`.

    data: the files of the data sets. genes, proteins: the reference genome's; genomes: others in
    which the tasks' proteins lie. subcontigs, splits, store: of the training corpus, for the
    look-up.
    """
    files = {task.name: [path for path in data if path.parts[-3] == task.name] for task in TASKS}
    tasks = [task for task in TASKS if files[task.name]]
    if not tasks:
        raise GlmError(
            f"{folder}: none of {', '.join(files)}/data/*.parquet (benchmarks.data); fetch one "
            f"there by {TASKS[0].fetch}"
        )
    loaded = load_model(model.parent, identity.parent, "cuda" if gpus else "cpu", threads)
    known = [read_genome_tables("reference", genes, proteins), *read_genomes(genomes)]
    in_context = ProteinsInContext(loaded, known, REPRESENTATIONS)
    looked_up: dict[str, Encoder] = {}
    if subcontigs and splits and store:
        contexts = TrainingContexts.read(subcontigs, splits, store, loaded.builder)
        looked_up["look_up"] = look_up(loaded, contexts)
    rows, notes = [], []
    for task in tasks:
        of_task = task.read(files[task.name])
        encoders = {**of_representations(in_context, task.in_order), **looked_up}
        rows.append(judge_all(task, of_task, encoders, bootstrap_rounds, seed))
        asked = task.sequences(of_task)
        found = in_context.lie_in_genomes(asked)
        notes.append(f"{found:,} of {len(asked):,} proteins lie in a genome that is here")
        if found < len(asked):
            read = "in the task's order" if task.in_order else "without context"
            notes[-1] += f", the others are read {read}"
        for row in rows[-1].itertuples():
            logging.info("%s, %s: %.3f (%s)", task.name, row.model, row.value, row.source)
    made = step.stamp(model=fingerprint(model))
    tables.write(pd.concat(rows), benchmarks, tables.BENCHMARKS, made)
    scored = to_numbers(rows, tasks, notes)
    write_numbers(scored, numbers, made)


def of_representations(in_context: ProteinsInContext, in_order: bool) -> dict[str, Encoder]:
    """An encoder for each representation; what one has read is kept for the others."""

    @cache
    def read(sequences: tuple[str, ...]) -> dict[Representation, np.ndarray]:
        return in_context.encode(sequences, in_order)

    def encoder(name: Representation) -> Encoder:
        return lambda sequences: read(tuple(sequences))[name]

    return {name: encoder(name) for name in in_context.representations}


if __name__ == "__main__":
    step.run(evaluate_benchmarks)
