"""The accuracy tables: models and baselines, on held-out subcontigs and on the reference genome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from glm.comparison import genomes_or_subcontigs
from glm.data.corpus import assemblies_of
from glm.data.genes import Genes
from glm.evaluation.estimates import CLOSEST, MOST_LIKELY, Scores, estimate, margin
from glm.evaluation.judging import judge
from glm.evaluation.masking import deal_rounds, masked_batches, one_by_one
from glm.evaluation.predictors import Predictor
from glm.seeds import derive_seed

HELD_OUT, REFERENCE = "heldout", "reference"
MODELS = ("glm", "bilstm")
INPUTS_REPLACED = "glm_inputs_replaced"


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


def log_genes(genes_of: str, genes: Genes) -> None:
    """Log how many genes are judged."""
    logging.info(
        "%s: %d subcontigs, %d genes, %d of them without representative (never masked, never a "
        "candidate)",
        *(genes_of, len(genes.corpus), len(genes.present), (~genes.present).sum()),
    )


def groups_of(genes: Genes, subcontigs: Path) -> np.ndarray:
    """What is drawn together of the judged genes, (judged genes,): genomes, or their subcontigs.

    Subcontigs where there are fewer than ten genomes, which would not make an interval.
    """
    corpus = genes.corpus
    subcontig = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))[genes.present]
    assembly = assemblies_of(subcontigs, corpus.subcontig)
    return genomes_or_subcontigs(assembly[subcontig], subcontig)


def accuracy_rows(scores: Scores, groups: np.ndarray, genes_of: str, measure: str) -> pd.DataFrame:
    """Rows of `ACCURACY`; the reading closest of four is a measure of its own.

    groups: (judged genes,), what is drawn together for the intervals.
    """
    return pd.DataFrame(
        [
            {
                "model": name,
                "genes_of": genes_of,
                "measure": measure_of(measure, reading),
                **estimate(found, groups)._asdict(),
            }
            for (name, reading), found in scores.items()
        ]
    )


def margin_rows(scores: Scores, groups: np.ndarray, genes_of: str, measure: str) -> pd.DataFrame:
    """Rows of `MARGINS`: each model against each other predictor, in the same reading."""
    return pd.DataFrame(
        [
            {
                "model": model,
                "other": other,
                "genes_of": genes_of,
                "measure": measure_of(measure, reading),
                **margin(scores[model, reading], found, groups)._asdict(),
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
