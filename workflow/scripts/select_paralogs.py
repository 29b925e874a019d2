"""Select the pairs to analyse: both sequences whole, genes adjacent; and cluster them (CD-HIT)."""

import argparse
import hashlib
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables, tools
from glm.paralogs import selection
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--candidates", type=Path, required=True)
    made.add_argument("--source", choices=["uniprot", "genomes"], required=True)
    made.add_argument("--cluster-identity", type=float, default=0.5)
    made.add_argument("--pairs", type=Path, required=True)
    made.add_argument("--excluded", type=Path, required=True, help="pairs left out, and why")
    made.add_argument("--representatives", type=Path, required=True, help="proteins to embed")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Select, cluster, write."""
    listed = tables.read(arguments.candidates, tables.PARALOG_CANDIDATES).to_pylist()
    pairs, excluded = selection.select(
        [selection.Listed(**row) for row in listed], by_accession=arguments.source == "uniprot"
    )
    for reason, count in selection.count(excluded).items():
        logging.info("excluded, %s: %s", reason, f"{count:,}")
    sequences = {p.a: str(p.a_sequence) for p in pairs} | {p.c: str(p.c_sequence) for p in pairs}
    clusters = selection.cluster(sequences, arguments.cluster_identity, arguments.threads)
    logging.info(
        "pairs: %s of %s; proteins: %s, clusters at %g: %s",
        *(f"{len(pairs):,}", f"{len(listed):,}", f"{len(sequences):,}"),
        *(arguments.cluster_identity, f"{len(set(clusters.values())):,}"),
    )
    by_length = sorted(sequences, key=lambda name: (len(sequences[name]), name))
    row_of = {name: row for row, name in enumerate(by_length)}
    about = {"cluster_identity": arguments.cluster_identity, "source": arguments.source,
             "listed": len(listed), "clusters": len(set(clusters.values()))}  # fmt: skip
    made = stamp(
        "select_paralogs",
        inputs=[arguments.candidates],
        parameters=about,
        tools=tools.versions(["cd-hit"]),
    )
    table = pd.DataFrame(pairs)[["a", "c", "origin"]]
    table.insert(0, "pair", range(len(table)))
    for side in ("a", "c"):
        table[f"{side}_representative"] = [row_of[name] for name in table[side]]
        table[f"{side}_cluster"] = [clusters[name] for name in table[side]]
    proteins = pd.DataFrame(
        {
            "representative": range(len(by_length)),
            "protein": range(len(by_length)),
            "length": [len(sequences[name]) for name in by_length],
            "sha256": [hashlib.sha256(sequences[name].encode()).hexdigest() for name in by_length],
            "sequence": [sequences[name] for name in by_length],
        }
    )
    tables.write(table, arguments.pairs, tables.PARALOGS, made)
    columns = list(selection.Excluded._fields)
    tables.write(
        pd.DataFrame(excluded, columns=columns, dtype="str"),
        arguments.excluded,
        tables.PARALOGS_EXCLUDED,
        made,
    )
    tables.write(proteins, arguments.representatives, tables.REPRESENTATIVES, made)


if __name__ == "__main__":
    command.run(parser(), main)
