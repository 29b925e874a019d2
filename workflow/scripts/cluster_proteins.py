"""Say which protein stands for which: clusters as published, by mmseqs linclust, or none."""

import argparse
from pathlib import Path

from glm import command, tools
from glm.corpus import clusters, release
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--sequences", type=Path, required=True, help="manifest, or proteins table")
    made.add_argument("--method", choices=["published", "linclust", "own"], required=True)
    made.add_argument("--identity", type=float, default=0.9, help="of linclust (default: 0.9)")
    made.add_argument("--coverage", type=float, default=0.9, help="of linclust (default: 0.9)")
    made.add_argument("--memory", type=int, default=4000, help="megabytes (default: 4000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Write each protein's cluster."""
    parameters = {"method": arguments.method}
    sequences, output, threads = arguments.sequences, arguments.output, arguments.threads
    if arguments.method == "linclust":
        thresholds = {"identity": arguments.identity, "coverage": arguments.coverage}
        made_by = stamp(
            "cluster_proteins",
            inputs=[sequences],
            parameters={**parameters, **thresholds},
            tools=tools.versions(["mmseqs"]),
        )
        clusters.write_linclust_clusters(sequences, output, made_by, threads=threads, **thresholds)
        return
    made_by = stamp("cluster_proteins", inputs=[sequences], parameters=parameters)
    if arguments.method == "published":
        files = list(release.required_paths(sequences, "clusters"))
        clusters.write_published_clusters(files, output, made_by)
    else:
        clusters.write_own_clusters(sequences, output, made_by)


if __name__ == "__main__":
    command.run(parser(), main)
