"""Fetch one shard of the genomes, resumably, and choose a random stretch of genes of each."""

from pathlib import Path

from glm import cluster, step, tables
from glm.taxonomy import genomes as fetching


def sample_genomes(
    genomes: Path,
    shard: int,
    shards: int,
    genes: int,
    minimum_genes: int,
    folder: str,
    seed: int,
    *,
    windows: Path,
    skipped: Path,
) -> None:
    """Fetch the genomes into a folder, and choose.

    genes: of a stretch. minimum_genes: of a genome's longest contig.
    """
    cluster.requeue_in_time()
    listed = tables.read(genomes, tables.TAXONOMY_GENOMES).to_pandas()
    rows = listed[listed["genome"] % shards == shard].to_dict("records")
    found = fetching.sample_genomes(rows, Path(folder), genes, minimum_genes, seed)
    declared = (tables.TAXONOMY_WINDOWS, tables.TAXONOMY_SKIPPED)
    for rows, kind, output in zip(found, declared, (windows, skipped), strict=True):
        tables.write(kind.frame(rows), output, kind, step.stamp())


if __name__ == "__main__":
    step.run(sample_genomes)
