"""The numbers of this run by the ids of the paper's, on their one way to the scorecard."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glm import tables

CORPUS, PROTEIN_MODEL, REFERENCE = "corpus", "protein model", "reference genome"
LEARNED = (CORPUS, PROTEIN_MODEL)  # what a number that was learned stands on
OWN = ("value", "lower", "upper")  # what each number has of its own


@dataclass(frozen=True)
class Number:
    """A number of this run.

    lower, upper: ends of its 95 % interval; n: what it was computed on, and unit: what n counts;
    chance: what is had without a model, from which an interval must tell the value;
    setting: whether it is configuration, not a result; needs: what must be the paper's for the two
    to be comparable; obstacle: what of its analysis (labels, reference set, task) is not;
    tolerance: largest difference that still counts as the same, and how it came about.
    """

    value: Any
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    unit: str | None = None
    chance: float = 0.0
    setting: bool = False
    needs: tuple[str, ...] = ()
    obstacle: str = ""
    tolerance: float | None = None
    note: str = ""

    @property
    def width(self) -> float:
        """Of the interval; 0 without one."""
        return 0.0 if self.lower is None or self.upper is None else self.upper - self.lower


class Numbers(list[dict[str, Any]]):
    """What one analysis gives to the scorecard: rows of `tables.NUMBERS`.

    prefix: of the ids. about: fields of `Number` of those that are added without; what is learned
    needs the paper's corpus and protein model.
    """

    def __init__(self, prefix: str, **about: Any) -> None:
        """Start without numbers."""
        super().__init__()
        self.prefix = prefix
        plain = Number(None, needs=LEARNED)
        self.about = {
            **{name: getattr(plain, name) for name in vars(plain) if name not in OWN}, **about
        }  # fmt: skip

    def add(self, name: str, value: Any, ends: Iterable[float] | None = None, **about: Any) -> None:
        """Add a number; ends: of its 95 % interval; nan, of the value too, is none."""
        lower, upper = (None, None) if ends is None else map(known, ends)
        row = {**self.about, **about, "id": f"{self.prefix}.{name}"}
        row |= {"value": json.dumps(known(value)), "lower": lower, "upper": upper}
        self.append({**row, "n": int(row["n"]), "needs": list(row["needs"])})

    def add_row(self, name: str, row: Mapping[str, Any], of: str = "value", **about: Any) -> None:
        """Add a value, or a difference, of a row that `comparison.compare` made."""
        before = f"{of}_" if f"{of}_lower" in row else ""
        counted = {"n": row["n"]} if "n" in row else {}
        ends = row[f"{before}lower"], row[f"{before}upper"]
        self.add(name, row[of], ends, **{**counted, **about})


def known(value: Any) -> Any:
    """A value as plain Python, or None for what is not a number: nothing could be measured."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def write_numbers(rows: list[dict[str, Any]], path: Path, stamp: Mapping[str, Any]) -> None:
    """Write what `read_numbers` reads."""
    tables.write(tables.NUMBERS.frame(rows), path, tables.NUMBERS, stamp)


def read_numbers(path: Path) -> dict[str, Number]:
    """The numbers that an analysis wrote, by id."""
    return {
        row.pop("id"): Number(
            **{**row, "value": json.loads(row["value"]), "needs": tuple(row["needs"] or ())}
        )
        for row in tables.read(path, tables.NUMBERS).to_pylist()
    }
