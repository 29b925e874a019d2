"""Audit how much homology to the reference genome the splits still hold."""

import argparse
from pathlib import Path

from glm import command
from glm.decontamination.leakage import IDENTITIES, audit
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--splits", type=Path, required=True)
    made.add_argument("--hits", type=Path, required=True)
    made.add_argument(
        "--share", type=float, default=0.5, help="mostly alike is more than this (default: 0.5)"
    )
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Count what is over each identity in each split, log it, and write it."""
    inputs = (arguments.subcontigs, arguments.splits, arguments.hits)
    parameters = {"share": arguments.share, "identities": IDENTITIES}
    audit(
        *inputs,
        arguments.output,
        stamp("audit_leakage", inputs=inputs, parameters=parameters),
        share=arguments.share,
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
