"""Fetch a file that the configuration names by address: a file, or a query of UniProt's service."""

from pathlib import Path

from glm import cluster, step
from glm.corpus.fetching import fetch_file


def download_file(address: str, *, manifest: Path) -> None:
    """Fetch the file and write the manifest beside it; address: https:// or file://."""
    cluster.requeue_in_time()
    fetch_file(address, manifest, step.stamp())


if __name__ == "__main__":
    step.run(download_file)
