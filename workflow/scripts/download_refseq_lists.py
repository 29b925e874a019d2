"""Fetch the lists of RefSeq's assemblies, and NCBI's taxonomy."""

from pathlib import Path

from glm import step, tables
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile, base_address
from glm.taxonomy.lineages import DOMAINS

SUMMARY = "assembly_summary.txt"
TAXDUMP = "taxdump.tar.gz"


def download_refseq_lists(refseq: str, taxdump: str, *, manifest: Path) -> None:
    """Fetch the files, and write the manifest beside them.

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
    tables.write(fetched, manifest, tables.MANIFEST, step.stamp())


if __name__ == "__main__":
    step.run(download_refseq_lists)
