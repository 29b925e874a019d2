"""Fetch a RefSeq genome's proteins and feature table, by RefSeq's checksum list."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus.fetching import fetch_release


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--address", required=True, help="https:// or file:// folder, or a path")
    made.add_argument("--output", type=Path, required=True, help="manifest, beside the files")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch the files and write the manifest."""
    fetch_release(
        "download_reference_genome",
        "refseq",
        arguments.address,
        "linclust",
        arguments.threads,
        arguments.output,
    )


if __name__ == "__main__":
    command.run(parser(), main)
