"""Fetch the genomes of RefSeq that a corpus is made of: feature tables and proteins."""

from pathlib import Path

from glm import cluster, step, tables
from glm.corpus.reference_genomes import fetch_genomes


def download_genomes(
    genomes: Path, bandwidth: float | None, threads: int, *, manifest: Path, left_out: Path
) -> None:
    """Fetch them, `threads` at a time, into the folder of the manifest; those that are whole stay.

    bandwidth: MB/s of all downloads, None for no limit.
    """
    cluster.requeue_in_time()
    rows = tables.read(genomes, tables.TAXONOMY_GENOMES).to_pylist()
    limit = bandwidth and bandwidth * 1e6
    fetched, without = fetch_genomes(rows, manifest.parent, threads, limit)
    skipped = tables.TAXONOMY_SKIPPED
    tables.write(skipped.frame(without), left_out, skipped, step.stamp())
    tables.write(fetched, manifest, tables.MANIFEST, step.stamp())


if __name__ == "__main__":
    step.run(download_genomes)
