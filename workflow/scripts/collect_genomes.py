"""Put the chosen stretches of all genomes together as a corpus: subcontigs and proteins."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.provenance import stamp
from glm.taxonomy.contigs import from_windows


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--genomes", type=Path, required=True)
    made.add_argument("--windows", type=Path, nargs="+", required=True)
    made.add_argument("--skipped", type=Path, nargs="+", required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--all-skipped", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the shards, number proteins and contigs, write."""
    made = stamp("collect_genomes", inputs=[arguments.genomes, *arguments.windows])
    skipped = pd.concat(
        tables.read(path, tables.TAXONOMY_SKIPPED).to_pandas() for path in arguments.skipped
    )
    tables.write(skipped, arguments.all_skipped, tables.TAXONOMY_SKIPPED, made)
    windows = pd.concat(
        tables.read(path, tables.TAXONOMY_WINDOWS).to_pandas() for path in arguments.windows
    )
    genomes = tables.read(arguments.genomes, tables.TAXONOMY_GENOMES).to_pandas()
    subcontigs, representatives, contigs = from_windows(windows, genomes)
    logging.info("contigs: %d, genomes skipped: %d", len(contigs), len(skipped))
    tables.write(subcontigs, arguments.subcontigs, tables.SUBCONTIGS, made)
    tables.write(representatives, arguments.representatives, tables.REPRESENTATIVES, made)
    tables.write(contigs, arguments.contigs, tables.TAXONOMY_CONTIGS, made)


if __name__ == "__main__":
    command.run(parser(), main)
