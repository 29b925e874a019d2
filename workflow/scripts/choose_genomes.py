"""List the representative prokaryotes and the viruses of RefSeq, with their lineages, by the lists
that RefSeq and NCBI's taxonomy publish."""

import logging
from pathlib import Path

from glm import step, tables
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile, base_address, required_paths
from glm.taxonomy.lineages import DOMAINS, list_genomes

SUMMARY = "assembly_summary.txt"
TAXDUMP = "taxdump.tar.gz"


def choose_genomes(refseq: str, taxdump: str, *, manifest: Path, genomes: Path) -> None:
    """Fetch the files, write the manifest beside them, and list the genomes.

    refseq: address of genomes/refseq. taxdump: of the folder of taxdump.tar.gz.
    """
    summaries = [
        RemoteFile(f"{base_address(refseq)}{group}/{SUMMARY}", f"{group}.txt", group, None)
        for group in DOMAINS
    ]
    taxonomy = RemoteFile(f"{base_address(taxdump)}{TAXDUMP}", TAXDUMP, "taxdump", None)
    files = [*summaries, taxonomy]
    with streams.client() as client:
        fetched = download.fetch_all(client, files, manifest.parent, len(files))
    made = step.stamp()
    tables.write(fetched, manifest, tables.MANIFEST, made)
    (names,) = required_paths(manifest, "taxdump")
    listed = list_genomes({group: required_paths(manifest, group)[0] for group in DOMAINS}, names)
    for domain, count in listed["domain"].value_counts().items():
        logging.info("%s: %s genomes", domain, f"{count:,}")
    logging.info("without a class: %s", f"{listed['taxonomic_class'].isna().sum():,}")
    tables.write(listed, genomes, tables.TAXONOMY_GENOMES, made)


if __name__ == "__main__":
    step.run(choose_genomes)
