"""Fetch the sequences of a list of pairs (GREMLIN's ModA and ModC) from UniProt, batch by batch."""

import logging
from pathlib import Path

import pandas as pd

from glm import step, tables
from glm.errors import GlmError
from glm.paralogs import accessions
from glm.paralogs.uniprot import fetch


def fetch_paralogs(pairs: Path | None, uniprot: str, *, candidates: Path) -> None:
    """Fetch what both proteins of each pair are; pairs without sequence are kept with none.

    pairs: two UniProt accessions a line. uniprot: the service's address. Its answers stay in a
    folder beside the candidates, so that another start resumes.
    """
    if pairs is None:
        raise GlmError(
            "no list of pairs; set paralogs.pairs to a file with two UniProt accessions a line "
            "(GREMLIN's 2ONK_A and 2ONK_C), or paralogs.source to genomes"
        )
    listed, twice = accessions.read_pairs(pairs)
    logging.info("pairs: %s, listed twice: %s", f"{len(listed):,}", f"{twice:,}")
    wanted = [accession for pair in listed for accession in pair]
    fetched = fetch(wanted, candidates.parent / "uniprot", uniprot)
    for accession, reason in sorted(fetched.missing.items()):
        logging.info("%s: %s", accession, reason, extra={"file_only": True})
    logging.info(
        "accessions that UniParc alone has: %d; without sequence: %d",
        *(fetched.archived, len(fetched.missing)),
    )
    if not fetched.sequences:
        raise GlmError(f"{pairs}: UniProt has a sequence of none of its accessions")
    table = pd.DataFrame(listed, columns=["a", "c"]).assign(
        a_sequence=[fetched.sequences.get(pair.a) for pair in listed],
        c_sequence=[fetched.sequences.get(pair.c) for pair in listed],
        origin="uniprot",
    )
    made = step.stamp(twice=twice, of_uniparc=fetched.archived, missing=len(fetched.missing))
    tables.write(table, candidates, tables.PARALOG_CANDIDATES, made)


if __name__ == "__main__":
    step.run(fetch_paralogs)
