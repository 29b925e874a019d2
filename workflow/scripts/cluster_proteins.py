"""Say which protein stands for which: clusters as published, by mmseqs linclust, or none."""

from pathlib import Path
from typing import Literal

from glm import step, tools
from glm.corpus import release
from glm.corpus.clusters import (
    write_linclust_clusters,
    write_own_clusters,
    write_published_clusters,
)


def cluster_proteins(
    sequences: Path,
    method: Literal["published", "linclust", "own"],
    identity: float,
    coverage: float,
    threads: int,
    *,
    clusters: Path,
) -> None:
    """Write each protein's cluster.

    sequences: a release's manifest, or a table of proteins. own: a protein stands for itself.
    """
    if method == "linclust":
        write_linclust_clusters(
            sequences,
            clusters,
            step.stamp(tools.versions(["mmseqs"])),
            identity=identity,
            coverage=coverage,
            threads=threads,
        )
    elif method == "published":
        files = list(release.required_paths(sequences, "clusters"))
        write_published_clusters(files, clusters, step.stamp())
    else:
        write_own_clusters(sequences, clusters, step.stamp())


if __name__ == "__main__":
    step.run(cluster_proteins)
