"""Proteins a second, and memory, of what follows the embedding: fits and store, in streams.

    python benchmarks/fits.py                        # 20,000 and 80,000 proteins; 0.5 GB of disk
    python benchmarks/fits.py --proteins 100000 400000

Random embeddings of 1,280 features in shards of 5,000; each step in a process of its own:
the standardisation, the components of the labels (99), the embedding store (two threads). Memory
must not grow with the proteins by more than what a protein's flags take. The yardstick of the store
is a plain copy of it to the same disk, both until the disk has the bytes (fsync), by the clock. The
last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from glm import tables  # noqa: E402
from glm.embedding.fits import fit_label_components, fit_standardisation  # noqa: E402
from glm.embedding.store import build_store  # noqa: E402

FEATURES, COMPONENTS, ROWS_PER_SHARD = 1280, 99, 5_000
STANDARDISATION, STORE = "standardisation.parquet", "store.npy"
YARDSTICK = "plain_copy"
TARGET_GROWTH = 1.2  # of memory, from the smaller to the larger size
Step = Callable[[list[Path], int, Path], object]


def write_shards(folder: Path, proteins: int) -> list[Path]:
    """Embeddings tables of random float16 rows, in order."""
    random = np.random.default_rng(1)
    kind = pa.list_(pa.float16(), FEATURES)
    paths: list[Path] = []
    for first in range(0, proteins, ROWS_PER_SHARD):
        rows = min(ROWS_PER_SHARD, proteins - first)
        values = random.standard_normal((rows, FEATURES), np.float32).astype(np.float16)
        embedding = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), type=kind)
        table = pa.table({"representative": np.arange(first, first + rows), "embedding": embedding})
        paths.append(folder / f"{len(paths)}.parquet")
        tables.write(table, paths[-1], tables.EMBEDDINGS, {}, row_group_size=16384)
    return paths


def standardise(shards: list[Path], proteins: int, folder: Path) -> None:
    """Fit the standardisation and keep it for the next step."""
    fitted = fit_standardisation(shards, np.ones(proteins, bool))
    tables.write(fitted, folder / STANDARDISATION, tables.STANDARDISATION, {})


def components(shards: list[Path], proteins: int, folder: Path) -> None:
    """Fit the components of the labels."""
    fitted = tables.read(folder / STANDARDISATION, tables.STANDARDISATION)
    fit_label_components(shards, np.ones(proteins, bool), fitted, COMPONENTS)


def store(shards: list[Path], proteins: int, folder: Path) -> None:
    """Build the store, until the disk has it."""
    build_store(shards, proteins, folder / STORE, threads=2)
    force_to_disk(folder / STORE)


def copy(shards: list[Path], proteins: int, folder: Path) -> None:
    """Write as many bytes as the store has, one after another, until the disk has them."""
    block = bytes(range(256)) * (1 << 12)
    left = (folder / STORE).stat().st_size
    with (folder / "copy.npy").open("wb") as handle:
        while left > 0:
            left -= handle.write(block[:left])
    force_to_disk(folder / "copy.npy")


def force_to_disk(path: Path) -> None:
    """Wait until the disk has a file's bytes."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


STEPS: dict[str, Step] = {
    "fit_standardisation": standardise,
    "fit_label_components": components,
    "build_embedding_store": store,
    YARDSTICK: copy,
}


def run(name: str, shards: list[Path], proteins: int, folder: Path) -> dict[str, float]:
    """Seconds, seconds of processor and peak memory of a step, in this process."""
    started, processor = time.perf_counter(), time.process_time()
    STEPS[name](shards, proteins, folder)
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def main() -> int:
    """Measure and print; exit status 1 if memory grows."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--proteins", type=int, nargs="+", default=[20_000, 80_000])
    made.add_argument("--folder", type=Path, help="where to write (default: a temporary one)")
    arguments = made.parse_args()
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in STEPS}
    for proteins in arguments.proteins:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name)
            shards = write_shards(folder, proteins)
            for step, found in figures.items():
                with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                    cost = pool.submit(run, step, shards, proteins, folder).result()
                found.append(cost)
                gigabytes = proteins * FEATURES * 2 / 1e9
                print(
                    f"{proteins:>9,} {step:<22} {proteins / cost['processor']:>9,.0f} proteins and "
                    f"{gigabytes / cost['processor']:.2f} GB a second of processor, "
                    f"{cost['seconds']:.1f} s, {cost['memory'] / 1e9:.2f} GB of memory",
                    flush=True,
                )
    growth = max(found[-1]["memory"] / found[0]["memory"] for found in figures.values())
    clock = {name: found[-1]["seconds"] for name, found in figures.items()}
    slower = clock["build_embedding_store"] / clock[YARDSTICK]
    print(f"build_embedding_store takes {slower:.2f} times as long as {YARDSTICK}")
    report = {
        "benchmark": "fits",
        "proteins": arguments.proteins,
        "figures": figures,
        "ratio": round(growth, 3),
        "store_to_plain_copy": round(slower, 2),
        "target": TARGET_GROWTH,
        "ok": growth <= TARGET_GROWTH,
    }
    print(json.dumps(report))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
