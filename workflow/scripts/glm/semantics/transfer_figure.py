"""Figure 3A and B: annotated and unannotated proteins in the plane, and the transfer potential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from glm.figures import BLUE, ORANGE, Drawn
from glm.figures.panels import Style
from glm.inference.names import (
    CONTEXT_FREE,
    CONTEXTUALISED,
    WITH_GLM,
    WITH_NEIGHBOURS,
    at_equal_dimension,
)
from glm.semantics.figures import compare

STYLES = {"annotated": Style(BLUE), "unannotated": Style(ORANGE)}
MEASURES = {
    "potential": "potential",
    "precision": "precision within\nthe radius",
    "nearest_precision": "precision at\nany distance",
}


def draw(points: pd.DataFrame, transfer: pd.DataFrame, about: Mapping[str, Any]) -> Drawn:
    """A: context-free; B: contextualised; C: potential and precision of every representation."""
    drawn = points[points["x"].notna()]
    annotated = drawn["annotated"].map({True: "annotated", False: "unannotated"})
    columns = ("lower", "upper", "deviation")
    measured = pd.concat(
        transfer.rename(
            columns={name: "value"} | {f"{name}_{column}": column for column in columns}
        )
        .reindex(columns=["representation", "value", *columns])
        .assign(measure=name)
        for name in MEASURES
    )
    figure = compare(
        drawn.assign(annotated=annotated), "annotated", STYLES, about["projection"], measured,
        MEASURES, ("annotation transfer", "share of proteins"),
    )  # fmt: skip
    return figure, caption(points, transfer, about)


def caption(points: pd.DataFrame, transfer: pd.DataFrame, about: Mapping[str, Any]) -> str:
    """n, the promise, and the numbers of both representations."""
    rows = transfer.set_index("representation")

    def alike(name: str) -> str:
        return f"{rows.loc[at_equal_dimension(name), 'potential']:.1%}"

    free, context = rows.loc["context-free"], rows.loc["contextualised"]
    counts = points.loc[points["x"].notna(), "representation"].value_counts()
    genes = points[(points["representation"] == "context-free") & (points["representative"] >= 0)]
    return (
        f"A random {about['share']:.2%} of the corpus. "
        f"A and B are samples of the same {len(genes):,} genes: A, n = {counts['context-free']:,} "
        f"of their {genes['representative'].nunique():,} proteins, each once; B, n = "
        f"{counts['contextualised']:,} of the genes. C: potential is the share of "
        f"{free['unannotated']:,.0f} unannotated proteins with an annotated one within a radius "
        f"at which transfer between annotated ones is right for {about['target_precision']:.0%} "
        f"(calibrated on {free['calibration']:,.0f}; precision is of {free['hidden']:,.0f} with "
        f"hidden labels). Context-free {free['potential']:.1%}, contextualised "
        f"{context['potential']:.1%} (gain {100 * context['gain']:+.1f} points, "
        f"{100 * context['gain_lower']:+.1f} to {100 * context['gain_upper']:+.1f}); at equal "
        f"dimension {alike(CONTEXT_FREE)} and {alike(CONTEXTUALISED)}, the protein beside the gLM "
        f"{alike(WITH_GLM)}, beside the mean of its neighbours, which needs no gLM, "
        f"{alike(WITH_NEIGHBOURS)}. Lines: 95 % intervals over {free['units']:.0f} genomes or "
        "subcontigs; no precision: no radius keeps the promise. Means of "
        f"{free['seeds']:.0f} seeds (halves of the annotated proteins; of the controls random "
        "weights or shuffled contexts too); black caps: standard deviation over them."
    )
