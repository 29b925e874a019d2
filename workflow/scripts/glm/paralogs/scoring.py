"""Counts of right calls, what chance gives, recall, and what confidence says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from glm.comparison import Interval, Measured, chance_p, compare, interval, measure_mean
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


def recalls(calls: Calls) -> dict[str, np.ndarray]:
    """Recall at k: (queries,) whether the partner is among the k nearest to the surer call."""
    sure = calls.confidence.argmax(1)
    rank = np.take_along_axis(calls.rank, sure[:, None], 1)[:, 0]
    return {f"recall@{k}": rank <= k for k in RECALL_AT}


def share_rows(
    right: Mapping[tuple[str, str, str], np.ndarray], weights: np.ndarray
) -> pd.DataFrame:
    """Rows of counts: method, direction, measure, value (share), lower, upper, hits, n, p (none).

    right: by method, direction and measure, (pairs,) bool. weights: (rounds, pairs).
    """
    measured = {key: measure_mean([of_queries], weights) for key, of_queries in right.items()}
    return count_rows(
        measured, [(float(of_queries.sum()), len(of_queries)) for of_queries in right.values()]
    )


def count_rows(
    measured: Mapping[tuple[str, str, str], Measured], counted: Sequence[tuple[float, int]]
) -> pd.DataFrame:
    """Shares with the hits and the queries that they are of."""
    rows = compare(measured, ("method", "direction", "measure"))
    rows[["hits", "n"]] = pd.DataFrame(counted)
    return rows


def chance_rows(kind: str, found: dict[str, Hits], observed: dict[str, Hits]) -> pd.DataFrame:
    """What chance gives: mean and 95 % range of the rounds, and how often it does as well.

    found: (rounds, queries) hits. observed: the model's. p is the share of rounds, the model's own
    among them, with at least as many hits.
    """
    measured, counted = {}, []
    for direction, judged in found.items():
        for measure, right in judged._asdict().items():
            counts, queries = right.sum(-1), right.shape[-1]
            p = chance_p(getattr(observed[direction], measure).sum(), counts)
            shares = Measured(float(counts.mean() / queries), counts / queries, p=p)
            measured[f"chance: {kind}", direction, measure] = shares
            counted.append((float(counts.mean()), queries))
    return count_rows(measured, counted)


class Confidence(NamedTuple):
    """Mean confidence of some calls, its interval, and how many they are."""

    mean: float
    interval: Interval
    calls: int


def confidence(values: np.ndarray, chosen: np.ndarray, weights: np.ndarray) -> Confidence:
    """Confidence of some calls; values, chosen: (calls,). weights: (rounds, calls)."""
    if not chosen.any():
        return Confidence(float("nan"), interval(np.array([])), 0)
    found = measure_mean([values[chosen]], weights[:, chosen])
    return Confidence(found.value, found.interval, int(chosen.sum()))
