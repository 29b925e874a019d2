"""Make DIAMOND's database of a reference's proteins, once."""

import argparse
import logging
from pathlib import Path

from glm import command, tools
from glm.annotation.search import build_database
from glm.corpus.release import one_file


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument(
        "--reference", type=Path, required=True, help="protein FASTA, or the manifest of one"
    )
    made.add_argument("--output", type=Path, required=True, help="the database, .dmnd")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Check the FASTA and build."""
    logging.info("diamond %s", tools.version("diamond"))
    build_database(one_file(arguments.reference), arguments.output, arguments.threads)


if __name__ == "__main__":
    command.run(parser(), main)
