"""Cut contigs into subcontigs: windows of at most 30 genes (Methods, Sequence database)."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus.subcontigs import write_subcontigs
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--mapped-genes", type=Path, required=True)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--minimum-genes", type=int, default=15, help="of a subcontig (default: 15)")
    made.add_argument("--maximum-genes", type=int, default=30, help="of a subcontig (default: 30)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Cut, number and write."""
    inputs = (arguments.mapped_genes, arguments.contigs, arguments.representatives)
    settings = {
        "minimum_genes": arguments.minimum_genes,
        "maximum_genes": arguments.maximum_genes,
    }
    write_subcontigs(
        *inputs,
        arguments.output,
        stamp("build_subcontigs", inputs=inputs, parameters=settings),
        minimum_genes=arguments.minimum_genes,
        maximum_genes=arguments.maximum_genes,
    )


if __name__ == "__main__":
    command.run(parser(), main)
