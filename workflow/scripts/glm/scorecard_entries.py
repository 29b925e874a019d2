"""What an analysis gives to the scorecard: rows of `tables.NUMBERS`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

LEARNED = ("corpus", "protein model")  # what a number that was learned stands on


def number(
    name: str,
    value: Any,
    ends: Iterable[float] | None = None,
    *,
    n: int,
    unit: str,
    note: str = "",
    needs: Sequence[str] = LEARNED,
    tolerance: float | None = None,
) -> dict[str, Any]:
    """One row.

    ends: lower and upper end of the 95 % interval; nan, of the value too, is none. n, unit: what
    the value was computed on, and what n counts. needs: what must be the paper's for the two to be
    comparable. tolerance: the largest difference from the paper
    that still counts as the same.
    """
    lower, upper = (None, None) if ends is None else ends
    plain = value.item() if hasattr(value, "item") else value
    return {
        "id": name,
        "value": json.dumps(None if is_nan(plain) else plain),
        "lower": None if lower is None or is_nan(lower) else float(lower),
        "upper": None if upper is None or is_nan(upper) else float(upper),
        "n": int(n),
        "unit": unit,
        "needs": list(needs),
        "tolerance": tolerance,
        "note": note,
    }


def is_nan(value: Any) -> bool:
    """Whether a value is not a number at all, as where nothing could be measured."""
    return isinstance(value, float) and math.isnan(value)
