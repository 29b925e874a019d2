"""Predict the operons of a genome with a fitted predictor: a probability for each pair of
neighbouring genes."""

import logging
from pathlib import Path

from glm import step, tables
from glm.errors import GlmError
from glm.operons import reading
from glm.operons.predictor import ATTENTION, COMBINED, STRAND_DISTANCE, load


def predict_operons(
    predictor: Path,
    genes: Path,
    pairs: Path,
    attention: list[Path],
    *,
    predictions: Path,
) -> None:
    """Predict from the attention of the gLM that the predictor was fitted with."""
    fitted = load(predictor)
    labelled, labels = reading.read_pairs(pairs)
    read = reading.read_attention(attention)
    reading.check_same_pairs(labelled, read, pairs)
    if read.model != fitted.model:
        raise GlmError(
            f"{predictor}: fitted on the attention of another gLM than {attention[0]}; fit it "
            "again, or extract attention with its model"
        )
    of_genome = tables.read(genes, tables.OPERON_GENES).to_pandas()
    kept = labelled["neighbours"].to_numpy()
    neighbours = labelled[kept].reset_index(drop=True)
    probability = fitted.predict(neighbours, read.values[kept].astype(float))
    first, second = (
        of_genome.loc[neighbours[side]].reset_index(drop=True)
        for side in ("first_gene", "second_gene")
    )
    found = neighbours.assign(
        contig=first["contig"],
        rank=first["rank"],
        first_protein=first["protein"],
        second_protein=second["protein"],
        strand_distance=probability[STRAND_DISTANCE],
        attention=probability[ATTENTION],
        combined=probability[COMBINED],
    )
    likely = int((found["combined"] > 0.5).sum())
    logging.info("neighbours: %s, over one half: %s", f"{len(found):,}", f"{likely:,}")
    made = step.stamp(labels=labels, fitted_on=fitted.genome, fitted_labels=fitted.labels)
    tables.write(found, predictions, tables.OPERON_PREDICTIONS, made)


if __name__ == "__main__":
    step.run(predict_operons)
