"""Fetch an MGnify protein release: what a run needs of it, by its own checksum list."""

import argparse
from pathlib import Path

from glm import cluster, command
from glm.corpus.fetching import describe_release, fetch_release


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--address", required=True, help="https://, ftp://, file://, or a path")
    made.add_argument("--clusters", choices=["published", "linclust"], default="published")
    made.add_argument("--bandwidth", type=float, help="MB/s of all downloads (default: no limit)")
    made.add_argument("--dry-run", action="store_true", help="say what would be fetched, and end")
    made.add_argument("--output", type=Path, required=True, help="manifest, beside the files")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch the files, --threads at a time, and write the manifest."""
    if arguments.dry_run:
        folder = arguments.output.parent
        print(describe_release("mgnify", arguments.address, arguments.clusters, folder))
        return
    cluster.requeue_in_time()
    fetch_release(
        "download_release",
        "mgnify",
        arguments.address,
        arguments.clusters,
        arguments.threads,
        arguments.output,
        arguments.bandwidth and arguments.bandwidth * 1e6,
    )


if __name__ == "__main__":
    command.run(parser(), main)
