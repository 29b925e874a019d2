"""What a run's summary says of decontamination: what was removed of each assembly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.table import Table

from glm.decontamination.summary import by_assembly
from glm.files import of_run

SHOWN_ASSEMBLIES = 30  # a metagenomic release has thousands


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
