"""Predict the operons of a genome with a fitted predictor: a probability for each pair of
neighbouring genes."""

import argparse
import logging
from pathlib import Path

from glm import command, tables
from glm.errors import GlmError
from glm.operons import predictor, reading
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--predictor", type=Path, required=True)
    made.add_argument("--genes", type=Path, required=True, help="operon_genes of the genome")
    made.add_argument("--pairs", type=Path, required=True, help="gene_pairs of the genome")
    made.add_argument("--attention", type=Path, nargs="+", required=True, help="of the same gLM")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read, predict, write."""
    fitted = predictor.load(arguments.predictor)
    pairs, labels = reading.read_pairs(arguments.pairs)
    attention = reading.read_attention(arguments.attention)
    reading.check_same_pairs(pairs, attention, arguments.pairs)
    if attention.model != fitted.model:
        raise GlmError(
            f"{arguments.predictor}: fitted on the attention of another gLM than "
            f"{arguments.attention[0]}; fit it again, or extract attention with its model"
        )
    genes = tables.read(arguments.genes, tables.OPERON_GENES).to_pandas()
    kept = pairs["neighbours"].to_numpy()
    neighbours = pairs[kept].reset_index(drop=True)
    probability = fitted.predict(neighbours, attention.values[kept].astype(float))
    first, second = (
        genes.loc[neighbours[side]].reset_index(drop=True) for side in ("first_gene", "second_gene")
    )
    predictions = neighbours.assign(
        contig=first["contig"],
        rank=first["rank"],
        first_protein=first["protein"],
        second_protein=second["protein"],
        strand_distance=probability[predictor.STRAND_DISTANCE],
        attention=probability[predictor.ATTENTION],
        combined=probability[predictor.COMBINED],
    )
    likely = int((predictions["combined"] > 0.5).sum())
    logging.info("neighbours: %s, over one half: %s", f"{len(predictions):,}", f"{likely:,}")
    about = {"labels": labels, "fitted_on": fitted.genome, "fitted_labels": fitted.labels}
    inputs = [arguments.predictor, arguments.genes, arguments.pairs, *arguments.attention]
    made = stamp("predict_operons", inputs=inputs, parameters=about)
    tables.write(predictions, arguments.output, tables.OPERON_PREDICTIONS, made)


if __name__ == "__main__":
    command.run(parser(), main)
