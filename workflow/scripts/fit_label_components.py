"""Fit the whitened principal components that are the labels, on the training proteins."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command, provenance, tables


def parser() -> ArgumentParser:
    """The options of this rule."""
    made = command.parser(__doc__)
    made.add_argument("--embeddings", type=Path, required=True, help="folder of the shards")
    made.add_argument("--shards", type=int, default=1, help="shards in all")
    made.add_argument("--standardisation", type=Path, required=True)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--splits", type=Path, required=True)
    made.add_argument("--components", type=int, default=99, help="components (default: 99)")
    made.add_argument("--output", type=Path, required=True, help="label_components.parquet")
    return made


def main(arguments: Namespace) -> None:
    """Fit and write; see `glm.embedding.fits.fit_label_components`."""
    from glm.embedding.fits import fit_label_components, shard_paths, training_proteins

    shards = shard_paths(arguments.embeddings, arguments.shards)
    training = training_proteins(arguments.subcontigs, arguments.splits, arguments.representatives)
    standardisation = tables.read(arguments.standardisation, tables.STANDARDISATION)
    stamp = provenance.stamp(
        "fit_label_components",
        inputs=[
            *shards,
            arguments.standardisation,
            arguments.subcontigs,
            arguments.splits,
        ],
        parameters={"components": arguments.components},
    )
    table = fit_label_components(shards, training, standardisation, arguments.components)
    tables.write(table, arguments.output, tables.LABEL_COMPONENTS, stamp)


if __name__ == "__main__":
    command.run(parser(), main)
