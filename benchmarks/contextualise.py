"""Subcontigs and bytes a second of contextualise_subcontigs, at the published size.

    python benchmarks/contextualise.py --clock processor --threads 1      # 2 GB of memory
    python benchmarks/contextualise.py --gpus 1 --precision bf16 --subcontigs 100000

Random weights (speed does not know the difference), a store of random embeddings, subcontigs of
15 to 30 genes; bytes are those of the float16 embeddings that are written. Subcontigs a second are
of the whole step, until the disk has the table and the journal is gone. Loading is not counted, nor
is compiling on a GPU, where what is read and copied to the host, but not written, is measured too.
The writing of a table is measured once more by itself, on `--written` subcontigs until the disk has
them: it must not hold up a GPU, of which an A100 at half its peak makes 0.5 GB a second (9,300
subcontigs, thrice what it trains on: docs/performance.md). The last line is one JSON object.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from made_up import CLOCKS, LONGEST, SHORTEST, SIZE, finish, options, write_fits, write_subcontigs

from glm import tables
from glm.data.corpus import read_corpus
from glm.inference.contexts import arrange
from glm.inference.opening import Reading
from glm.inference.reader import GeneReader
from glm.inference.shards import (
    choose_shard,
    contextualise_shard,
    read_proteins,
    write_contextual,
)
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig

PER_BATCH = 64
TARGET_WRITING = 0.5  # GB/s


def make_subcontigs(folder: Path, subcontigs: int, representatives: int) -> int:
    """A table of random subcontigs in `folder`; returns the genes."""
    random = np.random.default_rng(1)
    lengths = random.integers(SHORTEST, LONGEST + 1, subcontigs)
    genes = int(lengths.sum())
    numbers = random.integers(0, representatives, genes)
    forward = random.random(genes) < 0.5
    write_subcontigs(folder / "subcontigs.parquet", lengths, numbers, forward)
    return genes


def make_run(folder: Path, subcontigs: int, representatives: int, layers: int) -> int:
    """A run's files in `folder`, of random numbers; returns the genes."""
    genes = make_subcontigs(folder, subcontigs, representatives)
    random = np.random.default_rng(1)
    store = random.standard_normal((representatives, SIZE), np.float32).astype(np.float16)
    np.save(folder / "store.npy", store)
    write_fits(folder, representatives)
    GenomicLanguageModel(GenomicLanguageModelConfig(layers=layers)).save_pretrained(folder / "glm")
    return genes


def reading_rate(reader: GeneReader, batches: list[np.ndarray], workers: int) -> float:
    """Subcontigs a second that are read and on the host; nothing is written."""
    readings = (arrange(reader.genes.corpus, batch, "trained", 1) for batch in batches)
    started = time.perf_counter()
    read = sum(len(windows.lengths) for windows, _ in reader.embed(readings, workers, torch.half))
    return read / (time.perf_counter() - started)


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
    made = options(__doc__)
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
        fitted = folder / "standardisation.parquet", folder / "label_components.parquet"
        weights, store = folder / "glm" / "model.safetensors", folder / "store.npy"
        reading = Reading(weights, path, store, *fitted, arguments.gpus)
        reader = reading.open(arguments.precision, named=named)
        proteins = read_proteins(path, named)
        workers, read = 0, {}
        if arguments.gpus:  # as the step does
            workers = max(arguments.threads - 1, 0)
            reader.model.compile_layers()
            reading_rate(reader, batches[:4], workers)
            read["read_per_second"] = round(reading_rate(reader, batches, workers), 2)
        clock = CLOCKS[arguments.clock]
        started = clock()
        output = folder / "contextual" / "0.parquet"
        contextualise_shard(reader, proteins, batches, output, {}, "trained", 1, workers)
        seconds = clock() - started
        (folder / "writing").mkdir()
        writing = writing_rate(folder / "writing", arguments.written, arguments.representatives)
    written = genes * reader.model.config.hidden_size * 2
    figures = {
        "subcontigs_per_second": round(arguments.subcontigs / seconds, 2),
        **read,
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
    return finish(report)


if __name__ == "__main__":
    sys.exit(main())
