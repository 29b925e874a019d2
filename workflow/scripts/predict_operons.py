"""Predict the operons of genomes with a fitted predictor: a probability for each pair of genes.
It is judged on genomes that it was not fitted on, and by its calibration."""

import logging
from pathlib import Path

import pandas as pd

from glm import figures as drawing
from glm import step, tables
from glm.operons import figures as operon_figures
from glm.operons.predictor import load
from glm.operons.transfer import judge, predict


def predict_operons(
    predictor: Path,
    genes: list[Path],
    pairs: list[Path],
    attention: list[Path],
    assemblies: list[str],
    bootstrap_rounds: int,
    seed: int,
    *,
    predictions: list[Path],
    transfer: Path,
    calibration: Path,
    figures: list[Path],
) -> None:
    """Predict each genome by the attention of the predictor's own gLM, and judge.

    genes, pairs, predictions: of the reference, then of each genome of `assemblies`; attention: of
    all of them, in that order. The reference's calibration is the predictor's own, out of fold.
    """
    fitted = load(predictor)
    shards = len(attention) // len(genes)
    judged: list[pd.DataFrame] = []
    of_bins = [
        pd.DataFrame(regression.calibration).assign(features=name, genome=fitted.genome)
        for name, regression in fitted.regressions.items()
    ]
    for number, output in enumerate(predictions):
        of_genome = attention[number * shards : (number + 1) * shards]
        found, labels = predict(predictor, fitted, genes[number], pairs[number], of_genome)
        made = step.stamp(labels=labels, fitted_on=fitted.genome, fitted_labels=fitted.labels)
        tables.write(found, output, tables.OPERON_PREDICTIONS, made)
        if not number:
            continue
        genome = assemblies[number - 1]
        rows, calibrated = judge(found, bootstrap_rounds, seed)
        judged.append(rows.assign(genome=genome, labels=labels))
        of_bins.append(calibrated.assign(genome=genome))
        for row in rows.itertuples():
            logging.info("%s: %-28s AP %.3f", genome, row.features, row.average_precision)
    table = tables.OPERON_TRANSFER.joined(judged)
    bins = pd.concat(of_bins, ignore_index=True)
    made = step.stamp()
    tables.write(table, transfer, tables.OPERON_TRANSFER, made)
    tables.write(bins, calibration, tables.OPERON_CALIBRATION, made)
    figure, caption = operon_figures.calibration(bins, table, fitted.genome)
    drawing.save(figure, figures[0].parent, "operon_calibration", caption)


if __name__ == "__main__":
    step.run(predict_operons)
