"""What a reader came for: five results of a run, each with the baseline beside it and a verdict.

Below them stand two controls that are not the paper's: whether context does harm.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from glm.report.scorecard import NOT_RUN
from glm.report.scorecard_text import interval_text, text_of


@dataclass(frozen=True)
class Claim:
    """A result that the paper stands on: its id, what it is, and the baseline that it must beat.

    baseline: id of what needs no gLM, with what to call it; a gain has none, it must be over zero.
    verdict: id of the verdict that the analysis itself gives, which knows more.
    equal: id of a gain at equal dimension and scale, without which context is not said to do harm.
    beside: id of the gain where the protein is read too: whether the harm is of what is missing.
    shuffled: id of the gain with a shuffled context: whether the harm is of the neighbours.
    """

    id: str
    title: str
    what: str
    baseline: tuple[str, str] | None = None
    verdict: str | None = None
    equal: str | None = None
    beside: str | None = None
    shuffled: str | None = None


CLAIMS = (
    Claim(
        "glm.reference_pseudo_accuracy",
        "A masked gene from its context",
        "share of the reference genome's genes that are found among those of their subcontig",
        ("baseline.nearest_context", "looking the context up"),
    ),
    Claim(
        "operons.logistic_regression_average_precision",
        "Operons from attention",
        "average precision, neighbouring genes, folds at random",
        verdict="operons.verdict",
    ),
    Claim(
        "paralogs.same_cluster",
        "Partners of transporters",
        "pairs that are put together from one protein alone, within the partner's cluster",
        ("paralogs.same_cluster.training_context_looked_up", "looking the context up"),
    ),
    Claim(
        "enzyme_classes.test_accuracy.gain",
        "Enzyme classes with context",
        "test accuracy with the gLM's embedding less that of the protein model alone",
        equal="enzyme_classes.test_accuracy_linear_equal_dimension.gain",
    ),
    Claim(
        "taxonomy.average_precision_gain",
        "Taxa of contigs with context",
        "average precision of contextualised embeddings less that of context-free ones",
        equal="taxonomy.average_precision_gain_at_equal_dimension",
    ),
    Claim(
        "context_transfer.gain",
        "Names for unannotated proteins with context",
        "share of them that lie near an annotated protein: by their contextualised embedding less "
        "by the protein alone",
        equal="context_transfer.gain_at_equal_dimension",
        beside="context_transfer.gain_beside_protein",
        shuffled="context_transfer.gain_with_shuffled_context",
    ),
    Claim(
        "context_effect.same_product.difference",
        "The same product in other genomes with context",
        "proteins whose nearest in another genome has the same product: by their contextualised "
        "embedding less by the protein alone",
        equal="context_effect.same_product.difference_at_equal_dimension",
        beside="context_effect.same_product.difference_beside_protein",
    ),
)


@dataclass(frozen=True)
class Verdict:
    """A claim as a run has it, in words."""

    claim: Claim
    value: str
    interval: str
    paper: str
    status: str
    sentence: str


def verdicts(scorecard: pd.DataFrame) -> list[Verdict]:
    """The claims beside a run's numbers; one that was not run says why."""
    rows = {row["id"]: row for row in scorecard.to_dict("records")}
    return [
        Verdict(
            claim,
            short(rows[claim.id]["value"]),
            interval_text(rows[claim.id]["lower"], rows[claim.id]["upper"], digits=2),
            text_of(rows[claim.id]["paper_value"]),
            rows[claim.id]["status"],
            sentence(claim, rows),
        )
        for claim in CLAIMS
        if claim.id in rows
    ]


def short(value: Any) -> str:
    """A JSON number by two digits, a whole one as it is."""
    text = text_of(value)
    found = json.loads(value) if text else None
    return f"{found:.2g}" if isinstance(found, float) else text


def sentence(claim: Claim, rows: Mapping[str, Mapping[Any, Any]]) -> str:
    """Whether a claim holds in a run: by the intervals, not by the paper's value."""
    row = rows[claim.id]
    if row["status"] == NOT_RUN:
        return str(row["note"]).partition("; paper: ")[0]
    if own := rows.get(claim.verdict or ""):
        return str(json.loads(own["value"]))
    if pd.isna(row["lower"]):
        return "without an interval nothing can be said"
    if claim.baseline is None:
        if row["lower"] > 0:
            return "context helps"
        if row["upper"] >= 0:
            return "no clear effect of context"
        # a larger embedding is more to overfit: that alone is no harm of context
        equal = rows.get(claim.equal or claim.id)
        if equal is None or pd.isna(equal["upper"]) or equal["upper"] >= 0:
            return "worse with context, but not clearly at equal dimension"
        both = rows.get(claim.beside or "")
        if both is None or pd.isna(both["upper"]) or both["upper"] < 0:
            return with_shuffled(claim, rows)
        return (
            "context alone does harm, since it holds less of the gene itself: "
            f"beside the protein it {'helps' if both['lower'] > 0 else 'makes no clear difference'}"
        )
    other, called = claim.baseline
    beside = rows.get(other)
    if beside is None or beside["status"] == NOT_RUN or pd.isna(beside["lower"]):
        return f"{called} was not measured"
    given = f"{called} ({short(beside['value'])})"
    if row["lower"] > beside["upper"]:
        return f"better than {given}"
    if row["upper"] < beside["lower"]:
        return f"worse than {given}"
    return f"no clear difference from {given}"


def with_shuffled(claim: Claim, rows: Mapping[str, Mapping[Any, Any]]) -> str:
    """Of a gain that is below zero in any form: whether neighbours drawn at random do the same."""
    control = rows.get(claim.shuffled or "")
    if control is None or pd.isna(control["lower"]):
        return "context does harm"
    if rows[claim.id]["upper"] < control["lower"]:
        return f"context does harm, more than neighbours at random ({short(control['value'])})"
    own, random = (json.loads(found["value"]) for found in (rows[claim.id], control))
    how = "no less" if random <= own else "not clearly less"
    return (
        f"worse with context, and {how} with neighbours at random ({short(control['value'])}): "
        "the gLM's layer holds less of the gene itself, its neighbours do not mislead"
    )
