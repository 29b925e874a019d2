"""What decontamination removed from a run's corpus, and left to train on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from glm import tables
from glm.files import of_run
from glm.scorecard_entries import CORPUS, REFERENCE, Number


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
