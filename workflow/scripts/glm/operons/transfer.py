"""What a predictor says of a genome, and how well it does on one that it was not fitted on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from glm import statistics, tables
from glm.comparison import bootstrap_weights, compare, measure
from glm.errors import GlmError
from glm.operons import reading
from glm.operons.features import ATTENTION, COMBINED, DISTANCE_RULES, STRAND_DISTANCE, rule
from glm.operons.predictor import Predictor

COLUMNS = {
    STRAND_DISTANCE: "strand_distance",
    ATTENTION: "attention",
    COMBINED: "combined",
}


def predict(
    source: Path, fitted: Predictor, genes: Path, pairs: Path, attention: Sequence[Path]
) -> tuple[pd.DataFrame, str]:
    """Rows of operon_predictions of a genome, and what its pairs are labelled by.

    source: the predictor's file. Raises `GlmError` if it was fitted on another gLM's attention.
    """
    labelled, labels = reading.read_pairs(pairs)
    read = reading.read_attention(attention)
    reading.check_same_pairs(labelled, read.keys, pairs)
    if read.model != fitted.model:
        raise GlmError(
            f"{source}: fitted on the attention of another gLM than {attention[0]}; fit it "
            "again, or extract attention with its model"
        )
    of_genome = tables.read(genes, tables.OPERON_GENES).to_pandas()
    chosen = labelled["neighbours"].to_numpy()
    neighbours = labelled[chosen].reset_index(drop=True)
    probability = fitted.predict(neighbours, read.values[chosen].astype(float))
    first, second = (
        of_genome.loc[neighbours[side]].reset_index(drop=True)
        for side in ("first_gene", "second_gene")
    )
    found = neighbours.assign(
        contig=first["contig"],
        rank=first["rank"],
        first_protein=first["protein"],
        second_protein=second["protein"],
        **{column: probability[name] for name, column in COLUMNS.items()},
    )
    likely = int((found["combined"] > 0.5).sum())
    logging.info("neighbours: %s, over one half: %s", f"{len(found):,}", f"{likely:,}")
    return found, labels


def judge(predictions: pd.DataFrame, rounds: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Average precision and calibration of each prediction, and of the distance rules.

    predictions: with the columns of `COLUMNS`, same_strand, gap, same_operon and unit. Returns the
    rows of operon_transfer and of operon_calibration, without the genome's name. Raises `GlmError`
    where all pairs are of one kind.
    """
    same_operon = predictions["same_operon"].to_numpy(bool)
    positives = int(same_operon.sum())
    if not 0 < positives < len(same_operon):
        raise GlmError(f"{positives} of {len(same_operon)} neighbours are of one operon: no test")
    weights = bootstrap_weights(predictions["unit"].to_numpy(), rounds, seed)
    scores = {name: predictions[column].to_numpy() for name, column in COLUMNS.items()}
    for bases in DISTANCE_RULES:
        scores[f"distance rule {bases} bp"] = rule(predictions, bases)[:, 0]
    precision = partial(statistics.average_precision, same_operon)
    measured = {name: measure(precision, [score], weights) for name, score in scores.items()}
    bins = {name: statistics.reliability(same_operon, scores[name]) for name in COLUMNS}
    rows = compare(
        measured, "features", {"difference": STRAND_DISTANCE}, value="average_precision"
    ).assign(
        roc_area=[float(roc_auc_score(same_operon, score)) for score in scores.values()],
        calibration_error=[bins[n].expected_error if n in bins else np.nan for n in scores],
        pairs=len(same_operon),
        positives=positives,
    )
    calibration = [pd.DataFrame(vars(found)).assign(features=n) for n, found in bins.items()]
    return rows, pd.concat(calibration, ignore_index=True)
