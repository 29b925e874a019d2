"""Subcontigs and bytes a second of contextualise_subcontigs, at the published size.

    python benchmarks/contextualise.py --clock processor --threads 1      # 2 GB of memory
    python benchmarks/contextualise.py --gpus 1 --precision bf16 --subcontigs 100000

Random weights (speed does not know the difference), a store of random embeddings, subcontigs of
15 to 30 genes; bytes are those of the float16 embeddings that are written. Subcontigs a second are
of the whole step, until the disk has the table and the journal is gone. Loading is not counted.
The writing of a table is measured once more by itself, on `--written` subcontigs until the disk has
them: it must not hold up a GPU, of which an A100 at half its peak makes 0.5 GB a second (9,300
subcontigs, thrice what it trains on: docs/performance.md). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from glm import tables  # noqa: E402
from glm.data.corpus import read_corpus  # noqa: E402
from glm.inference.reader import open_reader  # noqa: E402
from glm.inference.shards import (  # noqa: E402
    choose_shard,
    contextualise_shard,
    read_proteins,
    write_contextual,
)
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig  # noqa: E402

SIZE, COMPONENTS, SHORTEST, LONGEST = 1280, 99, 15, 30
PER_BATCH = 64
TARGET_WRITING = 0.5  # GB/s
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def make_subcontigs(folder: Path, subcontigs: int, representatives: int) -> int:
    """A table of random subcontigs in `folder`; returns the genes."""
    random = np.random.default_rng(1)
    lengths = random.integers(SHORTEST, LONGEST + 1, subcontigs)
    offsets = pa.array(np.append(0, lengths.cumsum()), pa.int32())
    genes = int(lengths.sum())
    numbers = random.integers(0, representatives, genes)
    data = pa.table(
        {
            "subcontig": np.arange(subcontigs),
            "contig": np.arange(subcontigs),
            "first_rank": np.zeros(subcontigs, np.int32),
            "assembly": pa.array(["A"] * subcontigs),
            "biome": pa.nulls(subcontigs, pa.string()),
            "representative": pa.ListArray.from_arrays(offsets, pa.array(numbers, pa.int32())),
            "forward": pa.ListArray.from_arrays(offsets, pa.array(random.random(genes) < 0.5)),
            "protein": pa.ListArray.from_arrays(offsets, pa.array(numbers, pa.int64())),
        }
    )
    tables.write(data, folder / "subcontigs.parquet", tables.SUBCONTIGS, {})
    return genes


def make_run(folder: Path, subcontigs: int, representatives: int, layers: int) -> int:
    """A run's files in `folder`, of random numbers; returns the genes."""
    genes = make_subcontigs(folder, subcontigs, representatives)
    random = np.random.default_rng(1)
    store = random.standard_normal((representatives, SIZE), np.float32).astype(np.float16)
    np.save(folder / "store.npy", store)
    fitted = pa.table(
        {
            "feature": np.arange(SIZE),
            "mean": np.zeros(SIZE),
            "standard_deviation": np.ones(SIZE),
            "count": np.full(SIZE, representatives),
        }
    )
    tables.write(fitted, folder / "standardisation.parquet", tables.STANDARDISATION, {})
    components = pa.table(
        {
            "component": np.arange(COMPONENTS),
            "direction": pa.array(list(np.eye(SIZE)[:COMPONENTS]), pa.list_(pa.float64())),
            "centre": np.zeros(COMPONENTS),
            "variance": np.ones(COMPONENTS),
            "variance_share": np.full(COMPONENTS, 1 / SIZE),
            "count": np.full(COMPONENTS, representatives),
        }
    )
    tables.write(components, folder / "label_components.parquet", tables.LABEL_COMPONENTS, {})
    GenomicLanguageModel(GenomicLanguageModelConfig(layers=layers)).save_pretrained(folder / "glm")
    return genes


def writing_rate(folder: Path, subcontigs: int, representatives: int) -> float:
    """Bytes a second, by the clock, of a `contextual` table until the disk has it."""
    make_subcontigs(folder, subcontigs, representatives)
    path = folder / "subcontigs.parquet"
    named, batches = choose_shard(path, "trained", 1, PER_BATCH, 0, 1)
    corpus, proteins = read_corpus(path, representatives), read_proteins(path, named)
    shape = (len(proteins), SIZE)
    rows = np.memmap(folder / "rows", np.float16, mode="w+", shape=shape)
    rows[:] = np.random.default_rng(1).standard_normal(shape, np.float32)
    output, vectors = folder / "written.parquet", tables.vector_field(SIZE, np.float16)
    started = time.perf_counter()
    with tables.TableWriter(output, tables.CONTEXTUAL, {}, embedding=vectors) as table:
        write_contextual(table, corpus, proteins, batches, rows)
    with output.open("rb+") as handle:
        os.fsync(handle.fileno())
    return float(rows.nbytes / (time.perf_counter() - started))


def main() -> int:
    """Measure and print; exit status 1 if the writing holds up a GPU."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--subcontigs", type=int, default=128)
    made.add_argument("--representatives", type=int, default=20_000)
    made.add_argument("--subcontigs-per-batch", type=int, default=PER_BATCH)
    made.add_argument(
        "--written", type=int, default=20_000, help="subcontigs; 1.2 GB of disk each way"
    )
    made.add_argument("--layers", type=int, default=19)
    made.add_argument("--precision", choices=("fp32", "bf16", "fp16"), default="fp32")
    made.add_argument("--gpus", type=int, default=0)
    made.add_argument("--threads", type=int, default=1)
    made.add_argument("--clock", choices=CLOCKS, default="wall")
    arguments = made.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        genes = make_run(folder, arguments.subcontigs, arguments.representatives, arguments.layers)
        path = folder / "subcontigs.parquet"
        named, batches = choose_shard(path, "trained", 1, arguments.subcontigs_per_batch, 0, 1)
        reader = open_reader(
            folder / "glm" / "model.safetensors",
            path,
            folder / "store.npy",
            folder / "standardisation.parquet",
            folder / "label_components.parquet",
            arguments.gpus,
            arguments.precision,
            named=named,
        )
        proteins = read_proteins(path, named)
        clock = CLOCKS[arguments.clock]
        started = clock()
        output = folder / "contextual" / "0.parquet"
        workers = max(arguments.threads - 1, 0) if arguments.gpus else 0
        contextualise_shard(reader, proteins, batches, output, {}, "trained", 1, workers)
        seconds = clock() - started
        (folder / "writing").mkdir()
        writing = writing_rate(folder / "writing", arguments.written, arguments.representatives)
    written = genes * reader.model.config.hidden_size * 2
    figures = {
        "subcontigs_per_second": round(arguments.subcontigs / seconds, 2),
        "gigabytes_per_second": round(written / 1e9 / seconds, 5),
        "gigabytes_per_second_of_writing": round(writing / 1e9, 2),
        **vars(arguments),
    }
    print(f"{figures['subcontigs_per_second']} subcontigs/s, {written / 1e6 / seconds:.2f} MB/s")
    print(f"written at {writing / 1e9:.2f} GB/s")
    report = {
        "benchmark": "contextualise",
        "figures": figures,
        "yardstick": "an A100 at half its peak, reckoned",
        "ratio": round(writing / 1e9 / TARGET_WRITING, 2),
        "target": 1.0,
        "ok": writing / 1e9 >= TARGET_WRITING,
    }
    print(json.dumps(report))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
