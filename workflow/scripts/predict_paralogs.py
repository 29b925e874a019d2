"""Predict the partner of each protein from nothing but itself (Methods, Paralogy and orthology
analysis): what is right, beside chance, an untrained gLM, context-free embeddings and memory."""

import argparse
import logging
from pathlib import Path

import torch

from glm import command, tables
from glm.contextualisation.reading import untrained
from glm.evaluation.predictors import TrainingContexts
from glm.model.loading import load_trained
from glm.paralogs.analysis import Settings, analyse
from glm.projection import LAYOUTS
from glm.provenance import derive_seed, stamp
from glm.training.corpus import (
    EmbeddingStore,
    read_corpus,
    read_feature_builder,
)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--model", type=Path, required=True, help="folder of the trained gLM")
    made.add_argument("--pairs", type=Path, required=True)
    made.add_argument("--store", type=Path, required=True, help="their embedding store")
    made.add_argument("--subcontigs", type=Path, required=True, help="of the training corpus")
    made.add_argument("--splits", type=Path, required=True, help="of these")
    made.add_argument("--training-store", type=Path, required=True, help="their embedding store")
    made.add_argument("--standardisation", type=Path, required=True)
    made.add_argument("--label-components", type=Path, required=True)
    made.add_argument("--chance-rounds", type=int, default=1000)
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--projection", choices=LAYOUTS, default="umap")
    made.add_argument("--calls", type=Path, required=True)
    made.add_argument("--results", type=Path, required=True)
    made.add_argument("--coordinates", type=Path, required=True)
    made.add_argument("--numbers", type=Path, required=True, help="for the scorecard")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Predict with the trained and the untrained gLM, judge, write."""
    torch.set_num_threads(arguments.threads)
    seed = derive_seed(arguments.seed, "predict_paralogs")
    model = load_trained(arguments.model)
    models = {"trained gLM": model, "untrained gLM": untrained(model, seed)}
    builder = read_feature_builder(arguments.standardisation, arguments.label_components)
    pairs = tables.read(arguments.pairs, tables.PARALOGS).to_pandas()
    settings = Settings(
        chance_rounds=arguments.chance_rounds,
        bootstrap_rounds=arguments.bootstrap_rounds,
        projection=arguments.projection,
        seed=seed,
    )
    about = tables.read_stamp(arguments.pairs)["parameters"]
    store = EmbeddingStore(arguments.training_store)
    training = read_corpus(arguments.subcontigs, len(store), arguments.splits, "train")
    found = analyse(
        models,
        builder,
        EmbeddingStore(arguments.store).embeddings,
        pairs,
        about,
        settings,
        TrainingContexts(training, store),
    )
    for row in found.results[found.results["direction"] == "either"].itertuples():
        logging.info("%-36s %-12s %7.1f of %s", row.method, row.measure, row.hits, f"{row.n:,}")
    weights = arguments.model / "model.safetensors"
    inputs = [weights, arguments.pairs, arguments.store, arguments.subcontigs, arguments.splits]
    made = stamp(
        "predict_paralogs",
        inputs=[
            *inputs,
            arguments.standardisation,
            arguments.label_components,
            arguments.training_store,
        ],
        parameters={**settings._asdict(), "source": about["source"]},
        seed=seed,
    )
    tables.write(found.calls, arguments.calls, tables.PARALOG_CALLS, made)
    tables.write(found.results, arguments.results, tables.PARALOG_RESULTS, made)
    tables.write(found.coordinates, arguments.coordinates, tables.PARALOG_PROJECTION, made)
    tables.write(tables.NUMBERS.frame(found.numbers), arguments.numbers, tables.NUMBERS, made)


if __name__ == "__main__":
    command.run(parser(), main)
