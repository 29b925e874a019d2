"""How well a predictor does on a genome that it was not fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from glm import statistics
from glm.errors import GlmError
from glm.operons.features import ATTENTION, COMBINED, DISTANCE_RULES, STRAND_DISTANCE, rule

COLUMNS = {
    STRAND_DISTANCE: "strand_distance",
    ATTENTION: "attention",
    COMBINED: "combined",
}


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
    weights = statistics.bootstrap_weights(predictions["unit"].to_numpy(), rounds, seed)
    scores = {name: predictions[column].to_numpy() for name, column in COLUMNS.items()}
    for bases in DISTANCE_RULES:
        scores[f"distance rule {bases} bp"] = rule(predictions, bases)[:, 0]
    drawn = {
        name: statistics.average_precision(same_operon, score, weights)
        for name, score in scores.items()
    }
    value = {
        name: float(statistics.average_precision(same_operon, score)[0])
        for name, score in scores.items()
    }
    rows, calibration = [], []
    for name, score in scores.items():
        ends = statistics.interval(drawn[name])
        apart = statistics.interval(drawn[name] - drawn[STRAND_DISTANCE])
        error = np.nan
        if name in COLUMNS:
            bins = statistics.reliability(same_operon, score)
            error = bins.expected_error
            calibration.append(pd.DataFrame(vars(bins)).assign(features=name))
        rows.append(
            {
                "features": name,
                "average_precision": value[name],
                "lower": ends.lower,
                "upper": ends.upper,
                "difference": value[name] - value[STRAND_DISTANCE],
                "difference_lower": apart.lower,
                "difference_upper": apart.upper,
                "roc_area": float(roc_auc_score(same_operon, score)),
                "calibration_error": error,
                "pairs": len(same_operon),
                "positives": positives,
            }
        )
    return pd.DataFrame(rows), pd.concat(calibration, ignore_index=True)
