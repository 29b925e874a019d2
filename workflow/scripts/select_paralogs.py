"""Select the pairs to analyse: both sequences whole, genes adjacent; and cluster them (CD-HIT)."""

import hashlib
import logging
from pathlib import Path

import pandas as pd

from glm import step, tables, tools
from glm.paralogs import selection


def select_paralogs(
    candidates: Path,
    source: str,
    cluster_identity: float,
    threads: int,
    *,
    pairs: Path,
    excluded: Path,
    representatives: Path,
) -> None:
    """Select and cluster.

    source: uniprot or genomes. excluded: pairs left out, and why. representatives: the proteins to
    embed.
    """
    listed = tables.read(candidates, tables.PARALOG_CANDIDATES).to_pylist()
    kept, left_out = selection.select(
        [selection.Listed(**row) for row in listed], by_accession=source == "uniprot"
    )
    for reason, count in selection.count(left_out).items():
        logging.info("excluded, %s: %s", reason, f"{count:,}")
    sequences = {p.a: str(p.a_sequence) for p in kept} | {p.c: str(p.c_sequence) for p in kept}
    clusters = selection.cluster(sequences, cluster_identity, threads)
    cluster_count = len(set(clusters.values()))
    logging.info(
        "pairs: %s of %s; proteins: %s, clusters at %g: %s",
        *(f"{len(kept):,}", f"{len(listed):,}", f"{len(sequences):,}"),
        *(cluster_identity, f"{cluster_count:,}"),
    )
    by_length = sorted(sequences, key=lambda name: (len(sequences[name]), name))
    row_of = {name: row for row, name in enumerate(by_length)}
    table = pd.DataFrame(kept)[["a", "c", "origin"]]
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
    columns = list(selection.Excluded._fields)
    made = step.stamp(tools.versions(["cd-hit"]), listed=len(listed), clusters=cluster_count)
    tables.write(table, pairs, tables.PARALOGS, made)
    tables.write(
        pd.DataFrame(left_out, columns=columns, dtype="str"),
        excluded,
        tables.PARALOGS_EXCLUDED,
        made,
    )
    tables.write(proteins, representatives, tables.REPRESENTATIVES, made)


if __name__ == "__main__":
    step.run(select_paralogs)
