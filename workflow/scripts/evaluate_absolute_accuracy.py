"""Absolute accuracy on the reference genome: each gene masked in turn, all genes as candidates."""

import argparse

from glm import command
from glm.evaluation import stage


def parser() -> argparse.ArgumentParser:
    """The command line."""
    return stage.parser(__doc__)


def main(arguments: argparse.Namespace) -> None:
    """Judge models and baselines on the same masked genes, and write the tables."""
    stage.run(arguments, "evaluate_absolute_accuracy", whole_genome=True)


if __name__ == "__main__":
    command.run(parser(), main)
