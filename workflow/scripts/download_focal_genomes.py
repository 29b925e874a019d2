"""Fetch the genomes of an entry from NCBI by accession, and read or call their genes."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus import genome_tables, genomes
from glm.provenance import stamp
from glm.semantics import datasets


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--accessions", type=Path, required=True, help="table, column assembly")
    made.add_argument("--address", required=True, help="of the NCBI Datasets service")
    made.add_argument("--folder", type=Path, required=True, help="where genomes are kept")
    made.add_argument("--genes", type=Path, required=True, help="output")
    made.add_argument("--contigs", type=Path, required=True, help="output")
    made.add_argument("--proteins", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch, read (genes of genomes without annotation are called), write."""
    accessions = datasets.read_accessions(arguments.accessions)
    fetched = datasets.fetch(accessions, arguments.folder, arguments.address)
    read = genomes.read_readable(fetched.paths)
    left_out = {"missing": fetched.missing, "unreadable": read.unreadable}
    genome_tables.write_genomes(
        read.genomes,
        arguments.genes,
        arguments.contigs,
        arguments.proteins,
        stamp(
            "download_focal_genomes",
            inputs=[arguments.accessions, *fetched.paths],
            parameters={"address": arguments.address, **left_out},
        ),
    )


if __name__ == "__main__":
    command.run(parser(), main)
