"""One comparison for all analyses: values of methods, their intervals, and paired differences.

A bootstrap draws whole groups (operons, clusters of homologues, assemblies), and the same ones for
every method, so that the rounds of two methods can be subtracted. What is measured is a function
of the analysis. It takes a row of weights for each round: an interval costs one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

LEVEL = 0.95
Array = np.ndarray
FEWEST_GENOMES = 10  # that make an interval


class Interval(NamedTuple):
    """Ends of a percentile interval: numbers, or (columns,) each."""

    lower: Any
    upper: Any


def draw_groups(count: int, rounds: int, seed: int) -> Array:
    """How often each of `count` groups is drawn in each bootstrap round, (rounds, count) int64.

    A single group is never drawn: always the same, it would make an interval of no width, where
    nothing is known. Without weight there is no value, and no interval.
    """
    if count == 1:
        return np.zeros((rounds, 1), np.int64)
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=rounds)


def genomes_or_subcontigs(genome: Array, subcontig: Array) -> Array:
    """What intervals draw together of (n,) records: genomes, or subcontigs of fewer than ten."""
    return genome if len(np.unique(genome)) >= FEWEST_GENOMES else subcontig


def bootstrap_weights(groups: Array, rounds: int, seed: int) -> Array:
    """How often each record counts in each bootstrap round that draws whole groups.

    groups: (n,) labels of what is exchangeable: records that stand or fall together (the pairs of
    one operon, the queries of one cluster) have the same label. Returns (rounds, n) int64.
    """
    names, group = np.unique(groups, return_inverse=True)
    return draw_groups(len(names), rounds, seed)[:, group]


def interval(draws: Array, level: float = LEVEL) -> Interval:
    """Percentile interval of bootstrap values, rounds without a value (nan) left out.

    draws: (rounds,), or (rounds, columns) for an interval of each column. nan for both ends where
    no round has a value.
    """
    values = np.asarray(draws, float)
    if values.ndim > 1:
        ends = [interval(column, level) for column in values.T]
        return Interval(*np.array(ends).reshape(-1, 2).T)
    known = values[np.isfinite(values)]
    if not len(known):
        return Interval(float("nan"), float("nan"))
    lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(lower), float(upper))


def weighted_mean(values: Array, weights: Array) -> Array:
    """Mean of (n,) values in each round of (rounds, n) weights; nan where none has weight."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weights @ np.asarray(values, float) / weights.sum(1))


def mean_by_unit(values: Array, unit: Array, drawn: Array, among: Array | None = None) -> Array:
    """The same where units are drawn: memory is rounds x units, and not rounds x records.

    values: (n,). unit: (n,) int64. drawn: (rounds, units). among: (n,) bool, the records that
    count, or all.
    """
    chosen = np.ones(len(unit), bool) if among is None else among
    sums = [np.bincount(unit, part) for part in (values * chosen, chosen)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((drawn @ sums[0]) / (drawn @ sums[1]))


def chance_p(value: float, by_chance: Array) -> float:
    """Share of (rounds,) values of chance that are as large or larger, the value itself added."""
    return float((1 + np.sum(by_chance >= value - 1e-9)) / (1 + len(by_chance)))


@dataclass(frozen=True)
class Measured:
    """A method by one measure.

    value: on all records, mean over the seeds. draws: (rounds,) the same in the bootstrap rounds;
    none without interval. each: of single seeds (or folds), for the deviation. p, chance: of
    permutations, how often they do as well, and their mean.
    """

    value: float
    draws: Array = field(default_factory=lambda: np.empty(0))
    each: Sequence[float] = ()
    p: float = float("nan")
    chance: float = float("nan")

    @property
    def interval(self) -> Interval:
        """95 % interval over groups."""
        return interval(self.draws)

    @property
    def deviation(self) -> float:
        """Standard deviation over seeds; nan of one."""
        return float(np.std(self.each, ddof=1)) if len(self.each) > 1 else float("nan")


def measure(
    statistic: Callable[[Any, Array | None], Array], replicates: Sequence[Any], weights: Array
) -> Measured:
    """A statistic's mean over replicates (seeds of one method).

    statistic: of a replicate and (rounds, n) weights, or None for each record once; gives
    (rounds,), or (1,).
    """
    each = [float(statistic(one, None)[0]) for one in replicates]
    draws = np.mean([statistic(one, weights) for one in replicates], axis=0)
    return Measured(float(np.mean(each)), draws, each)


def measure_mean(scores: Sequence[Array], weights: Array) -> Measured:
    """The mean of (n,) scores, of each replicate: rounds take the mean score of a record."""
    each = [float(np.mean(one)) for one in scores]
    return Measured(float(np.mean(each)), weighted_mean(np.mean(scores, axis=0), weights), each)


def compare(
    methods: Mapping[Any, Measured],
    by: str | Sequence[str],
    references: Mapping[str, str] | None = None,
    *,
    value: str = "value",
    itself: bool = True,
) -> pd.DataFrame:
    """A row for each method: value, lower, upper, deviation, p, chance, and paired differences.

    methods: drawn by the same weights. by: the column (or columns, of tuples) of their names.
    references: by the name of a difference, the method that it is to; for "gain" the columns are
    gain, gain_lower and gain_upper. value: the value's column. itself: whether a reference has a
    difference (of nothing) to itself.
    """
    rows = []
    for name, found in methods.items():
        row = {by: name} if isinstance(by, str) else dict(zip(by, name, strict=True))
        row |= {value: found.value, **found.interval._asdict(), "deviation": found.deviation}
        row |= {"p": found.p, "chance": found.chance}
        for difference, other in (references or {}).items():
            if name == other and not itself:
                continue
            ends = interval(found.draws - methods[other].draws)
            row[difference] = found.value - methods[other].value
            row[f"{difference}_lower"], row[f"{difference}_upper"] = ends
        rows.append(row)
    return pd.DataFrame(rows)
