"""What decontamination removed from a run's corpus, and left to train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.table import Table

from glm import tables
from glm.files import of_run
from glm.scorecard_entries import CORPUS, REFERENCE, Number

SHOWN_ASSEMBLIES = 30  # a metagenomic release has thousands


def by_assembly(run: Path) -> pd.DataFrame:
    """Subcontigs of each assembly: removed, to train on, held out."""
    path = of_run(run, "decontamination", "removed_by_assembly.parquet")
    return tables.read(path, tables.REMOVED_BY_ASSEMBLY).to_pandas()


def removed(run: Path) -> Number:
    """Share of subcontigs that were removed."""
    gone, of = map(int, by_assembly(run)[["removed", "subcontigs"]].sum())
    return Number(
        gone / of,
        n=of,
        unit="subcontigs",
        needs=(CORPUS, REFERENCE),
        tolerance=1.5e-3,
        note=f"{gone:,} of {of:,} subcontigs",
    )


NUMBERS = {"decontamination.removed": removed}


def headline(run: Path) -> Iterator[Table]:
    """How many subcontigs of each assembly went, most first; all others in one row."""
    of_run(run, "reference")  # without one nothing is like it
    rows = by_assembly(run)
    # the release's (assembly, name, …), which need not be there
    names = run / "metagenomes" / "release" / "assemblies.tsv"
    known = pd.read_csv(names, sep="\t", index_col="assembly").name if names.exists() else {}
    table = Table("genome", title="Removed as like the reference genome", title_justify="left")
    for name in ("removed", "of subcontigs"):
        table.add_column(name, justify="right")
    for row in rows.head(SHOWN_ASSEMBLIES).itertuples():
        table.add_row(
            known.get(row.assembly, row.assembly), f"{row.removed:,}", f"{row.subcontigs:,}"
        )
    if len(rows) > SHOWN_ASSEMBLIES:
        rest = rows.iloc[SHOWN_ASSEMBLIES:]
        name = f"{len(rest):,} others"
        table.add_row(name, f"{rest.removed.sum():,}", f"{rest.subcontigs.sum():,}")
    table.add_row("all", f"{rows.removed.sum():,}", f"{rows.subcontigs.sum():,}")
    yield table
