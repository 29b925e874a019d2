"""Counts of right calls, what chance gives, recall, and what confidence says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from glm import statistics
from glm.paralogs.prediction import Calls

RECALL_AT = (1, 5, 10, 50)
DRAWS_PER_BATCH = 1 << 16
DIRECTIONS = ("A to C", "C to A", "either")
NORMAL, DENSITY, DEALT = "standard normal", "labels at random", "other queries' predictions"


class Hits(NamedTuple):
    """Whether queries are right, (…, queries) bool: the exact partner, one of its cluster."""

    exact: np.ndarray
    same_cluster: np.ndarray


def hits(nearest: np.ndarray, partner_cluster: np.ndarray) -> Hits:
    """Judge calls: a query is right if either of its masked genes is.

    nearest: (…, queries, 2) candidates. partner_cluster: (candidates,), the cluster of each;
    query i's partner is candidate i.
    """
    partner = np.arange(len(partner_cluster))[:, None]
    exact = (nearest == partner).any(-1)
    return Hits(exact, (partner_cluster[nearest] == partner_cluster[partner]).any(-1))


def both_directions(there: Hits, back: Hits) -> dict[str, Hits]:
    """Each direction, and the pairs that are right in either."""
    either = Hits(*(one | other for one, other in zip(there, back, strict=True)))
    return dict(zip(DIRECTIONS, (there, back, either), strict=True))


def random_nearest(
    kind: str, calls: Calls, labels: np.ndarray, rounds: int, seed: int
) -> np.ndarray:
    """Nearest candidates of random predictions, (rounds, queries, 2) int32.

    standard normal: predictions of independent standard normal numbers (Methods). labels at
    random: each prediction is the label of a random candidate, so dense regions are hit as often
    as labels lie there. other queries' predictions: the model's own, dealt to other queries, which
    keeps whatever the model says regardless of the query.
    """
    random = np.random.default_rng(seed)
    queries = len(labels)
    if kind == DENSITY:
        return random.integers(0, queries, (rounds, queries, 2), dtype=np.int32)
    if kind == DEALT:
        order = np.stack([random.permutation(queries) for _ in range(rounds)])
        return calls.nearest.astype(np.int32)[order]
    narrow = labels.astype(np.float32)
    half_norm = np.sum(narrow**2, 1) / 2
    found = np.empty(rounds * queries * 2, np.int32)
    for start in range(0, len(found), DRAWS_PER_BATCH):
        stop = min(start + DRAWS_PER_BATCH, len(found))
        drawn = random.standard_normal((stop - start, narrow.shape[1]), dtype=np.float32)
        found[start:stop] = (drawn @ narrow.T - half_norm).argmax(1)
    return found.reshape(rounds, queries, 2)


def share_rows(
    method: str, found: dict[str, Hits], groups: np.ndarray, rounds: int, seed: int
) -> Iterator[dict[str, object]]:
    """Rows of counts: method, direction, measure, value (share), lower, upper, hits, n.

    groups: (pairs,), drawn whole for the intervals.
    """
    weights = statistics.bootstrap_weights(groups, rounds, seed)
    for direction, judged in found.items():
        for measure, right in judged._asdict().items():
            yield share_row(method, direction, measure, right, weights)


def share_row(
    method: str, direction: str, measure: str, right: np.ndarray, weights: np.ndarray
) -> dict[str, object]:
    """A share of right queries with its interval."""
    ends = statistics.proportion_interval(right, weights)
    return {
        "method": method,
        "direction": direction,
        "measure": measure,
        "value": float(right.mean()),
        "lower": ends.lower,
        "upper": ends.upper,
        "hits": float(right.sum()),
        "n": len(right),
    }


def recall_rows(
    method: str, direction: str, calls: Calls, groups: np.ndarray, rounds: int, seed: int
) -> list[dict[str, object]]:
    """Recall at k: the partner is among the k nearest to the more confident of the two calls."""
    weights = statistics.bootstrap_weights(groups, rounds, seed)
    sure = calls.confidence.argmax(1)
    rank = np.take_along_axis(calls.rank, sure[:, None], 1)[:, 0]
    return [share_row(method, direction, f"recall@{k}", rank <= k, weights) for k in RECALL_AT]


def chance_rows(kind: str, found: dict[str, Hits], observed: dict[str, Hits]) -> pd.DataFrame:
    """What chance gives: mean and 95 % range of the rounds, and how often it does as well.

    found: (rounds, queries) hits. observed: the model's. p is the share of rounds, the model's own
    among them, with at least as many hits.
    """
    rows = []
    for direction, judged in found.items():
        for measure, right in judged._asdict().items():
            counts = right.sum(-1)
            own = getattr(observed[direction], measure)
            ends = statistics.interval(counts / right.shape[-1])
            rows.append(
                {
                    "method": f"chance: {kind}",
                    "direction": direction,
                    "measure": measure,
                    "value": float(counts.mean() / right.shape[-1]),
                    "lower": ends.lower,
                    "upper": ends.upper,
                    "hits": float(counts.mean()),
                    "n": right.shape[-1],
                    "p": float((1 + np.sum(counts >= own.sum())) / (1 + len(counts))),
                }
            )
    return pd.DataFrame(rows)


class Confidence(NamedTuple):
    """What confidence says: means of right and wrong calls, and how well it tells them apart."""

    right: float
    right_interval: statistics.Interval
    right_calls: int
    wrong: float
    wrong_interval: statistics.Interval
    wrong_calls: int
    roc_area: float


def confidence(
    values: np.ndarray, right: np.ndarray, groups: np.ndarray, rounds: int, seed: int
) -> Confidence:
    """Confidence of right and wrong calls, (calls,) each; intervals draw whole groups.

    The area is nan where all calls are right or all are wrong.
    """
    weights = statistics.bootstrap_weights(groups, rounds, seed)

    def mean_of(chosen: np.ndarray) -> tuple[float, statistics.Interval, int]:
        if not chosen.any():
            return float("nan"), statistics.interval(np.array([])), 0
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = weights[:, chosen] @ values[chosen] / weights[:, chosen].sum(1)
        return float(values[chosen].mean()), statistics.interval(drawn), int(chosen.sum())

    both = right.any() and not right.all()
    area = float(roc_auc_score(right, values)) if both else float("nan")
    return Confidence(*mean_of(right), *mean_of(~right), area)
