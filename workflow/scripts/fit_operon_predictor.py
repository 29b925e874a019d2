"""Fit the operon predictor on a whole genome, and store it as JSON with its calibration."""

import argparse
from pathlib import Path

from glm import command, tables
from glm.operons import predictor, reading
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--pairs", type=Path, required=True)
    made.add_argument("--attention", type=Path, nargs="+", required=True, help="of the trained gLM")
    made.add_argument("--scores", type=Path, required=True, help="out of fold, for calibration")
    made.add_argument("--genome", required=True, help="the genome's name")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fit, and measure calibration on folds of whole stretches."""
    pairs, labels = reading.read_pairs(arguments.pairs)
    attention = reading.read_attention(arguments.attention)
    reading.check_same_pairs(pairs, attention, arguments.pairs)
    kept = pairs["neighbours"].to_numpy()
    scores = tables.read(arguments.scores, tables.OPERON_SCORES).to_pandas()
    scores = scores[scores["folds"] == "stretches"]
    inputs = [arguments.pairs, *arguments.attention, arguments.scores]
    fitted = predictor.fit(
        pairs[kept],
        attention.values[kept].astype(float),
        attention.layers,
        attention.heads,
        scores={
            name: scores.loc[scores["features"] == name, "score"].to_numpy()
            for name in predictor.MODELS
        },
        model=attention.model,
        labels=labels,
        genome=arguments.genome,
        stamp=stamp("fit_operon_predictor", inputs=inputs, parameters={"labels": labels}),
    )
    predictor.save(fitted, arguments.output)


if __name__ == "__main__":
    command.run(parser(), main)
