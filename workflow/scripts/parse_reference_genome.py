"""Read a RefSeq genome's feature table and proteins as genes, contigs and proteins."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus import genome_tables, refseq, release
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--manifest", type=Path, required=True)
    made.add_argument("--name", required=True, help="the genome's name in tables and figures")
    made.add_argument("--genes", type=Path, required=True, help="output")
    made.add_argument("--contigs", type=Path, required=True, help="output")
    made.add_argument("--proteins", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read, number and write."""
    [table] = release.required_paths(arguments.manifest, "feature_table")
    [fasta] = release.required_paths(arguments.manifest, "proteins")
    genes, proteins = refseq.read_genome(table, fasta)
    genome_tables.write_genomes(
        [genome_tables.Genome(arguments.name, genes, proteins)],
        arguments.genes,
        arguments.contigs,
        arguments.proteins,
        stamp(
            "parse_reference_genome",
            inputs=[arguments.manifest],
            parameters={"name": arguments.name},
        ),
    )


if __name__ == "__main__":
    command.run(parser(), main)
