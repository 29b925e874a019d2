"""Fetch a reference set (UniRef100, enzymes with EC numbers) as one file, resumably."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus.fetching import fetch_file


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--address", required=True, help="https:// or file:// address of the file")
    made.add_argument("--name", required=True, help="what the file is called here")
    made.add_argument("--output", type=Path, required=True, help="manifest, beside the file")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch the file and write the manifest."""
    fetch_file("download_reference_set", arguments.address, arguments.name, arguments.output)


if __name__ == "__main__":
    command.run(parser(), main)
