"""Predict enzyme classes from embeddings with and without context (Figure 3C, ED 3-4)."""

import logging
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch

from glm import figures as drawing
from glm import step, tables
from glm.configuration.analyses import Perceptron
from glm.device import select_device
from glm.enzymes import figures as enzyme_figures
from glm.enzymes import network_figure
from glm.enzymes.analysis import analyse
from glm.enzymes.summary import numbers as summarise
from glm.errors import GlmError
from glm.inference import replicates
from glm.scorecard_entries import write_numbers

MANY_EXAMPLES = 10_000


def classify_enzymes(
    examples: Path,
    features: Path,
    representatives: Path,
    perceptron: dict[str, Any],
    seeds: int,
    bootstrap_rounds: int,
    minimum_test: int,
    reference: str,
    gpus: int,
    threads: int,
    seed: int,
    *,
    results: Path,
    classes: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Train perceptrons on each representation, judge, summarise and draw.

    seeds: networks of each kind. minimum_test: test proteins of a class that is shown. reference:
    its name, for the scorecard.
    """
    chosen = tables.read(examples, tables.ENZYME_EXAMPLES).to_pandas()
    # threads of a small network wait for each other longer than they compute
    torch.set_num_threads(threads if len(chosen) > MANY_EXAMPLES else 1)
    selected = tables.read_stamp(examples)["parameters"]
    reason = selected["reason"]
    found, by_class = tables.ENZYME_RESULTS.frame(), tables.ENZYME_CLASSES.frame()
    embeddings = replicates.from_table(features, tables.ENZYME_FEATURES)
    if not reason:
        try:
            found, by_class = analyse(
                chosen,
                embeddings,
                Perceptron(**perceptron),
                range(seed, seed + seeds),
                bootstrap_rounds,
                seed,
                select_device(gpus),
            )
        except GlmError as error:
            reason = str(error)
    if reason:
        logging.warning("nothing to measure: %s", reason)
    count = pq.read_metadata(representatives).num_rows
    about = {
        "reference": reference,
        "subcontigs": selected["subcontigs"],
        "representatives": count,
        "assigned": selected["assigned"] / count,
    }
    made = step.stamp(
        **about,
        partial_numbers=selected["partial_numbers"],
        of_small_classes=selected["of_small_classes"],
        reason=reason,
    )
    summary = [] if reason else summarise(found, by_class, chosen, minimum_test, about)
    tables.write(found, results, tables.ENZYME_RESULTS, made)
    tables.write(by_class, classes, tables.ENZYME_CLASSES, made)
    write_numbers(summary, numbers, made)
    if reason:
        names = ("enzyme_network", "enzyme_results", "enzyme_classes")
        drawn = {name: drawing.nothing("Enzyme classes", reason) for name in names}
    else:
        drawn = {
            "enzyme_network": network_figure.draw(
                embeddings, chosen["ec"].nunique(), Perceptron(**perceptron)
            ),
            "enzyme_results": enzyme_figures.results(found, made["parameters"]),
            "enzyme_classes": enzyme_figures.classes(by_class, minimum_test),
        }
    drawing.save_all(drawn, figures[0].parent)


if __name__ == "__main__":
    step.run(classify_enzymes)
