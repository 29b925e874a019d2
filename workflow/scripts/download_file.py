"""Fetch a file that the configuration names by address: a file, or a query of UniProt's service."""

import argparse
from pathlib import Path

from glm import cluster, command
from glm.corpus.fetching import fetch_file


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--address", required=True, help="https:// or file:// address of the file")
    made.add_argument("--output", type=Path, required=True, help="manifest, beside the file")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch the file and write the manifest."""
    cluster.requeue_in_time()
    fetch_file("download_file", arguments.address, arguments.output)


if __name__ == "__main__":
    command.run(parser(), main)
