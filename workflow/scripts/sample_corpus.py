"""Choose random subcontigs of each genome of the corpus that has a lineage."""

import json
import logging
from pathlib import Path

import numpy as np

from glm import step, tables
from glm.files import writing
from glm.taxonomy.contigs import from_corpus


def sample_corpus(
    subcontigs: Path,
    store: Path,
    lineages: Path,
    per_genome: int,
    genes: int,
    seed: int,
    *,
    chosen: Path,
    chosen_store: Path,
    chosen_stamp: Path,
    contigs: Path,
) -> None:
    """Choose, copy the embeddings that are needed, write.

    per_genome: subcontigs of a genome. genes: of a subcontig.
    """
    found, of_contigs, rows = from_corpus(subcontigs, lineages, per_genome, genes, seed)
    logging.info("subcontigs: %d of %d genomes", len(found), of_contigs["accession"].nunique())
    made = step.stamp()
    with writing(chosen_store) as beside, beside.open("wb") as handle:
        np.save(handle, np.load(store, mmap_mode="r")[rows])
    with writing(chosen_stamp) as beside:
        beside.write_text(json.dumps(made, indent=2) + "\n")
    tables.write(found, chosen, tables.SUBCONTIGS, made)
    tables.write(of_contigs, contigs, tables.TAXONOMY_CONTIGS, made)


if __name__ == "__main__":
    step.run(sample_corpus)
