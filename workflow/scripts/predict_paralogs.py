"""Predict the partner of each protein from nothing but itself (Methods, Paralogy and orthology
analysis): what is right, beside chance, an untrained gLM, context-free embeddings and memory."""

import logging
from pathlib import Path

import torch

from glm import step, tables
from glm.data.features import read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.evaluation.predictors import TrainingContexts
from glm.inference.opening import load_model
from glm.inference.reader import GeneReader
from glm.model.directory import read_config
from glm.paralogs.analysis import TRAINED, Rounds, analyse
from glm.paralogs.figures import draw
from glm.projection import Layout
from glm.scorecard_entries import write_numbers


def predict_paralogs(
    model: Path,
    pairs: Path,
    store: Path,
    subcontigs: Path | None,
    splits: Path | None,
    training_store: Path | None,
    standardisation: Path,
    label_components: Path,
    chance_rounds: int,
    bootstrap_rounds: int,
    projection: Layout,
    threads: int,
    seed: int,
    *,
    calls: Path,
    results: Path,
    coordinates: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Predict with the trained and the untrained gLM, judge, and draw.

    model: the trained gLM's weights. store: of the pairs' proteins; training_store: of the
    subcontigs', where there is a corpus to remember. projection: how the labels and predictions are
    laid out.
    """
    torch.set_num_threads(threads)
    keys = read_config(model.parent).to_dict()
    builder = read_feature_builder(standardisation, label_components, keys)
    proteins = Genes.of_proteins(EmbeddingStore(store), builder)
    trained = GeneReader(load_model(model.parent, builder), proteins)
    about = tables.read_stamp(pairs)["parameters"]
    contexts = None
    if subcontigs and training_store:
        contexts = TrainingContexts.read(subcontigs, splits, training_store, builder)
    found = analyse(
        {TRAINED: trained, "untrained gLM": trained.variant("untrained", seed)},
        tables.read(pairs, tables.PARALOGS).to_pandas(),
        about,
        Rounds(chance_rounds, bootstrap_rounds, projection, seed),
        contexts,
    )
    for row in found.results[found.results["direction"] == "either"].itertuples():
        logging.info("%-36s %-12s %7.1f of %s", row.method, row.measure, row.hits, f"{row.n:,}")
    made = step.stamp(source=about["source"])
    tables.write(found.calls, calls, tables.PARALOG_CALLS, made)
    tables.write(found.results, results, tables.PARALOG_RESULTS, made)
    tables.write(found.coordinates, coordinates, tables.PARALOG_PROJECTION, made)
    write_numbers(found.numbers, numbers, made)
    draw(found, projection, figures[0].parent)


if __name__ == "__main__":
    step.run(predict_paralogs)
