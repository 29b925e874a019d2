"""Flag the subcontigs of which too many genes are like the reference genome."""

import argparse
from pathlib import Path

from glm import command
from glm.decontamination.split import flag
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--hits", type=Path, required=True)
    made.add_argument(
        "--identity", type=float, default=0.7, help="a gene is alike OVER this (default: 0.7)"
    )
    made.add_argument(
        "--share", type=float, default=0.5, help="removed with MORE than this (default: 0.5)"
    )
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Join subcontigs with hits, count, and write the flags."""
    settings = {"identity": arguments.identity, "share": arguments.share}
    inputs = (arguments.subcontigs, arguments.hits)
    flag(
        *inputs,
        arguments.output,
        stamp("flag_subcontigs", inputs=inputs, parameters=settings),
        identity=arguments.identity,
        share=arguments.share,
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
