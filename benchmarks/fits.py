"""Proteins a second, and memory, of what follows the embedding: fits and store, in streams.

    python benchmarks/fits.py                        # 20,000 and 80,000 proteins; 0.5 GB of disk
    python benchmarks/fits.py --proteins 100000 400000

Random embeddings of 1,280 features in eight shards, which grow with the proteins; each step in a
process of its own: the standardisation, the components of the labels (99), the embedding store (two
threads). Memory must not grow with the proteins by more than what a protein's flags take. The
yardstick of the store is a plain copy of the shards into one file of the same disk, both until the
disk has the bytes (fsync), by the clock, in alternation, `--rounds` times; the median of the
rounds' ratios counts.
Before that, how fast one core writes and reads a shard whose embeddings are values of bytes, as
they are, and one with lists of float16. The last line is one JSON object.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
from made_up import COMPONENTS, SIZE, finish, options

from glm import tables
from glm.embedding.fits import fit_label_components, fit_standardisation
from glm.embedding.store import build_store
from glm.files import writing

SHARDS = 8
STANDARDISATION, STORE = "standardisation.parquet", "store.npy"
YARDSTICK = "plain_copy"
TARGET_GROWTH = 1.2  # of memory, from the smaller to the larger size
TARGET_STORE = 2.0  # times a plain copy
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Step = Callable[[list[Path], int, Path], object]


def write_shards(folder: Path, proteins: int) -> list[Path]:
    """Embeddings tables of random float16 rows, in order."""
    random = np.random.default_rng(1)
    schema = tables.EMBEDDINGS.schema(embedding=tables.vector_field(SIZE, np.float16))
    paths: list[Path] = []
    for numbers in np.array_split(np.arange(proteins, dtype=np.int32), SHARDS):
        rows = len(numbers)
        values = random.standard_normal((rows, SIZE), np.float32).astype(np.float16)
        columns = [pa.array(numbers), tables.vector_array(values)]
        table = pa.Table.from_arrays(columns, schema=schema)
        paths.append(folder / f"{len(paths)}.parquet")
        tables.write(table, paths[-1], tables.EMBEDDINGS, {}, row_group_size=16384)
    return paths


def column_rates(folder: Path, rows: int = 20_000) -> dict[str, dict[str, float]]:
    """GB/s at which embeddings are written and read as bytes and as lists of float16."""
    values = np.random.default_rng(1).standard_normal((rows, SIZE), np.float32)
    values = values.astype(np.float16)
    flat, kind = pa.array(values.ravel()), pa.list_(pa.float16(), SIZE)
    columns = {
        "bytes": (tables.vector_array(values), tables.vector_field(SIZE, np.float16)),
        "lists": (pa.FixedSizeListArray.from_arrays(flat, type=kind), kind),
    }
    number = pa.array(np.arange(rows, dtype=np.int32))
    rates: dict[str, dict[str, float]] = {}
    for name, (column, decided) in columns.items():
        path = folder / f"{name}.parquet"
        schema = tables.EMBEDDINGS.schema(embedding=decided)
        made = pa.Table.from_arrays([number, column], schema=schema)
        clock = [time.perf_counter()]
        tables.write(made, path, tables.EMBEDDINGS, {})
        clock.append(time.perf_counter())
        for _ in tables.open_file(path, tables.EMBEDDINGS).iter_batches(1024, use_threads=False):
            pass
        clock.append(time.perf_counter())
        seconds = np.diff(clock)
        rates[name] = dict(zip(("write", "read"), values.nbytes / 1e9 / seconds, strict=True))
        print("as {}: written at {:.2f} GB/s, read at {:.2f}".format(name, *rates[name].values()))
    return rates


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
    """Write the shards' bytes one after another into one file, until the disk has them."""
    with writing(folder / "copy") as beside, beside.open("wb") as handle:
        for path in shards:
            with path.open("rb") as shard:
                shutil.copyfileobj(shard, handle, 1 << 20)
    force_to_disk(folder / "copy")


