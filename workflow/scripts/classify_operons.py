"""Predict operons of neighbouring genes from attention (the paper's logistic regression), and from
what a sceptic asks for: strand, distance, embeddings, an untrained gLM, shuffled genes."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.operons import classification, features, reading
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--pairs", type=Path, required=True)
    made.add_argument(
        "--attention",
        action="append",
        nargs="+",
        required=True,
        metavar=("VARIANT", "SHARD"),
        help="trained, untrained, shuffled or moved, and its files; once for each",
    )
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--store", type=Path, required=True, help="embedding store of the genome")
    made.add_argument("--standardisation", type=Path, required=True)
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--output", type=Path, required=True)
    made.add_argument("--scores", type=Path, required=True, help="out-of-fold scores")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Compare all feature sets on the neighbours of a genome."""
    pairs, labels = reading.read_pairs(arguments.pairs)
    kept = pairs["neighbours"].to_numpy()
    neighbours = pairs[kept].reset_index(drop=True)
    attention, inputs = {}, [arguments.pairs, arguments.store, arguments.standardisation]
    for variant, *shards in arguments.attention:
        read = reading.read_attention([Path(shard) for shard in shards])
        reading.check_same_pairs(pairs, read, arguments.pairs)
        attention[variant] = read.values[kept].astype(float)
        inputs += [Path(shard) for shard in shards]
    embeddings = reading.neighbour_embeddings(
        neighbours, arguments.subcontigs, arguments.store, arguments.standardisation
    )
    seed = derive_seed(arguments.seed, "classify_operons")
    same_operon = neighbours["same_operon"].to_numpy()
    found = classification.compare(
        features.feature_sets(neighbours, attention, *embeddings),
        same_operon,
        neighbours["unit"].to_numpy(),
        neighbours["stretch"].to_numpy(),
        arguments.bootstrap_rounds,
        seed,
    )
    for row in found.table.itertuples():
        logging.info(
            "%-28s %-10s AP %.3f (%.3f to %.3f)",
            *(row.features, row.folds, row.average_precision, row.lower, row.upper),
        )
    logging.info("%s", classification.verdict(found.table, classification.judged(labels), labels))
    made = stamp("classify_operons", inputs=inputs, parameters={"labels": labels}, seed=seed)
    tables.write(found.table, arguments.output, tables.OPERON_COMPARISON, made)
    keys = neighbours[["subcontig", "first", "same_operon"]]
    scores = pd.concat(
        keys.assign(features=name, folds=folds, fold=found.fold[folds], score=score)
        for (name, folds), score in found.scores.items()
    )
    tables.write(scores, arguments.scores, tables.OPERON_SCORES, made)


if __name__ == "__main__":
    command.run(parser(), main)
