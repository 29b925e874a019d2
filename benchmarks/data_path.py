"""Subcontigs a second that can be fed: by index from the embedding store, or as written batches.

    python benchmarks/data_path.py                       # 2 GB of memory, and of disk in --folder
    python benchmarks/data_path.py --clock processor     # on a machine with other work on it

The yardstick is what the published format does: every batch lies in a file of its own as padded
tensors of (subcontigs, 30, 1281) inputs and (subcontigs, 30, 100) labels in half precision, 83 kB
a subcontig; it is read, cast to float32 and masked. Ours draws the batch, its masks and its
indices, and

- indices: with the store on the accelerator, that is all the host does (30 int32 a subcontig);
- gathered: with the store in a memory map, the host also gathers the float16 rows (into memory
  that is used again, as the pinned memory for an accelerator is);
- features: with no accelerator at all, it also standardises, clips and makes labels.

Both sides use one thread and embeddings of random numbers at the published size, in the page
cache. Rounds alternate; a ratio is the median of the rounds' ratios. The last line is one JSON
object: `ratio` is that of `indices`, the target 10.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from made_up import CLOCKS, COMPONENTS, LONGEST, SHORTEST, SIZE, options

from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore
from glm.training.batches import BatchSampler
from glm.training.distributed import Processes
from glm.training.loading import TrainingData

MASK_RATE = 0.15
TARGET = 10.0


def make_source(
    folder: Path, subcontigs: int, representatives: int, batch_size: int
) -> TrainingData:
    """A corpus of 15 to 30 genes a subcontig, and a store of random embeddings."""
    random = np.random.default_rng(0)
    lengths = random.integers(SHORTEST, LONGEST + 1, subcontigs)
    genes = int(lengths.sum())
    corpus = Corpus(
        subcontig=np.arange(subcontigs),
        offsets=np.concatenate([[0], lengths.cumsum()]),
        representative=random.integers(0, representatives, genes, dtype=np.int32),
        forward=random.random(genes) < 0.5,
    )
    shape = (representatives, SIZE)
    store = np.lib.format.open_memmap(folder / "store.npy", "w+", np.float16, shape)
    for first in range(0, representatives, 10_000):
        rows = store[first : first + 10_000]
        rows[:] = random.standard_normal(rows.shape, np.float32)
    store.flush()
    builder = FeatureBuilder(
        mean=torch.zeros(SIZE),
        standard_deviation=torch.ones(SIZE),
        directions=torch.eye(SIZE)[:COMPONENTS],
        centre=torch.zeros(COMPONENTS),
        variance=torch.ones(COMPONENTS),
    )
    return TrainingData(
        corpus=corpus,
        store=EmbeddingStore(folder / "store.npy"),
        builder=builder,
        sampler=BatchSampler(corpus, batch_size, MASK_RATE, seed=1),
        processes=Processes(0, 1, torch.device("cpu")),
        subcontigs_per_device=batch_size,
    )


def write_batches(folder: Path, batch_size: int, count: int) -> list[Path]:
    """Batches as the published format holds them: padded, in half precision, a file each."""
    paths = []
    for number in range(count):
        batch = {
            "inputs": torch.randn(batch_size, LONGEST, SIZE + 1).half(),
            "labels": torch.randn(batch_size, LONGEST, COMPONENTS + 1).half(),
            "real": torch.rand(batch_size, LONGEST) < 0.75,
        }
        paths.append(folder / f"batch_{number}.pt")
        torch.save(batch, paths[-1])
    return paths


def read_batch(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The yardstick: read, cast, mask."""
    batch = torch.load(path, weights_only=True)
    inputs, labels = batch["inputs"].float(), batch["labels"].float()
    masked = (torch.rand(inputs.shape[:2]) < MASK_RATE) & batch["real"]
    inputs[masked] = -1.0
    return inputs, labels


def rate(
    make: Callable[[int], object], numbers: range, batch_size: int, clock: Callable[[], float]
) -> float:
    """Subcontigs a second."""
    started = clock()
    for number in numbers:
        make(number)
    return len(numbers) * batch_size / (clock() - started)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, list[float]]:
    """Rates of the yardstick and of ours, round by round."""
    source = make_source(
        folder, arguments.subcontigs, arguments.representatives, arguments.batch_size
    )
    files = write_batches(folder, arguments.batch_size, arguments.batches)

    buffer = torch.empty((arguments.batch_size * LONGEST, SIZE), dtype=torch.float16)

    def gathered(number: int) -> None:
        for micro in source.share(source.sampler.batch(number), gather=False).micro_batches:
            rows = micro.representative
            source.store.gather(rows, out=buffer[: len(rows)])

    def features(number: int) -> None:
        for micro in source.share(source.sampler.batch(number)).micro_batches:
            source.inputs(micro, all_labels=False)

    ways: dict[str, Callable[[int], object]] = {
        "materialised": lambda number: read_batch(files[number % len(files)]),
        "indices": lambda number: source.share(source.sampler.batch(number), gather=False),
        "gathered": gathered,
        "features": features,
    }
    for make in ways.values():
        make(0)  # files and store into the page cache
    clock = CLOCKS[arguments.clock]
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(arguments.rounds):
        numbers = range(turn * arguments.batches, (turn + 1) * arguments.batches)
        for name in list(ways)[:: 1 if turn % 2 else -1]:
            rates[name].append(rate(ways[name], numbers, arguments.batch_size, clock))
    return rates


def main() -> None:
    """Measure, print a table, and the JSON line."""
    parser = options(__doc__)
    parser.add_argument("--batch-size", type=int, default=3000)
    parser.add_argument("--batches", type=int, default=3, help="of each round (default: 3)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--subcontigs", type=int, default=100_000)
    parser.add_argument("--representatives", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary one)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        rates = measure(arguments, Path(folder))
    ratios = {
        name: statistics.median(
            ours / theirs for ours, theirs in zip(found, rates["materialised"], strict=True)
        )
        for name, found in rates.items()
    }
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, found in medians.items():
        print(f"{name:>13} {found:>12,.0f} subcontigs/s {ratios[name]:>8.1f}x")
    result = {
        "benchmark": "data_path",
        "figures": {name: round(found) for name, found in medians.items()},
        "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
        "clock": arguments.clock,
        "batch_size": arguments.batch_size,
        "yardstick": "materialised",
        "ratio": round(ratios["indices"], 2),
        "target": TARGET,
        "ok": ratios["indices"] >= TARGET,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
