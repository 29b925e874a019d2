"""The accuracy tables: models and baselines, on held-out subcontigs and on the reference genome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from glm.data.corpus import read_corpus
from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.evaluation.estimates import estimate, margin
from glm.evaluation.judging import CLOSEST, MOST_LIKELY, Scores, judge
from glm.evaluation.masking import deal_rounds, masked_batches, one_by_one
from glm.evaluation.predictors import (
    ModelPredictor,
    NearestContext,
    Predictor,
    TrainingContexts,
    copy_neighbour,
)
from glm.inference.reader import load_model
from glm.provenance import derive_seed

HELD_OUT, REFERENCE = "heldout", "reference"
PSEUDO, ABSOLUTE = "pseudo_accuracy", "absolute_accuracy"
MODELS = ("glm", "bilstm")
COPY_NEIGHBOUR, NEAREST_CONTEXT = "baseline.copy_neighbour", "baseline.nearest_context"


@dataclass(frozen=True)
class Inputs:
    """The files that an evaluation reads; `models` are directories by name."""

    subcontigs: Path
    splits: Path
    store: Path
    reference_subcontigs: Path
    reference_store: Path
    standardisation: Path
    label_components: Path
    models: Mapping[str, Path]


def evaluate(
    inputs: Inputs,
    *,
    whole_genome: bool,
    mask_rate: float,
    masks_per_gene: int,
    subcontigs_per_batch: int,
    seed: int,
    device: torch.device | str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge both models and the baselines: pseudo-accuracy, or absolute accuracy.

    Pseudo-accuracy is judged on the held-out subcontigs and on the reference genome, absolute
    accuracy (whole_genome) on the reference genome, each gene masked alone. Returns the rows of
    `ACCURACY` and of `MARGINS`.
    """
    builder = read_feature_builder(inputs.standardisation, inputs.label_components).to(device)
    models: dict[str, Predictor] = {
        name: ModelPredictor(load_model(folder, builder)) for name, folder in inputs.models.items()
    }
    store = EmbeddingStore(inputs.store)
    training = read_corpus(inputs.subcontigs, len(store), inputs.splits, "train")
    contexts = TrainingContexts(Genes(training, store, builder))
    accuracies, margins = [], []
    for genes_of, genes in judged_genes(inputs, store, builder, whole_genome).items():
        predictors: dict[str, Predictor] = {
            **models,
            COPY_NEIGHBOUR: copy_neighbour,
            NEAREST_CONTEXT: NearestContext(contexts, genes),
        }
        scores = judge_rounds(
            genes, predictors, whole_genome, mask_rate, masks_per_gene, subcontigs_per_batch, seed
        )
        measure = ABSOLUTE if whole_genome else PSEUDO
        accuracies.append(accuracy_rows(scores, genes_of, measure))
        margins.append(margin_rows(scores, genes_of, measure))
    table = pd.concat(accuracies, ignore_index=True)
    log_accuracies(table)
    return table, pd.concat(margins, ignore_index=True)


def judged_genes(
    inputs: Inputs, store: EmbeddingStore, builder: FeatureBuilder, whole_genome: bool
) -> dict[str, Genes]:
    """The genes to judge on: of the held-out subcontigs, and of the reference genome."""
    judged = {}
    if not whole_genome:
        held_out = read_corpus(inputs.subcontigs, len(store), inputs.splits, "validation")
        judged[HELD_OUT] = Genes(held_out, store, builder)
    of_reference = EmbeddingStore(inputs.reference_store)
    corpus = read_corpus(inputs.reference_subcontigs, len(of_reference))
    judged[REFERENCE] = Genes(corpus, of_reference, builder)
    for genes_of, genes in judged.items():
        logging.info(
            "%s: %d subcontigs, %d genes, %d of them without representative (never masked, "
            "never a candidate)",
            genes_of,
            len(genes.corpus),
            len(genes.present),
            (~genes.present).sum(),
        )
    return judged


def judge_rounds(
    genes: Genes,
    predictors: Mapping[str, Predictor],
    whole_genome: bool,
    mask_rate: float,
    masks_per_gene: int,
    subcontigs_per_batch: int,
    seed: int,
) -> Scores:
    """Judge every gene `masks_per_gene` times (once if alone: nothing would differ)."""
    corpus = genes.corpus
    if whole_genome:
        deals = [one_by_one(corpus)]
    else:
        seeds = [derive_seed(seed, "deal", str(number)) for number in range(masks_per_gene)]
        deals = [deal_rounds(corpus, mask_rate, of_deal) for of_deal in seeds]
    batches = (
        batch for deal in deals for batch in masked_batches(corpus, deal, subcontigs_per_batch)
    )
    rounds = sum(int(deal.max()) + 1 for deal in deals)
    total = -(-len(corpus) // subcontigs_per_batch) * rounds
    return judge(genes, batches, predictors, whole_genome, total)


def accuracy_rows(scores: Scores, genes_of: str, measure: str) -> pd.DataFrame:
    """Rows of `ACCURACY`; the reading closest of four is a measure of its own."""
    return pd.DataFrame(
        [
            {
                "model": name,
                "genes_of": genes_of,
                "measure": measure_of(measure, reading),
                **estimate(found)._asdict(),
            }
            for (name, reading), found in scores.items()
        ]
    )


def margin_rows(scores: Scores, genes_of: str, measure: str) -> pd.DataFrame:
    """Rows of `MARGINS`: each model against each other predictor, in the same reading."""
    return pd.DataFrame(
        [
            {
                "model": model,
                "other": other,
                "genes_of": genes_of,
                "measure": measure_of(measure, reading),
                **margin(scores[model, reading], found)._asdict(),
            }
            for model in MODELS
            for (other, reading), found in scores.items()
            if other != model and (model, reading) in scores
        ]
    )


def measure_of(measure: str, reading: str) -> str:
    """The name of a measure in a reading: as it is, or with `_closest`."""
    return {MOST_LIKELY: measure, CLOSEST: f"{measure}_closest"}[reading]


def log_accuracies(table: pd.DataFrame) -> None:
    """Log the accuracies, one line a row."""
    for row in table.to_dict("records"):
        logging.info(
            "%-9s %-24s %-24s %6.3g %% (%.3g to %.3g), %d genes",
            row["genes_of"],
            row["measure"],
            row["model"],
            *(100 * row[key] for key in ("value", "lower", "upper")),
            row["n"],
        )
