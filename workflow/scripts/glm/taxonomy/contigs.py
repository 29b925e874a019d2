"""The contigs that are classified, as a corpus of their own: subcontigs and their proteins."""

from __future__ import annotations

import csv
import hashlib
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from glm import tables
from glm.corpus.fasta import read_lines
from glm.errors import GlmError

LINEAGE_COLUMNS = ("assembly", "domain", "class", "genus")
CONTIG_COLUMNS = ["subcontig", "accession", "domain", "taxonomic_class", "genus"]


def from_windows(
    windows: pd.DataFrame, genomes: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of `SUBCONTIGS`, `REPRESENTATIVES` and `TAXONOMY_CONTIGS` of the chosen stretches.

    A sequence that several genes share is one representative; they are sorted by length. Raises
    `GlmError` if there is no stretch.
    """
    if windows.empty:
        raise GlmError("no genome has a stretch of genes to classify; see taxonomy/skipped.parquet")
    unique = pd.DataFrame({"sequence": windows["sequence"].unique()})
    unique["length"] = unique["sequence"].str.len()
    unique = unique.sort_values(["length", "sequence"], kind="stable", ignore_index=True)
    unique["representative"] = unique["protein"] = np.arange(len(unique))
    unique["sha256"] = [hashlib.sha256(s.encode()).hexdigest() for s in unique["sequence"]]
    number = dict(zip(unique["sequence"], unique["representative"], strict=True))
    known = genomes.set_index("genome")
    rows: list[dict[str, Any]] = []
    for genome, genes in windows.sort_values(["genome", "rank"]).groupby("genome"):
        representatives = [number[sequence] for sequence in genes["sequence"]]
        rows.append(
            {
                "subcontig": len(rows),
                "contig": genome,
                "first_rank": genes["first_rank"].iloc[0],
                "assembly": known.loc[genome, "accession"],
                "biome": None,
                "representative": representatives,
                "forward": genes["forward"].tolist(),
                "protein": representatives,
            }
        )
    subcontigs = pd.DataFrame(rows)
    contigs = known.loc[subcontigs["contig"]].reset_index(drop=True)
    contigs["subcontig"] = subcontigs["subcontig"]
    return subcontigs, unique, contigs[CONTIG_COLUMNS]


def read_lineages(path: Path) -> pd.DataFrame:
    """A table with header (assembly, domain, class, genus), tab-separated, by assembly; or one of
    `TAXONOMY_GENOMES` (.parquet).

    Raises `GlmError` naming the file and the column that is missing.
    """
    if path.suffix == ".parquet":
        listed = tables.read(path, tables.TAXONOMY_GENOMES).to_pandas()
        renamed = {"accession": "assembly", "taxonomic_class": "class"}
        return listed.rename(columns=renamed)[list(LINEAGE_COLUMNS)].set_index("assembly")
    lines = (line.decode("utf-8", "replace") for line in read_lines(path))
    rows = list(csv.DictReader(lines, delimiter="\t"))
    for column in LINEAGE_COLUMNS:
        if not rows or column not in rows[0]:
            raise GlmError(
                f"{path}: no column {column!r}; a table of lineages has a header and the columns "
                f"{', '.join(LINEAGE_COLUMNS)}, separated by tabs"
            )
    return pd.DataFrame(rows)[list(LINEAGE_COLUMNS)].set_index("assembly").replace({"": None})


def from_corpus(
    subcontigs: Path, lineages: Path, per_genome: int, length: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Random subcontigs of each genome of a corpus that has a lineage.

    Returns rows of `SUBCONTIGS` (with representatives numbered anew) and `TAXONOMY_CONTIGS`, and
    (n,) the rows of the corpus's embedding store that are needed, in the new order. Only subcontigs
    of `length` genes count. Raises `GlmError` if no assembly has a lineage.
    """
    known = read_lineages(lineages)
    columns = ["subcontig", "assembly", "representative"]
    table = tables.read(subcontigs, tables.SUBCONTIGS, columns)
    whole = table.filter(pc.equal(pc.list_value_length(table["representative"]), length))
    candidates = whole.select(columns[:2]).to_pandas()
    missing = sorted(set(candidates["assembly"]) - set(known.index))
    candidates = candidates[candidates["assembly"].isin(known.index)]
    if missing:
        logging.info("assemblies without a lineage, left out: %s", ", ".join(missing))
    if candidates.empty:
        raise GlmError(
            f"{lineages}: has none of the corpus's assemblies ({', '.join(missing[:3])} …); its "
            "column assembly must name them as subcontigs.parquet does"
        )
    random = np.random.default_rng(seed)
    drawn = candidates.iloc[random.permutation(len(candidates))]
    chosen = drawn.groupby("assembly").head(per_genome).sort_values("subcontig")
    kept = tables.read(subcontigs, tables.SUBCONTIGS).filter(
        pc.is_in(
            tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"],
            value_set=pc.cast(chosen["subcontig"].to_list(), "int64"),
        )
    ).to_pandas()  # fmt: skip
    numbers = np.unique(np.concatenate(kept["representative"].to_list()))
    rows = numbers[numbers >= 0]
    kept["representative"] = [
        np.where(genes >= 0, np.searchsorted(rows, genes), -1).tolist()
        for genes in kept["representative"]
    ]
    kept["subcontig"] = np.arange(len(kept))
    contigs = known.loc[kept["assembly"]].rename(columns={"class": "taxonomic_class"})
    contigs = contigs.reset_index().rename(columns={"assembly": "accession"})
    contigs["subcontig"] = kept["subcontig"]
    return kept, contigs[CONTIG_COLUMNS], rows
