"""Collect the sequences to embed: the representatives that subcontigs need, sorted by length."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus.representatives import write_representatives
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--sequences", type=Path, required=True, help="manifest, or proteins table")
    made.add_argument("--mapped-genes", type=Path, required=True)
    made.add_argument("--minimum-genes", type=int, default=15, help="of a subcontig (default: 15)")
    made.add_argument("--maximum-genes", type=int, default=30, help="of a subcontig (default: 30)")
    made.add_argument("--memory", type=int, default=4000, help="megabytes (default: 4000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Pick, sort and write."""
    inputs = (arguments.sequences, arguments.mapped_genes)
    settings = {
        "minimum_genes": arguments.minimum_genes,
        "maximum_genes": arguments.maximum_genes,
    }
    write_representatives(
        *inputs,
        arguments.output,
        stamp("collect_representatives", inputs=inputs, parameters=settings),
        minimum_genes=arguments.minimum_genes,
        maximum_genes=arguments.maximum_genes,
        memory_mb=arguments.memory,
        threads=arguments.threads,
    )


if __name__ == "__main__":
    command.run(parser(), main)
