"""Tables of which only some columns matter to a test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from glm import tables

STAMP = {"producer": "test"}


def plant(
    path: Path,
    declared: tables.Table,
    stamp: Mapping[str, Any] = STAMP,
    row_group_size: int | None = None,
    **columns: Any,
) -> Path:
    """Write a table; a column that is not given is 0, False or empty in every row."""
    data = pd.DataFrame(columns)
    for column in declared.columns:
        if column.name not in data and column.type is not None:
            is_text = pa.types.is_string(column.type)
            data[column.name] = "" if is_text else column.type.to_pandas_dtype()()
    options = {"row_group_size": row_group_size} if row_group_size else {}
    tables.write(data, path, declared, stamp, **options)
    return path


def plant_subcontigs(path: Path, genes: Sequence[Sequence[int]], **columns: Any) -> Path:
    """Subcontigs of these representatives: whole contigs of one assembly, all genes forward."""
    given = {
        "subcontig": range(len(genes)),
        "contig": range(len(genes)),
        "assembly": "A",
        "biome": None,
        "representative": list(genes),
        "forward": [[True] * len(row) for row in genes],
        "protein": list(genes),
    }
    return plant(path, tables.SUBCONTIGS, **{**given, **columns})


def plant_splits(path: Path, splits: Sequence[str], **columns: Any) -> Path:
    """Splits of subcontigs 0, 1, 2 …"""
    given = {"subcontig": range(len(splits)), "split": list(splits)}
    return plant(path, tables.SPLITS, **{**given, **columns})


def plant_representatives(path: Path, sequences: Sequence[str], **columns: Any) -> Path:
    """Representatives in the order given, of proteins 0, 1, 2 …"""
    given = {
        "representative": range(len(sequences)),
        "protein": range(len(sequences)),
        "length": [len(sequence) for sequence in sequences],
        "sha256": [hashlib.sha256(sequence.encode()).hexdigest() for sequence in sequences],
        "sequence": list(sequences),
    }
    return plant(path, tables.REPRESENTATIVES, **{**given, **columns})
