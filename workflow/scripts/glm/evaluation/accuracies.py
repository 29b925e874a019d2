"""The evaluation's tables as others read them, and what they call what was judged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from glm import tables

NAMES = {
    "glm": "gLM",
    "glm_inputs_replaced": "gLM, inputs replaced by the nearest training proteins",
    "bilstm": "biLSTM",
    "baseline.chance": "chance",
    "baseline.copy_neighbour": "copied neighbour",
    "baseline.nearest_context": "nearest context",
}


def read_evaluation(folder: Path, table: tables.Table) -> pd.DataFrame:
    """Rows of `accuracy` or `margins` of both measures; empty if there is none yet."""
    end = "" if table == tables.ACCURACY else f"_{table.name}"
    paths = [folder / f"{name}_accuracy{end}.parquet" for name in ("pseudo", "absolute")]
    found = [tables.read(path, table).to_pandas() for path in paths if path.exists()]
    return pd.concat(found) if found else pd.DataFrame()


def percent(row: pd.Series) -> str:
    """An accuracy with half the width of its interval."""
    digits = 1 if row.value >= 0.01 else 2
    return f"{100 * row.value:.{digits}f} ± {50 * (row.upper - row.lower):.{digits}f}"
