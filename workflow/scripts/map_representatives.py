"""Give each gene of a contig that is long enough the protein that represents its cluster."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus.mapping import write_mapped_genes
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--genes", type=Path, required=True)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--clusters", type=Path, required=True)
    made.add_argument("--minimum-genes", type=int, default=15, help="of a contig (default: 15)")
    made.add_argument("--memory", type=int, default=4000, help="megabytes (default: 4000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Join, sort and write."""
    inputs = (arguments.genes, arguments.contigs, arguments.clusters)
    settings = {"minimum_genes": arguments.minimum_genes}
    write_mapped_genes(
        *inputs,
        arguments.output,
        stamp("map_representatives", inputs=inputs, parameters=settings),
        minimum_genes=arguments.minimum_genes,
        memory_mb=arguments.memory,
        threads=arguments.threads,
    )


if __name__ == "__main__":
    command.run(parser(), main)
