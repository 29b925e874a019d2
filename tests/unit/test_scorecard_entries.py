"""What analyses give to the scorecard fits its table, measured or not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from glm import tables
from glm.scorecard_entries import number


def test_rows_survive_the_disk(tmp_path: Path) -> None:
    rows = [
        number("a.b", np.float32(0.5), np.array([0.25, 0.75]), n=np.int64(4), unit="genes"),
        number("a.c", "log-normal", n=2, unit="proteins", needs=["corpus"], tolerance=0.05),
    ]
    path = tmp_path / "numbers.parquet"
    tables.write(tables.NUMBERS.frame(rows), path, tables.NUMBERS, {"producer": "test"})
    first, second = tables.read(path, tables.NUMBERS).to_pylist()
    assert (json.loads(first["value"]), first["lower"], first["upper"]) == (0.5, 0.25, 0.75)
    assert (first["n"], first["unit"]) == (4, "genes")
    assert first["needs"] == ["corpus", "protein model"]
    assert (json.loads(second["value"]), second["lower"]) == ("log-normal", None)
    assert (second["needs"], second["tolerance"]) == (["corpus"], 0.05)


def test_what_could_not_be_measured_is_null() -> None:
    row = number("a.b", np.float64("nan"), (np.nan, np.nan), n=0, unit="genes")
    assert row["value"] == "null"
    assert row["lower"] is row["upper"] is None


def test_no_rows_have_the_columns_too(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    tables.write(tables.NUMBERS.frame(), path, tables.NUMBERS, {"producer": "test"})
    assert tables.read(path, tables.NUMBERS).num_rows == 0
