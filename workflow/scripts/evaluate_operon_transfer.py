"""Evaluate the operon predictor on genomes that it was not fitted on, and its calibration."""

import logging
from pathlib import Path

import pandas as pd

from glm import figures as drawing
from glm import step, tables
from glm.operons import figures as operon_figures
from glm.operons.predictor import load
from glm.operons.transfer import judge


def evaluate_operon_transfer(
    predictor: Path,
    predictions: list[Path],
    assemblies: list[str],
    bootstrap_rounds: int,
    seed: int,
    *,
    transfer: Path,
    calibration: Path,
    figures: list[Path],
) -> None:
    """Judge each genome, and draw; the reference's calibration is the predictor's own, out of fold.

    assemblies: the genomes' names, in the order of their predictions.
    """
    fitted = load(predictor)
    judged = [tables.OPERON_TRANSFER.frame()]
    of_bins = [
        pd.DataFrame(regression.calibration).assign(features=name, genome=fitted.genome)
        for name, regression in fitted.regressions.items()
    ]
    for genome, path in zip(assemblies, predictions, strict=True):
        predicted = tables.read(path, tables.OPERON_PREDICTIONS).to_pandas()
        labels = tables.read_stamp(path)["parameters"]["labels"]
        rows, calibrated = judge(predicted, bootstrap_rounds, seed)
        judged.append(rows.assign(genome=genome, labels=labels))
        of_bins.append(calibrated.assign(genome=genome))
        for row in rows.itertuples():
            logging.info("%s: %-28s AP %.3f", genome, row.features, row.average_precision)
    table = pd.concat([part for part in judged if len(part)] or judged, ignore_index=True)
    bins = pd.concat(of_bins, ignore_index=True)
    made = step.stamp()
    tables.write(table, transfer, tables.OPERON_TRANSFER, made)
    tables.write(bins, calibration, tables.OPERON_CALIBRATION, made)
    figure, caption = operon_figures.calibration(bins, table, fitted.genome)
    drawing.save(figure, figures[0].parent, "operon_calibration", caption)


if __name__ == "__main__":
    step.run(evaluate_operon_transfer)
