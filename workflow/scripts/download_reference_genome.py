"""Fetch a RefSeq genome's proteins and feature table, by RefSeq's checksum list."""

from pathlib import Path

from glm import step
from glm.corpus.fetching import fetch_release


def download_reference_genome(address: str, threads: int, *, manifest: Path) -> None:
    """Fetch the files and write the manifest beside them; address: of the assembly's folder."""
    fetch_release("refseq", address, "linclust", threads, manifest, step.stamp())


if __name__ == "__main__":
    step.run(download_reference_genome)
