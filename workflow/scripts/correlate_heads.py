"""Correlate each attention head with operons (Figure 4A), beside an untrained model, shuffled
genes, and the distance between the genes."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.operons import heads, reading
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
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Correlate all pairs and neighbours, model by model."""
    pairs, labels = reading.read_pairs(arguments.pairs)
    seed = derive_seed(arguments.seed, "correlate_heads")
    same_operon = pairs["same_operon"].to_numpy()
    unit, neighbours = pairs["unit"].to_numpy(), pairs["neighbours"].to_numpy()
    which = {"all pairs": slice(None), "neighbours": neighbours}
    found, inputs = [], [arguments.pairs]
    for variant, *shards in arguments.attention:
        attention = reading.read_attention([Path(shard) for shard in shards])
        reading.check_same_pairs(pairs, attention, arguments.pairs)
        inputs += [Path(shard) for shard in shards]
        for kind, rows in which.items():
            rounds = arguments.bootstrap_rounds
            correlated = heads.correlate(
                attention.values[rows], same_operon[rows], unit[rows], rounds, seed
            )
            named = heads.name_heads(correlated, attention.layers, attention.heads)
            found.append(named.assign(model=variant, pairs=kind))
            best = heads.best(named)
            logging.info(
                "%s, %s: best head %s, r = %.3f (%.3f to %.3f), adjusted p = %.2g, n = %s",
                *(variant, kind, best["name"], best["r"], best["lower"], best["upper"]),
                *(best["adjusted_p"], f"{best['n']:,}"),
            )
    near = heads.by_distance(pairs["first"].to_numpy(), pairs["second"].to_numpy())
    by_distance = heads.correlate(near, same_operon, unit, arguments.bootstrap_rounds, seed)
    logging.info("%s, all pairs: r = %.3f", heads.BY_DISTANCE, by_distance["r"][0])
    found.append(
        by_distance.assign(
            layer=0, head=0, name=heads.BY_DISTANCE, model="distance", pairs="all pairs"
        )
    )
    made = stamp("correlate_heads", inputs=inputs, parameters={"labels": labels}, seed=seed)
    table = pd.concat(found, ignore_index=True)
    tables.write(table, arguments.output, tables.ATTENTION_HEADS, made)


if __name__ == "__main__":
    command.run(parser(), main)
