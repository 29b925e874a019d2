"""Give the operon analysis' numbers to the scorecard."""

import argparse
from pathlib import Path

from glm import command, tables
from glm.operons.summary import numbers
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--heads", type=Path, required=True)
    made.add_argument("--comparison", type=Path, required=True)
    made.add_argument("--pairs", type=Path, required=True, help="whose stamp names the labels")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read, choose, write."""
    about = tables.read_stamp(arguments.pairs)["parameters"]
    rows = numbers(
        tables.read(arguments.heads, tables.ATTENTION_HEADS).to_pandas(),
        tables.read(arguments.comparison, tables.OPERON_COMPARISON).to_pandas(),
        about["operons"],
        about["labels"],
    )
    inputs = [arguments.heads, arguments.comparison, arguments.pairs]
    made = stamp("summarise_operons", inputs=inputs, parameters={"labels": about["labels"]})
    tables.write(tables.NUMBERS.frame(rows), arguments.output, tables.NUMBERS, made)


if __name__ == "__main__":
    command.run(parser(), main)
