"""What focal genes are grouped by: set, biome, or a table of assemblies; and contigs' biomes."""

from __future__ import annotations

import csv
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from glm import tables
from glm.corpus.representatives import is_among
from glm.corpus.text_blocks import query_blocks
from glm.errors import GlmError

GroupBy = Literal["set", "biome", "assembly"]
BIOME_LINE = r"^MGYP\d{1,18}\t(?:[^\n]*\t)?root(?::[^\t\n]*)?\n$"
BIOMES = r"""
    SELECT substr(split_part(text, E'\t', 1), 5)::BIGINT AS protein,
        replace(split_part(text, E'\t', -1), E'\n', '') AS biome
    FROM block
"""


class Grouped(NamedTuple):
    """Genes that are compared, and why others are not: reason and count."""

    genes: pd.DataFrame
    left_out: dict[str, int]


def group(
    genes: pd.DataFrame,
    by: GroupBy,
    minimum: int,
    biome_level: int | None = None,
    groups: Mapping[str, str] | None = None,
) -> Grouped:
    """Give each gene its group (column `group`), and leave out groups of fewer than `minimum`.

    by: "set" takes the configured group of the set; "biome" the lineage down to `biome_level`
    names after the root; "assembly" looks the assembly up in `groups`.
    """
    if by == "biome":
        named = genes["biome"].map(
            lambda lineage: biome_name(lineage, biome_level), na_action="ignore"
        )
    elif by == "assembly":
        named = genes["assembly"].map(dict(groups or {}))
    else:
        named = genes["group"]
    left_out = {}
    if unknown := int(named.isna().sum()):
        left_out[f"{by} not known"] = unknown
    counted = named.value_counts()
    for name, count in counted[counted < minimum].items():
        left_out[f"group {name} of {count}, fewer than {minimum}"] = int(count)
    kept = named.isin(counted[counted >= minimum].index)
    for reason, count in left_out.items():
        logging.info("left out, %s: %s", reason, f"{count:,}")
    return Grouped(genes[kept].assign(group=named[kept]).reset_index(drop=True), left_out)


def biome_name(lineage: str, level: int | None) -> str | None:
    """The lineage's first names: of root:Host-associated:Human:Skin two are Host-associated:Human.

    A lineage that ends above the level keeps what it has; the root alone is no biome.
    """
    names = lineage.split(":")
    names = names[1:] if names[0] == "root" else names
    return ":".join(names[:level] if level else names) or None


def read_groups(path: Path) -> dict[str, str]:
    """Group of each assembly, from a tab-separated table: assembly, group."""
    with path.open(newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        for column in ("assembly", "group"):
            if column not in (rows.fieldnames or ()):
                raise GlmError(f"{path}: no column {column!r} in its first line")
        return {row["assembly"]: row["group"] for row in rows}


def vote_biomes(
    proteins: Sequence[Sequence[int]], biomes: Mapping[int, set[str]]
) -> list[str | None]:
    """The biome of each contig, from those of its proteins.

    MGnify lists for each protein every biome that it was found in, and no biome of a contig. Each
    of a contig's proteins was found in the contig's own biome, so that is listed for all of them,
    and others for some: the biome of most proteins is the contig's; of those listed for equally
    many the longest lineage that contains the others, else None. How often a protein was found in
    a biome does not weigh: that says where it is common, not where this contig is from.
    """
    voted: list[str | None] = []
    for members in proteins:
        votes = Counter(biome for number in members for biome in biomes.get(number, ()))
        most = max(votes.values(), default=0)
        best = sorted((name for name, count in votes.items() if count == most), key=len)
        inside = best and all(best[-1] == name or best[-1].startswith(f"{name}:") for name in best)
        voted.append(best[-1] if inside else None)
    return voted


def read_protein_biomes(paths: Sequence[Path], wanted: np.ndarray) -> dict[int, set[str]]:
    """Biomes of some proteins, in one pass over mgy_biomes: `MGYP…<tab>count<tab>root:…` lines.

    wanted: (n,) int64, sorted. Raises `GlmError` naming the line that is not of that form.
    """
    found: dict[int, set[str]] = {}
    for path in paths:
        for _, rows in query_blocks(path, BIOME_LINE, BIOMES, wrong_biome_line):
            listed = rows.filter(pa.array(is_among(rows["protein"].to_numpy(), wanted)))
            for row in listed.to_pylist():
                found.setdefault(row["protein"], set()).add(row["biome"])
    return found


def wrong_biome_line(path: Path, line: int, text: str) -> GlmError:
    """What is wrong with a line."""
    return GlmError(
        f"{path}: line {line}: {text.rstrip()[:80]!r} is not MGYP…, a tab, a count, a tab and a "
        "lineage that begins with root. Fetch the file again"
    )


def fill_biomes(
    genes: pd.DataFrame, subcontigs: Path, protein_biomes: Sequence[Path]
) -> pd.DataFrame:
    """Genes with the missing biomes voted for by the proteins of their subcontig."""
    missing = genes.loc[genes["biome"].isna(), "subcontig"].unique()
    if not len(missing):
        return genes
    chosen = tables.read_where(
        subcontigs, tables.SUBCONTIGS, "subcontig", missing, ["subcontig", "protein"]
    )
    names, members = chosen["subcontig"].to_pylist(), chosen["protein"].to_pylist()
    wanted = np.unique(np.concatenate([np.asarray(row, np.int64) for row in members]))
    voted = vote_biomes(members, read_protein_biomes(protein_biomes, wanted))
    logging.info(
        "biomes by vote of proteins: %s of %s subcontigs", f"{sum(b is not None for b in voted):,}",
        f"{len(voted):,}",
    )  # fmt: skip
    by_subcontig = genes["subcontig"].map(dict(zip(names, voted, strict=True)))
    return genes.assign(biome=genes["biome"].fillna(by_subcontig))