def force_to_disk(path: Path) -> None:
    """Wait until the disk has a file's bytes."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


FITS: dict[str, Step] = {"fit_standardisation": standardise, "fit_label_components": components}
WRITING: dict[str, Step] = {"build_embedding_store": store, YARDSTICK: copy}
STEPS = FITS | WRITING


def touch(size: int) -> None:
    """Write to so many bytes of memory, once."""
    np.ones(size, np.uint8)


def warm(size: int) -> None:
    """Have the machine give so many bytes of memory to files from now on without a delay.

    A virtual machine gets memory from its host when it is first written to, at half a gigabyte a
    second where it was measured: slower than the disk, and by chance on one side or the other.
    """
    process = get_context("spawn").Process(target=touch, args=(size,))
    process.start()
    process.join()


def run(name: str, shards: list[Path], proteins: int, folder: Path) -> dict[str, float]:
    """Seconds, seconds of processor and peak memory of a step, in this process."""
    if name in WRITING:
        warm(3 * proteins * SIZE * 2)
    started, processor = time.perf_counter(), time.process_time()
    STEPS[name](shards, proteins, folder)
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def alone(
    function: Callable[Parameters, Result],
    *arguments: Parameters.args,
    **options: Parameters.kwargs,
) -> Result:
    """What a function returns in a process of its own: a child's peak counts from its parent's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **options).result()


def described(step: str, proteins: int, cost: dict[str, float]) -> str:
    """A line about one step."""
    gigabytes = proteins * SIZE * 2 / 1e9
    return (
        f"{proteins:>9,} {step:<22} {proteins / cost['seconds']:>9,.0f} proteins/s, "
        f"{gigabytes / cost['seconds']:.2f} GB/s ({gigabytes / cost['processor']:.2f} of a "
        f"processor), {cost['seconds']:.1f} s, {cost['memory'] / 1e9:.2f} GB of memory"
    )


def main() -> int:
    """Measure and print; exit status 1 if memory grows or the store is slower than the disk."""
    made = options(__doc__)
    made.add_argument("--proteins", type=int, nargs="+", default=[20_000, 80_000])
    made.add_argument("--folder", type=Path, help="where to write (default: a temporary one)")
    made.add_argument("--rounds", type=int, default=3, help="of the store and its copy")
    arguments = made.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        columns = alone(column_rates, Path(name))
    figures: dict[str, list[list[dict[str, float]]]] = {name: [] for name in STEPS}
    for proteins in arguments.proteins:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name)
            shards = alone(write_shards, folder, proteins)
            for found in figures.values():
                found.append([])
            for step in [*FITS, *WRITING, *list(WRITING) * (arguments.rounds - 1)]:
                cost = alone(run, step, shards, proteins, folder)
                figures[step][-1].append(cost)
                print(described(step, proteins, cost), flush=True)
    memory = [[max(c["memory"] for c in costs) for costs in found] for found in figures.values()]
    growth = max(sizes[-1] / sizes[0] for sizes in memory)
    pairs = zip(*(figures[name][-1] for name in WRITING), strict=True)
    slower = statistics.median(ours["seconds"] / theirs["seconds"] for ours, theirs in pairs)
    print(f"build_embedding_store takes {slower:.2f} times as long as {YARDSTICK}")
    report = {
        "benchmark": "fits",
        "proteins": arguments.proteins,
        "figures": {**figures, "columns": columns},
        "yardstick": YARDSTICK,
        "ratio": {"memory": round(growth, 3), "store": round(slower, 2)},
        "target": {"memory": TARGET_GROWTH, "store": TARGET_STORE},
        "ok": growth <= TARGET_GROWTH and slower <= TARGET_STORE,
    }
    return finish(report)


if __name__ == "__main__":
    sys.exit(main())
