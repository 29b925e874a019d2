"""Put the chosen stretches of all genomes together as a corpus: subcontigs and proteins."""

import logging
from pathlib import Path

import pandas as pd

from glm import step, tables
from glm.taxonomy.contigs import from_windows


def collect_genomes(
    genomes: Path,
    windows: list[Path],
    left_out: list[Path],
    *,
    subcontigs: Path,
    representatives: Path,
    contigs: Path,
    skipped: Path,
) -> None:
    """Read the shards, number proteins and contigs, write.

    left_out: the shards' genomes that gave no window.
    """
    made = step.stamp()
    none = pd.concat(tables.read(path, tables.TAXONOMY_SKIPPED).to_pandas() for path in left_out)
    tables.write(none, skipped, tables.TAXONOMY_SKIPPED, made)
    chosen = pd.concat(tables.read(path, tables.TAXONOMY_WINDOWS).to_pandas() for path in windows)
    listed = tables.read(genomes, tables.TAXONOMY_GENOMES).to_pandas()
    of_windows, proteins, of_contigs = from_windows(chosen, listed)
    logging.info("contigs: %d, genomes left out: %d", len(of_contigs), len(none))
    tables.write(of_windows, subcontigs, tables.SUBCONTIGS, made)
    tables.write(proteins, representatives, tables.REPRESENTATIVES, made)
    tables.write(of_contigs, contigs, tables.TAXONOMY_CONTIGS, made)


if __name__ == "__main__":
    step.run(collect_genomes)
