"""Read one's own genomes: FASTA (genes called with pyrodigal), GenBank, or GFF with its FASTA."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus import genome_tables, genomes
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("genomes", type=Path, nargs="+")
    made.add_argument("--genes", type=Path, required=True, help="output")
    made.add_argument("--contigs", type=Path, required=True, help="output")
    made.add_argument("--proteins", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read or call the genes of each genome, number and write them."""
    read = genomes.read_readable(arguments.genomes)
    genome_tables.write_genomes(
        read.genomes,
        arguments.genes,
        arguments.contigs,
        arguments.proteins,
        stamp("call_genes", inputs=arguments.genomes, parameters={"unreadable": read.unreadable}),
    )


if __name__ == "__main__":
    command.run(parser(), main)
