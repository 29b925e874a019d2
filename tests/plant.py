"""Tables of which only some columns matter to a test, and proteins of a known likeness."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from glm import tables

STAMP = {"producer": "test"}
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"


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
        "representative": [list(row) for row in genes],
        "forward": [[True] * len(row) for row in genes],
        "protein": [list(row) for row in genes],
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


def embeddings_table(rows: np.ndarray, numbers: Sequence[int] | None = None) -> pa.Table:
    """Embeddings (proteins, features) of representatives 0, 1, 2 … or of those given."""
    kind = tables.vector_field(rows.shape[1], rows.dtype.type)
    named = pa.array(range(len(rows)) if numbers is None else numbers, pa.int32())
    schema = tables.EMBEDDINGS.schema(embedding=kind)
    return pa.Table.from_arrays([named, tables.vector_array(rows)], schema=schema)


def random_protein(length: int, seed: int) -> str:
    """A protein that is like no other."""
    return "".join(random.Random(seed).choices(AMINO_ACIDS, k=length))


def mutated(sequence: str, share: float, seed: int = 1) -> str:
    """The sequence with this share of its residues, evenly spread, replaced by others."""
    generator = random.Random(seed)
    places = {round(number / share) for number in range(1, round(len(sequence) * share))}
    return "".join(
        generator.choice(AMINO_ACIDS.replace(residue, "")) if place in places else residue
        for place, residue in enumerate(sequence)
    )
