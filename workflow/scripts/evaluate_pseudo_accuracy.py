"""Pseudo-accuracy of gLM, biLSTM and baselines, on held-out subcontigs and the reference genome."""

import argparse

from glm import command
from glm.evaluation import stage


def parser() -> argparse.ArgumentParser:
    """The command line."""
    return stage.parser(__doc__)


def main(arguments: argparse.Namespace) -> None:
    """Judge models and baselines on the same masked genes, and write the tables."""
    stage.run(arguments, "evaluate_pseudo_accuracy", whole_genome=False)


if __name__ == "__main__":
    command.run(parser(), main)
