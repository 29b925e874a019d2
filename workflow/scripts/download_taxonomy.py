"""Fetch RefSeq's assembly summaries and NCBI's taxonomy, resumably."""

import argparse
from pathlib import Path

from glm import command, tables
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile, base_address
from glm.provenance import stamp
from glm.taxonomy.lineages import DOMAINS

SUMMARY = "assembly_summary.txt"
TAXDUMP = "taxdump.tar.gz"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--refseq", required=True, help="address of genomes/refseq")
    made.add_argument("--taxonomy", required=True, help="address of the folder of taxdump.tar.gz")
    made.add_argument("--output", type=Path, required=True, help="manifest, beside the files")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch the files and write the manifest."""
    refseq, taxonomy = base_address(arguments.refseq), base_address(arguments.taxonomy)
    files = [
        RemoteFile(f"{refseq}{group}/{SUMMARY}", f"{group}.txt", group, None) for group in DOMAINS
    ]
    files.append(RemoteFile(f"{taxonomy}{TAXDUMP}", TAXDUMP, "taxdump", None))
    with streams.client() as client:
        manifest = download.fetch_all(client, files, arguments.output.parent, len(files))
    parameters = {"refseq": refseq, "taxonomy": taxonomy}
    made = stamp("download_taxonomy", parameters=parameters)
    tables.write(manifest, arguments.output, tables.MANIFEST, made)


if __name__ == "__main__":
    command.run(parser(), main)
