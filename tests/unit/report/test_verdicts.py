from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from glm.report.verdicts import CLAIMS, verdicts

MASKED, OPERONS, _, ENZYMES, _, TRANSFER, PRODUCT = (claim.id for claim in CLAIMS)
EQUAL = "enzyme_classes.test_accuracy_linear_equal_dimension.gain"
LOOK_UP = "baseline.nearest_context"
ALIKE, BESIDE = (f"{PRODUCT}_{word}" for word in ("at_equal_dimension", "beside_protein"))
HARM = (-0.05, -0.01)
IN_ALL = {f"{TRANSFER}{word}": HARM for word in ("", "_at_equal_dimension", "_beside_protein")}
AT_RANDOM = f"{TRANSFER}_with_shuffled_context"


def scorecard(**numbers: tuple[float, float] | None) -> pd.DataFrame:
    """Rows with these intervals, by id; what has none was not run."""
    ends = {claim.id: None for claim in CLAIMS} | numbers
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "value": json.dumps(sum(found) / 2) if found else None,
            "lower": found[0] if found else None,
            "upper": found[1] if found else None,
            "paper_value": "0.7",
            "status": "differs" if found else "not run",
            "note": "" if found else "needs the corpus",
        }
        for name, found in ends.items()
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("claim", "numbers", "sentence"),
    [
        (MASKED, {MASKED: (0.5, 0.6), LOOK_UP: (0.3, 0.4)}, "better than looking the context up"),
        (MASKED, {MASKED: (0.1, 0.2), LOOK_UP: (0.3, 0.4)}, "worse than looking the context up"),
        (MASKED, {MASKED: (0.3, 0.5), LOOK_UP: (0.3, 0.4)}, "no clear difference from"),
        (MASKED, {MASKED: (0.3, 0.5)}, "looking the context up was not measured"),
        (ENZYMES, {ENZYMES: (0.01, 0.03)}, "context helps"),
        (ENZYMES, {ENZYMES: (-0.05, -0.01), EQUAL: (-0.04, -0.01)}, "context does harm"),
        (ENZYMES, {ENZYMES: (-0.05, -0.01), EQUAL: (-0.04, 0.01)}, "worse with context, but not"),
        (ENZYMES, {ENZYMES: (-0.05, -0.01)}, "worse with context, but not clearly at equal dim"),
        (PRODUCT, {PRODUCT: HARM, ALIKE: HARM}, "context does harm"),
        (PRODUCT, {PRODUCT: HARM, ALIKE: HARM, BESIDE: HARM}, "context does harm"),
        (PRODUCT, {PRODUCT: HARM, ALIKE: HARM, BESIDE: (-0.01, 0.02)},
         "context alone does harm, since it holds less of the gene itself: beside the protein it "
         "makes no clear difference"),
        (PRODUCT, {PRODUCT: HARM, ALIKE: (-0.05, 0.01)}, "worse with context, but not clearly"),
        (TRANSFER, IN_ALL, "context does harm"),
        (TRANSFER, {**IN_ALL, AT_RANDOM: (-0.02, 0.01)},
         "worse with context, and not clearly less with neighbours at random (-0.005)"),
        (TRANSFER, {**IN_ALL, AT_RANDOM: (-0.06, -0.02)},
         "worse with context, and no less with neighbours at random (-0.04)"),
        (TRANSFER, {**IN_ALL, AT_RANDOM: (0.0, 0.01)},
         "context does harm, more than neighbours at random (0.005)"),
        (ENZYMES, {ENZYMES: (-0.01, 0.03)}, "no clear effect of context"),
        (OPERONS, {}, "needs the corpus"),
        (OPERONS, {OPERONS: (0.4, 0.5)}, "attention is better"),
    ],
)  # fmt: skip
def test_a_verdict_is_by_the_intervals(
    claim: str, numbers: dict[str, tuple[float, float]], sentence: str
) -> None:
    rows = scorecard(**numbers)
    own = {"id": "operons.verdict", "value": json.dumps("attention is better"), "status": "differs"}
    rows = pd.concat([rows, pd.DataFrame([own])])
    found = {verdict.claim.id: verdict for verdict in verdicts(rows)}
    assert len(found) == len(CLAIMS)
    assert found[claim].sentence.startswith(sentence)
