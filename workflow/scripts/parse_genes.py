"""Rebuild contigs from MGnify's sequence metadata: genes in order, and the contigs they lie on."""

import argparse
from pathlib import Path

from glm import command
from glm.corpus import gene_metadata, release
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--manifest", type=Path, required=True)
    made.add_argument("--memory", type=int, default=4000, help="megabytes (default: 4000)")
    made.add_argument("--genes", type=Path, required=True, help="output")
    made.add_argument("--contigs", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Explode, sort by contig and start, and write."""
    shards = list(release.required_paths(arguments.manifest, "sequence_metadata"))
    tables_beside = release.manifest_paths(arguments.manifest, "assemblies")
    assemblies = gene_metadata.read_assemblies(next(iter(tables_beside), None))
    work = arguments.genes.with_name(f".{arguments.genes.stem}.runs")
    gene_metadata.write_genes(
        gene_metadata.sorted_places(shards, work, arguments.memory, arguments.threads),
        assemblies,
        arguments.genes,
        arguments.contigs,
        stamp("parse_genes", inputs=[arguments.manifest]),
    )


if __name__ == "__main__":
    command.run(parser(), main)
