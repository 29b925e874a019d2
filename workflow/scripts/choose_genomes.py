"""List the representative prokaryotes and the viruses of RefSeq, with their lineages."""

import logging
from pathlib import Path

from glm import step, tables
from glm.corpus.release import required_paths
from glm.taxonomy.lineages import DOMAINS, list_genomes


def choose_genomes(manifest: Path, *, genomes: Path) -> None:
    """Read the summaries and the taxonomy that the manifest lists, write the genomes."""
    summaries = {group: required_paths(manifest, group)[0] for group in DOMAINS}
    (taxdump,) = required_paths(manifest, "taxdump")
    listed = list_genomes(summaries, taxdump)
    for domain, count in listed["domain"].value_counts().items():
        logging.info("%s: %s genomes", domain, f"{count:,}")
    logging.info("without a class: %s", f"{listed['taxonomic_class'].isna().sum():,}")
    tables.write(listed, genomes, tables.TAXONOMY_GENOMES, step.stamp())


if __name__ == "__main__":
    step.run(choose_genomes)
