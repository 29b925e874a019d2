"""List the representative prokaryotes and the viruses of RefSeq, with their lineages, by the lists
that RefSeq and NCBI's taxonomy publish."""

import logging
from pathlib import Path

from glm import step, tables
from glm.taxonomy.lineages import DOMAINS, list_fetched


def choose_genomes(manifest: Path, *, genomes: Path) -> None:
    """List the genomes; manifest: of the lists."""
    listed = list_fetched(manifest, DOMAINS)
    for domain, count in listed["domain"].value_counts().items():
        logging.info("%s: %s genomes", domain, f"{count:,}")
    logging.info("without a class: %s", f"{listed['taxonomic_class'].isna().sum():,}")
    tables.write(listed, genomes, tables.TAXONOMY_GENOMES, step.stamp())


if __name__ == "__main__":
    step.run(choose_genomes)
