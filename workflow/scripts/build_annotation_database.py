"""Make DIAMOND's database of a reference's proteins, once."""

import logging
from pathlib import Path

from glm import step, tools
from glm.annotation.search import build_database
from glm.corpus.release import one_file


def build_annotation_database(reference: Path, threads: int, *, database: Path) -> None:
    """Check the FASTA, or the one of a manifest, and build."""
    logging.info("diamond %s", tools.version("diamond"))
    build_database(one_file(reference), database, threads)


if __name__ == "__main__":
    step.run(build_annotation_database)
