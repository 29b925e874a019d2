"""Fetch the sequences of a list of pairs (GREMLIN's ModA and ModC) from UniProt, batch by batch."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.errors import GlmError
from glm.paralogs import uniprot
from glm.paralogs.accessions import read_pairs
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--pairs", type=Path, required=True, help="two UniProt accessions a line")
    made.add_argument("--cache", type=Path, required=True, help="folder of what was answered")
    made.add_argument("--address", required=True, help="of the service")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the list, fetch, write; pairs without sequence are kept with none."""
    if not arguments.pairs.is_file():
        raise GlmError(
            f"{arguments.pairs}: no list of pairs; set paralogs.pairs to a file with two UniProt "
            "accessions a line (GREMLIN's 2ONK_A and 2ONK_C), or paralogs.source to genomes"
        )
    pairs, twice = read_pairs(arguments.pairs)
    logging.info("pairs: %s, listed twice: %s", f"{len(pairs):,}", f"{twice:,}")
    accessions = [accession for pair in pairs for accession in pair]
    fetched = uniprot.fetch(accessions, arguments.cache, arguments.address)
    for accession, reason in sorted(fetched.missing.items()):
        logging.info("%s: %s", accession, reason, extra={"file_only": True})
    logging.info(
        "accessions that UniParc alone has: %d; without sequence: %d",
        *(fetched.archived, len(fetched.missing)),
    )
    if not fetched.sequences:
        raise GlmError(f"{arguments.pairs}: UniProt has a sequence of none of its accessions")
    table = pd.DataFrame(pairs, columns=["a", "c"]).assign(
        a_sequence=[fetched.sequences.get(pair.a) for pair in pairs],
        c_sequence=[fetched.sequences.get(pair.c) for pair in pairs],
        origin="uniprot",
    )
    counts = {"twice": twice, "of_uniparc": fetched.archived, "missing": len(fetched.missing)}
    made = stamp("fetch_paralogs", inputs=[arguments.pairs], parameters=counts)
    tables.write(table, arguments.output, tables.PARALOG_CANDIDATES, made)


if __name__ == "__main__":
    command.run(parser(), main)
