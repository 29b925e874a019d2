"""What analyses give to the scorecard fits its table, measured or not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from glm import tables
from glm.comparison import Measured, compare
from glm.scorecard_entries import Number, Numbers, read_numbers


def test_numbers_survive_the_disk(tmp_path: Path) -> None:
    found = Numbers("a", n=np.int64(4), unit="genes")
    found.add("b", np.float32(0.5), np.array([0.25, 0.75]))
    found.add("c", "log-normal", n=2, unit="proteins", needs=["corpus"], tolerance=0.05)
    path = tmp_path / "numbers.parquet"
    tables.write(tables.NUMBERS.frame(found), path, tables.NUMBERS, {"producer": "test"})
    assert read_numbers(path) == {
        "a.b": Number(0.5, 0.25, 0.75, 4, "genes", needs=("corpus", "protein model")),
        "a.c": Number("log-normal", n=2, unit="proteins", needs=("corpus",), tolerance=0.05),
    }


def test_a_row_of_a_comparison_gives_its_value_and_its_difference() -> None:
    draws = np.linspace(0, 1, 1001)
    methods = {"plain": Measured(0.5, draws), "better": Measured(0.75, draws + 0.25)}
    row = compare(methods, "method", {"gain": "plain"}).loc[1]
    found = Numbers("a", n=7, unit="genes")
    found.add_row("value", row)
    found.add_row("gain", row, "gain", n=8)
    reported = [(json.loads(each["value"]), each["lower"], each["n"]) for each in found]
    np.testing.assert_allclose(reported, [(0.75, 0.275, 7), (0.25, 0.25, 8)])


def test_what_could_not_be_measured_is_null() -> None:
    found = Numbers("a", n=0, unit="genes")
    found.add("b", np.float64("nan"), (np.nan, np.nan))
    assert found[0]["value"] == "null"
    assert found[0]["lower"] is found[0]["upper"] is None


def test_no_rows_have_the_columns_too(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    tables.write(tables.NUMBERS.frame(), path, tables.NUMBERS, {"producer": "test"})
    assert tables.read(path, tables.NUMBERS).num_rows == 0
