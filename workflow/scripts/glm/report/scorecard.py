"""The paper's numbers beside this run's, each with a status that is computed, never typed.

Of the configuration:

- same setting, other setting: on any corpus.

Of the results:

- reproduced: the paper's value lies in this run's 95 % interval, or within the stated tolerance,
  or it is this run's as the paper rounds it.
- differs: it does not; the note says by how much.
- undecided: they agree, but by an interval that is wider than the paper's value is from chance; or
  nothing could be measured.
- not comparable: corpus, protein model, labels, reference set or task are others than the paper's,
  or the paper has no such number; the note says which.

Of both, not run: something is missing; the note says what.
"""

from __future__ import annotations

import fnmatch
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from glm.corpus import summary as corpus
from glm.decontamination import summary as decontamination
from glm.embedding import summary as embedding
from glm.errors import NotRunError
from glm.report.paper import PaperValue, paper_values, settings
from glm.scorecard_entries import CORPUS, PROTEIN_MODEL, REFERENCE, Number, read_numbers
from glm.training import summary as training

SAME_SETTING, OTHER_SETTING = "same setting", "other setting"
REPRODUCED, DIFFERS, UNDECIDED = "reproduced", "differs", "undecided"
NOT_COMPARABLE, NOT_RUN = "not comparable", "not run"
BESIDE = "beside the paper's numbers"
# each has the NUMBERS of its own files, by id
STAGES = (corpus, embedding, decontamination, training)
OBSTACLES = {
    CORPUS: corpus.obstacle,
    PROTEIN_MODEL: embedding.obstacle,
    REFERENCE: corpus.reference_obstacle,
}


def build(
    root: Path,
    numbers: Iterable[Path] = (),
    configuration: Mapping[str, Any] | None = None,
    seed: int | None = None,
    lacks: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The scorecard of the run under `root`, rows of `SCORECARD` in the paper's order.

    numbers: tables `NUMBERS` that analyses wrote. configuration: of the run. lacks: why it has no
    number, by a pattern of ids: settings of what did not run are none. What the paper does not have
    stands after the numbers of the same section; of an analysis that it does not have, and that did
    not run, one row says so.
    """
    published = paper_values()
    reasons = {
        name: NotRunError(reason)
        for pattern, reason in (lacks or {}).items()
        for name in fnmatch.filter(published, pattern) or [pattern.removesuffix(".*")]
    }
    found: dict[str, Number | NotRunError] = {**settings(configuration or {}), **reasons}
    for path in numbers:
        found |= read_numbers(path)
    for stage in STAGES:
        for name, read in stage.NUMBERS.items():
            try:
                found[name] = read(root)
            except NotRunError as missing:
                found.setdefault(name, missing)
    obstacles = {need: why for need, of in OBSTACLES.items() if (why := of(root))}
    return pd.DataFrame(
        [
            row(expected_of(name, published), found.get(name), obstacles, seed)
            for name in ordered([*published, *found])
        ]
    )


def expected_of(name: str, published: dict[str, PaperValue]) -> PaperValue:
    """The paper's number; that of the other reading; or none.

    The paper's accuracies are of the closest of four predictions (as its code has it), so they
    stand beside both readings.
    """
    base = published.get(name) or published.get(name.removesuffix("_closest"))
    return replace(base, id=name) if base else PaperValue(name, None, BESIDE)


def ordered(names: Iterable[str]) -> list[str]:
    """Names once each, by section in the order of the first of each, `baseline` after `bilstm`."""
    unique = list(dict.fromkeys(names))
    sections = list(dict.fromkeys(name.split(".")[0] for name in unique))
    if "baseline" in sections and "bilstm" in sections:
        sections.remove("baseline")
        sections.insert(sections.index("bilstm") + 1, "baseline")
    return sorted(unique, key=lambda name: sections.index(name.split(".")[0]))


def row(
    paper: PaperValue,
    found: Number | NotRunError | None,
    obstacles: dict[str, str],
    seed: int | None = None,
) -> dict[str, Any]:
    """One row of the scorecard."""
    made = {
        "id": paper.id,
        "figure": paper.figure,
        "paper_value": None if paper.value is None else json.dumps(paper.value),
        "value": None,
        "lower": None,
        "upper": None,
        "n": None,
        "unit": None,
        "setting": found.setting if isinstance(found, Number) else paper.key is not None,
        "seed": None,
    }
    if not isinstance(found, Number):
        missing = str(found or "no analysis of this run gave it")
        return {**made, "status": NOT_RUN, "note": join(missing, note_of(paper))}
    status, reason = status_of(paper.value, found, obstacles)
    return {
        **made,
        "value": json.dumps(found.value),
        "lower": found.lower,
        "upper": found.upper,
        "n": found.n,
        "unit": found.unit,
        "seed": None if found.n is None else seed,
        "status": status,
        "note": join(reason, found.note, note_of(paper)),
    }


def status_of(paper: Any, found: Number, obstacles: dict[str, str]) -> tuple[str, str]:
    """The status of a number that was measured, and why."""
    if paper is None:
        return NOT_COMPARABLE, "the paper has no such number"
    same, other = (SAME_SETTING, OTHER_SETTING) if found.setting else (REPRODUCED, DIFFERS)
    reasons = [obstacles[need] for need in found.needs if need in obstacles]
    if found.obstacle:
        reasons.append(found.obstacle)
    if reasons:
        return NOT_COMPARABLE, "; ".join(reasons)
    if found.value is None and not found.setting:
        return UNDECIDED, "nothing could be measured"
    if not is_number(paper) or not is_number(found.value):
        if found.value == paper:
            return same, ""
        return other, f"{json.dumps(found.value)} instead of {json.dumps(paper)}"
    if (agrees := agreement(paper, found)) is None:
        difference = found.value - paper
        relative = f" ({100 * difference / paper:+.1f} %)" if paper else ""
        return other, f"by {difference:+.6g}{relative}"
    if found.width > abs(paper - found.chance):
        return UNDECIDED, f"the interval is wider than {paper:g} is from {found.chance:.3g}"
    return same, agrees


def agreement(paper: float, found: Number) -> str | None:
    """How a number agrees with the paper's, in words; None if it does not."""
    if found.lower is not None and found.upper is not None and found.lower <= paper <= found.upper:
        return "the paper's value lies in the interval"
    difference = abs(found.value - paper)
    if found.tolerance is not None and difference <= found.tolerance:
        return f"within {found.tolerance:g}"
    if math.isclose(found.value, paper, rel_tol=1e-9):
        return ""
    if not found.setting and difference <= rounding(paper):
        return "as the paper rounds it"
    return None


def rounding(paper: float) -> float:
    """Half a unit of the last digit that the paper gives; of a whole number nothing."""
    if isinstance(paper, int):
        return 0.0
    exponent = Decimal(repr(paper)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent) * (1 + 1e-9)


def is_number(value: Any) -> bool:
    """Whether it is a number, and not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def note_of(paper: PaperValue) -> str:
    """What the paper's number is."""
    return f"paper: {paper.note}" if paper.note else ""


def join(*parts: str) -> str:
    """Parts of a note that are not empty."""
    return "; ".join(part for part in parts if part)
