"""Fetch a release: an MGnify protein database's, or a RefSeq genome's, by its own checksum list."""

from pathlib import Path
from typing import Literal

from glm import cluster, step
from glm.corpus.fetching import describe_release, fetch_release


def download_release(
    address: str,
    clusters: Literal["published", "linclust"],
    bandwidth: float | None,
    threads: int,
    kind: Literal["mgnify", "refseq"] = "mgnify",
    dry_run: bool = False,
    *,
    manifest: Path,
) -> None:
    """Fetch the files, `threads` at a time, and write the manifest beside them.

    address: of the release's folder. clusters: of MGnify, whether its own are fetched. bandwidth:
    MB/s of all downloads, None for no limit. dry_run: say what would be fetched, and how large it
    is, and end.
    """
    if dry_run:
        print(describe_release(kind, address, clusters, manifest.parent))
        return
    cluster.requeue_in_time()
    limit = bandwidth and bandwidth * 1e6
    fetch_release(kind, address, clusters, threads, manifest, step.stamp(), limit)


if __name__ == "__main__":
    step.run(download_release)
