"""Fit the mean and standard deviation of each embedding feature on the training proteins."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command, provenance, tables


def parser() -> ArgumentParser:
    """The options of this rule."""
    made = command.parser(__doc__)
    made.add_argument("--embeddings", type=Path, required=True, help="folder of the shards")
    made.add_argument("--shards", type=int, default=1, help="shards in all")
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--splits", type=Path, required=True)
    made.add_argument("--output", type=Path, required=True, help="standardisation.parquet")
    return made


def main(arguments: Namespace) -> None:
    """Fit and write; see `glm.embedding.fits.fit_standardisation`."""
    from glm.embedding.fits import fit_standardisation, shard_paths, training_proteins

    shards = shard_paths(arguments.embeddings, arguments.shards)
    training = training_proteins(arguments.subcontigs, arguments.splits, arguments.representatives)
    stamp = provenance.stamp(
        "fit_standardisation",
        inputs=[*shards, arguments.subcontigs, arguments.splits],
    )
    table = fit_standardisation(shards, training)
    tables.write(table, arguments.output, tables.STANDARDISATION, stamp)


if __name__ == "__main__":
    command.run(parser(), main)
