"""Evaluate the operon predictor on genomes that it was not fitted on, and its calibration."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.operons import predictor, transfer
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--predictor", type=Path, required=True)
    made.add_argument(
        "--predictions",
        action="append",
        nargs=2,
        default=[],
        metavar=("GENOME", "TABLE"),
        help="a genome's name and its operon_predictions; once for each",
    )
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--output", type=Path, required=True)
    made.add_argument("--calibration", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Judge each genome; the reference's calibration is the predictor's own, out of fold."""
    fitted = predictor.load(arguments.predictor)
    seed = derive_seed(arguments.seed, "evaluate_operon_transfer")
    judged = [tables.OPERON_TRANSFER.frame()]
    bins = [
        pd.DataFrame(regression.calibration).assign(features=name, genome=fitted.genome)
        for name, regression in fitted.regressions.items()
    ]
    for genome, path in arguments.predictions:
        predictions = tables.read(path, tables.OPERON_PREDICTIONS).to_pandas()
        labels = tables.read_stamp(path)["parameters"]["labels"]
        rows, calibration = transfer.judge(predictions, arguments.bootstrap_rounds, seed)
        judged.append(rows.assign(genome=genome, labels=labels))
        bins.append(calibration.assign(genome=genome))
        for row in rows.itertuples():
            logging.info("%s: %-28s AP %.3f", genome, row.features, row.average_precision)
    inputs = [arguments.predictor, *(Path(path) for _, path in arguments.predictions)]
    made = stamp("evaluate_operon_transfer", inputs=inputs, seed=seed)
    table = pd.concat([part for part in judged if len(part)] or judged, ignore_index=True)
    tables.write(table, arguments.output, tables.OPERON_TRANSFER, made)
    tables.write(
        pd.concat(bins, ignore_index=True),
        arguments.calibration,
        tables.OPERON_CALIBRATION,
        made,
    )


if __name__ == "__main__":
    command.run(parser(), main)
