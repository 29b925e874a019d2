"""How well groups are told apart by a representation: "clusters better" as numbers.

Three measures that need no UMAP: the silhouette, the share of nearest neighbours of one's own
group, and the adjusted Rand index of k-means with as many clusters as groups. Intervals draw whole
units (assemblies): genes of one genome are no independent witnesses. Permutations move the labels
of whole units where a unit has one label (biome, lineage), else of single points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from glm.statistics import Array, bootstrap_weights, interval

MEASURES = ("silhouette", "neighbour purity", "adjusted Rand index")
STARTS = 10  # of k-means, the best of which counts


@dataclass(frozen=True)
class Measured:
    """One measure of one representation.

    value: over all points. draws: (rounds,) its bootstrap values. p: share of permutations of the
    labels that do as well or better (with one added). chance: mean over the permutations.
    """

    value: float
    draws: Array
    p: float
    chance: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval over units."""
        return interval(self.draws)


@dataclass(frozen=True)
class Labels:
    """What the points belong to: group (n,) int64 from 0 on, and unit (n,) int64 from 0 on."""

    group: Array
    unit: Array

    @classmethod
    def of(cls, groups: Sequence[str] | Array, units: Sequence[str] | Array) -> Labels:
        """Labels of any kind, numbered."""
        number = [np.unique(np.asarray(x), return_inverse=True)[1] for x in (groups, units)]
        return cls(number[0].astype(np.int64), number[1].astype(np.int64))

    @property
    def count(self) -> int:
        """Groups."""
        return int(self.group.max()) + 1

    def permuted(self, rng: np.random.Generator) -> Array:
        """The groups in random order: of whole units where every unit has one, else of points."""
        unit_group = np.full(self.unit.max() + 1, -1)
        unit_group[self.unit] = self.group
        if (unit_group[self.unit] == self.group).all():
            return rng.permutation(unit_group)[self.unit]
        return rng.permutation(self.group)


def silhouettes(distances: Array, group: Array, groups: int) -> Array:
    """Silhouette of each point, (n,): 0 in a group of one, and where all points are the same.

    distances: (n, n). group: (n,) int64.
    """
    member = np.eye(groups, dtype=distances.dtype)[group]
    size = member.sum(0)
    sums = distances @ member
    own = np.arange(len(group)), group
    within = sums[own] / np.maximum(size[group] - 1, 1)
    mean = np.where(size > 0, sums / np.maximum(size, 1), np.inf)
    mean[own] = np.inf
    nearest = mean.min(1)
    larger = np.maximum(within, nearest)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (nearest - within) / larger
    return np.where((size[group] > 1) & (larger > 0), found, 0.0)


def nearest(distances: Array, neighbours: int, seed: int) -> Array:
    """Indices of each point's nearest others, (n, neighbours); ties in random order.

    Sister strains have equal genes: were ties broken by position, neighbours in the file would
    count as neighbours in space.
    """
    order = np.random.default_rng(seed).permutation(len(distances))
    mixed = np.round(distances[:, order].astype(np.float64), 6)
    mixed[np.arange(len(distances)), np.argsort(order)] = np.inf
    return order[np.argsort(mixed, axis=1, kind="stable")[:, :neighbours]]


def purity(nearest_others: Array, group: Array) -> Array:
    """Share of each point's nearest others that are of its group, (n,)."""
    return np.asarray((group[nearest_others] == group[:, None]).mean(1))


def rand_index(group: Array, cluster: Array, weights: Array | None = None) -> Array:
    """Adjusted Rand index, for each row of weights: 1 for the same partition, 0 for chance.

    group, cluster: (n,) int64. weights: (rounds, n) how often each point counts, or None. Pairs of
    a point with itself are left out, so that a bootstrap is not flattered. Returns (rounds,); 0
    where a partition has one part only.
    """
    weight = np.ones((1, len(group))) if weights is None else np.asarray(weights, float)
    cell = group * (cluster.max() + 1) + cluster

    def pairs(part: Array) -> Array:
        member = np.eye(int(part.max()) + 1)[part]
        return (((weight @ member) ** 2 - weight**2 @ member) / 2).sum(1)

    both, of_group, of_cluster = pairs(cell), pairs(group), pairs(cluster)
    total = (weight.sum(1) ** 2 - (weight**2).sum(1)) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = of_group * of_cluster / total
        possible = (of_group + of_cluster) / 2 - expected
        return np.where(np.abs(possible) > 1e-12, (both - expected) / possible, 0.0)


def measure(
    replicates: Sequence[Array],
    labels: Labels,
    *,
    neighbours: int,
    rounds: int,
    permutations: int,
    seed: int,
) -> dict[str, Measured]:
    """The three measures of a representation.

    replicates: (n, features) each, the same points from different seeds (of random weights, of
    shuffled contexts; a fixed representation is given as often as k-means is to be repeated);
    measures are means over them. Needs two groups. An n x n matrix is made: n is a focal set, not
    a corpus.
    """
    rng = np.random.default_rng(seed)
    weights = bootstrap_weights(labels.unit, rounds, seed)
    others = [labels.permuted(rng) for _ in range(permutations)]
    count = labels.count
    neighbours = min(neighbours, len(labels.group) - 1)
    values: dict[str, list[Array]] = {name: [] for name in MEASURES}
    chance: dict[str, list[list[float]]] = {name: [] for name in MEASURES}
    draws: dict[str, list[Array]] = {name: [] for name in MEASURES}
    seen: dict[int, tuple[Array, Array, list[float]]] = {}
    for number, points in enumerate(replicates):
        if id(points) not in seen:
            distances = cdist(points, points).astype(np.float32)
            of_point = silhouettes(distances, labels.group, count)
            by_chance = [float(silhouettes(distances, other, count).mean()) for other in others]
            seen[id(points)] = distances, of_point, by_chance
        distances, of_point, by_chance = seen[id(points)]
        found = nearest(distances, neighbours, seed + number)
        pure = purity(found, labels.group)
        fitted = KMeans(count, n_init=STARTS, random_state=seed + number).fit(points)
        cluster = fitted.labels_.astype(np.int64)
        with np.errstate(invalid="ignore"):
            for name, each in ((MEASURES[0], of_point), (MEASURES[1], pure)):
                values[name].append(each.mean())
                draws[name].append(weights @ each / weights.sum(1))
        values[MEASURES[2]].append(rand_index(labels.group, cluster)[0])
        draws[MEASURES[2]].append(rand_index(labels.group, cluster, weights))
        chance[MEASURES[0]].append(by_chance)
        chance[MEASURES[1]].append([float(purity(found, other).mean()) for other in others])
        chance[MEASURES[2]].append([float(rand_index(other, cluster)[0]) for other in others])
    return {name: summarise(values[name], draws[name], np.array(chance[name])) for name in MEASURES}


def summarise(values: list[Array], draws: list[Array], chance: Array) -> Measured:
    """A measure over its replicates; chance: (replicates, permutations)."""
    value = float(np.mean(values))
    by_chance = chance.mean(0)
    as_good = np.sum(by_chance >= value - 1e-9)
    return Measured(
        value, np.mean(draws, axis=0), float((1 + as_good) / (1 + len(by_chance))),
        float(by_chance.mean()),
    )  # fmt: skip
