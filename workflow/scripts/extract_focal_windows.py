"""Cut the genomes of an entry around its focal genes (Methods, McrA protein analysis)."""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from glm import step, tables, tools
from glm.errors import GlmError
from glm.semantics import focal, genomes


def extract_focal_windows(
    genes: Path,
    contigs: Path,
    proteins: Path,
    entry: dict[str, Any],
    e_value: float,
    minimum_coverage: float,
    threads: int,
    *,
    subcontigs: Path,
    representatives: Path,
    focal_genes: Path,
) -> None:
    """Find the focal genes, cut, write the windows as a corpus."""
    sets = [focal.FocalSet(**each) for each in entry["sets"]]
    found = genomes.focal_proteins(
        sets, proteins, e_value=e_value, coverage=minimum_coverage, threads=threads
    )
    if found.empty:
        raise GlmError(
            f"{proteins}: no gene of {entry['name']} in any genome; look at its queries and words, "
            "and at the list of genomes"
        )
    every = tables.read(genes, tables.GENES).to_pandas().sort_values(["contig", "rank"])
    windows = genomes.cut_windows(every, found, entry.get("genes_each_side", 15))
    assemblies = tables.read(contigs, tables.CONTIGS).to_pandas().set_index("contig")["assembly"]
    windows["assembly"] = assemblies.loc[windows["contig"]].to_numpy()
    windows["biome"] = None
    windows["subcontig"] = np.arange(len(windows))
    without = assemblies.nunique() - windows["assembly"].nunique()
    logging.info("focal genes: %d; genomes without any: %d", len(windows), without)
    own = genomes.representatives_of(windows, proteins)
    number = own.set_index("protein")["representative"]
    windows["representative"] = [number.loc[list(row)].to_numpy() for row in windows["protein"]]
    about = tables.read_stamp(genes)["parameters"]
    left_out = {
        "that the service does not give": len(about["missing"]),
        "that cannot be read": len(about["unreadable"]),
        "without such a gene": without,
    }
    made = step.stamp(tools.versions(["diamond"]), left_out=left_out)
    tables.write(windows, subcontigs, tables.SUBCONTIGS, made)
    tables.write(own, representatives, tables.REPRESENTATIVES, made)
    rank = windows["rank"].to_numpy()
    at_rank = {
        column: [row[place] for row, place in zip(windows[column], rank, strict=True)]
        for column in ("protein", "representative")
    }
    listed = windows.assign(**at_rank, group=windows["set"].map(dict(focal.groups_of(sets))))
    tables.write(listed, focal_genes, tables.FOCAL_GENES, made)


if __name__ == "__main__":
    step.run(extract_focal_windows)
