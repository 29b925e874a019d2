"""Memory of the analyses' statistics, on made-up data, reckoned for the paper's size.

    python benchmarks/analyses.py                    # minutes of one core
    python benchmarks/analyses.py --steps separation transfer

Each statistic runs in a process of its own at two sizes, the larger four times the smaller, with
embeddings of 1,280 features: what it takes beyond the imports, and how that grows. Linear growth is
at most fourfold; a matrix of all points by all points would take sixteen times as much. From the
larger size it is reckoned what the paper's takes, and set beside the memory that the rule asks for.
The last line is one JSON object.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from made_up import SIZE, finish, options

from glm.comparison import bootstrap_weights
from glm.enzymes import analysis as enzymes
from glm.enzymes.perceptron import Fit
from glm.semantics import distribution, separation, transfer, variance
from glm.taxonomy import classification as taxonomy

SEED = 1
EC_CLASSES = 2637
SEEDS = 5  # of the enzymes' networks, whose probabilities are all kept
TARGET_GROWTH = 4.4  # from one size to four times as much
TARGET_SHARE = 1.0  # of the memory that the rule asks for, at the paper's size


def points(count: int) -> np.ndarray:
    """Embeddings, (count, 1280) float32."""
    return np.random.default_rng(SEED).standard_normal((count, SIZE), np.float32)


def separate(count: int) -> None:
    """The three measures of one representation of a focal set in three groups."""
    number = np.arange(count)
    labels = separation.Labels.of(number % 3, number // 2)
    separation.STARTS = 1  # more starts of k-means take time, not memory
    settings = {"neighbours": 10, "rounds": 1000, "permutations": 99, "seed": SEED}
    separation.measure([points(count)], labels, **settings)


def carry_over(count: int) -> None:
    """Transfer potential of one representation; one of five proteins has no annotation."""
    number = np.arange(count)
    annotated = number % 5 > 0
    label = np.where(annotated, number % 997, -1)
    proteins = transfer.Proteins(annotated, label, number // 18)
    transfer.measure([points(count)], proteins, 0.5, 1000, SEED)


def vary(count: int) -> None:
    """Which occurrences of the proteins are drawn, three times, and the fit of their variances."""
    draws = variance.draw(np.full(count, 1000), 100, 10, 100, count, SEED, seeds=3)
    variance.wanted_places(draws)
    distribution.fit(np.random.default_rng(SEED).lognormal(size=count), 1000, SEED)


def tell_enzymes(count: int) -> None:
    """Measures of four kinds of features by five networks; count: test proteins."""
    rng = np.random.default_rng(SEED)

    def fit() -> Fit:
        scores = rng.random((count, EC_CLASSES), np.float32)
        return Fit(scores / scores.sum(1, keepdims=True), 1, np.ones(count))

    fits = {features: [fit() for _ in range(SEEDS)] for features in enzymes.FEATURES}
    truth = rng.integers(0, EC_CLASSES, count)
    weights = dict.fromkeys(("test", "validation"), bootstrap_weights(np.arange(count), 10, SEED))
    enzymes.rows("stratified", "linear", fits, truth, weights, SEED)


def part_taxa(count: int) -> None:
    """Silhouettes of contigs by one of fifty classes."""
    taxonomy.silhouettes(points(count), np.arange(count) % 50)


@dataclass(frozen=True)
class Step:
    """What runs, the smaller size, the paper's, and the gigabytes that its rule asks for."""

    run: Callable[[int], None]
    small: int
    paper: int
    gigabytes: float


STEPS = {
    "separation": Step(separate, 1_500, 100_000, 16),
    "transfer": Step(carry_over, 2_000, 200_000, 32),
    "variance": Step(vary, 1_250, 20_000, 16),
    "enzymes": Step(tell_enzymes, 300, 23_154, 32),
    "taxonomy": Step(part_taxa, 4_000, 16_000, 16),
}


def cost(step: str, count: int) -> tuple[float, float]:
    """Seconds of processor, and bytes beyond the imports, of a statistic in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    STEPS[step].run(count)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return time.process_time() - started, 1024.0 * (after - before)


def measured(name: str, count: int) -> tuple[float, float]:
    """The same, in a process of its own that has everything imported."""
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        return pool.submit(cost, name, count).result()


def main() -> int:
    """Measure and print; exit status 1 if memory grows faster, or beyond what the rules ask for."""
    made = options(__doc__)
    made.add_argument("--steps", nargs="+", choices=list(STEPS), default=list(STEPS))
    figures: dict[str, dict[str, float]] = {}
    for name in made.parse_args().steps:
        step = STEPS[name]
        _, small = measured(name, step.small)
        seconds, large = measured(name, 4 * step.small)
        reckoned = large * step.paper / (4 * step.small) / 1e9
        figures[name] = {
            "n": 4 * step.small,
            "processor_seconds": round(seconds, 1),
            "gigabytes_at_a_quarter": round(small / 1e9, 3),
            "gigabytes": round(large / 1e9, 3),
            "growth": round(large / small, 2),
            "paper_n": step.paper,
            "paper_gigabytes": round(reckoned, 2),
            "rule_gigabytes": step.gigabytes,
        }
        print(
            f"{name:<11} {4 * step.small:>6,}: {large / 1e9:.2f} GB in {seconds:.0f} s of "
            f"processor, {large / small:.1f} times that of a quarter; the paper's "
            f"{step.paper:,}: {reckoned:.1f} GB of {step.gigabytes:.0f}",
            flush=True,
        )
    growth = max(found["growth"] for found in figures.values())
    share = max(found["paper_gigabytes"] / found["rule_gigabytes"] for found in figures.values())
    report = {
        "benchmark": "analyses",
        "figures": figures,
        "yardstick": "memory that the rule asks for",
        "ratio": {"growth": growth, "share_of_rule": round(share, 3)},
        "target": {"growth": TARGET_GROWTH, "share_of_rule": TARGET_SHARE},
        "ok": growth <= TARGET_GROWTH and share <= TARGET_SHARE,
    }
    return finish(report)


if __name__ == "__main__":
    sys.exit(main())
