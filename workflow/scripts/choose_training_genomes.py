"""Choose the genomes of RefSeq that a corpus is made of."""

import logging
from pathlib import Path
from typing import Literal

from glm import step, tables
from glm.taxonomy.lineages import list_fetched
from glm.taxonomy.selection import select

PROKARYOTES = ("bacteria", "archaea")


def choose_training_genomes(
    manifest: Path,
    one_per: Literal["genus", "family"] | None,
    number: int | None,
    accessions: list[str],
    seed: int,
    *,
    genomes: Path,
) -> None:
    """Choose by lineage and number among the reference genomes, or take those that are named.

    manifest: of RefSeq's lists.
    """
    listed = list_fetched(manifest, PROKARYOTES, accessions)
    chosen = listed if accessions else select(listed, one_per, number, seed)
    for domain, found in chosen.groupby("domain"):
        families = found["family"].nunique()
        logging.info("%s: %s genomes of %s families", domain, f"{len(found):,}", f"{families:,}")
    tables.write(chosen, genomes, tables.TAXONOMY_GENOMES, step.stamp())


if __name__ == "__main__":
    step.run(choose_training_genomes)
