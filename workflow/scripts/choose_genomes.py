"""List the representative prokaryotes and the viruses of RefSeq, with their lineages."""

import argparse
import logging
from pathlib import Path

from glm import command, tables
from glm.corpus.release import required_paths
from glm.provenance import stamp
from glm.taxonomy.lineages import DOMAINS, list_genomes


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--manifest", type=Path, required=True, help="of download_taxonomy")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the summaries and the taxonomy, write the genomes."""
    summaries = {group: required_paths(arguments.manifest, group)[0] for group in DOMAINS}
    (taxdump,) = required_paths(arguments.manifest, "taxdump")
    genomes = list_genomes(summaries, taxdump)
    for domain, count in genomes["domain"].value_counts().items():
        logging.info("%s: %s genomes", domain, f"{count:,}")
    logging.info("without a class: %s", f"{genomes['taxonomic_class'].isna().sum():,}")
    made = stamp("choose_genomes", inputs=[arguments.manifest])
    tables.write(genomes, arguments.output, tables.TAXONOMY_GENOMES, made)


if __name__ == "__main__":
    command.run(parser(), main)
