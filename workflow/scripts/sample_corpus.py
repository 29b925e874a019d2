"""Choose random subcontigs of each genome of the corpus that has a lineage."""

import argparse
import json
import logging
from pathlib import Path

import numpy as np

from glm import command, tables
from glm.files import writing
from glm.provenance import derive_seed, stamp
from glm.taxonomy.contigs import from_corpus


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--store", type=Path, required=True)
    made.add_argument("--lineages", type=Path, required=True)
    made.add_argument("--per-genome", type=int, default=1, help="subcontigs (default: 1)")
    made.add_argument("--genes", type=int, default=30, help="of a subcontig (default: 30)")
    made.add_argument("--output", type=Path, required=True, help="the chosen subcontigs")
    made.add_argument("--output-store", type=Path, required=True)
    made.add_argument("--output-stamp", type=Path, required=True, help="of the store")
    made.add_argument("--contigs", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Choose, copy the embeddings that are needed, write."""
    seed = derive_seed(arguments.seed, "sample_corpus")
    subcontigs, contigs, rows = from_corpus(
        arguments.subcontigs, arguments.lineages, arguments.per_genome, arguments.genes, seed
    )
    logging.info("subcontigs: %d of %d genomes", len(contigs), contigs["accession"].nunique())
    made = stamp("sample_corpus", inputs=[arguments.subcontigs, arguments.lineages], seed=seed)
    with writing(arguments.output_store) as beside, beside.open("wb") as handle:
        np.save(handle, np.load(arguments.store, mmap_mode="r")[rows])
    with writing(arguments.output_stamp) as beside:
        beside.write_text(json.dumps(made, indent=2) + "\n")
    tables.write(subcontigs, arguments.output, tables.SUBCONTIGS, made)
    tables.write(contigs, arguments.contigs, tables.TAXONOMY_CONTIGS, made)


if __name__ == "__main__":
    command.run(parser(), main)
