"""Gene places a second from a release to subcontigs, their peak memory, temporary disk and growth.

    python benchmarks/corpus.py                          # 1, 4 and 16 M places; 8 GB in --folder
    python benchmarks/corpus.py --sizes 0.1 0.2          # a look
    python benchmarks/corpus.py --server                 # fetched over HTTP from 127.0.0.1 first
    python benchmarks/corpus.py --clock processor        # on a machine with other work on it

Each size is a made-up release of MGnify's shape (synthetic_release.py). The rules' own scripts run
on it one after the other, as the pipeline runs them, each in a process of its own:
download_release, parse_genes, cluster_proteins (published clusters), map_representatives,
collect_representatives, build_subcontigs. Rate and growth are those of all but the download, which
copies files of this disk. Memory is the largest resident set of a process, the disk what the rules'
folder held beyond a rule's outputs at its fullest.

Targets: at least 0.5 M places/s on two cores at the largest size, under 3 GB at every size, and a
time that grows at most 1.15 times as fast as the places with each doubling. With the processor's
clock the rate is what the cores would give if all were busy all the time: an upper bound. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import functools
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path

from made_up import ROOT, finish, options
from synthetic_release import write_release

from glm import tables

SCRIPTS = ROOT / "workflow" / "scripts"
TARGET_RATE, TARGET_MEMORY, TARGET_GROWTH = 0.5e6, 3e9, 1.15
SECONDS_BETWEEN_LOOKS = 0.1
COUNTED = (
    "parse_genes",
    "cluster_proteins",
    "map_representatives",
    "collect_representatives",
    "build_subcontigs",
)


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of the clock and of the processor, bytes of memory and disk."""

    seconds: float
    processor: float
    memory: int
    disk: int


def commands(folder: Path, address: str, memory: int, threads: int) -> dict[str, list[str]]:
    """The command line of each rule, in order."""
    manifest = str(folder / "release" / "manifest.parquet")
    genes, contigs, clusters, mapped, found = (
        str(folder / f"{name}.parquet")
        for name in ("genes", "contigs", "clusters", "mapped_genes", "representatives")
    )
    limit = ["--threads", str(threads), "--memory-mb", str(memory)]
    cut = ["--minimum-genes", "15", "--maximum-genes", "30"]
    lines = {
        "download_release": [
            *("--address", address, "--clusters", "published", "--manifest", manifest),
            *("--threads", str(threads)),
        ],
        "parse_genes": ["--manifest", manifest, "--genes", genes, "--contigs", contigs, *limit],
        "cluster_proteins": [
            *("--sequences", manifest, "--method", "published", "--clusters", clusters),
            *("--identity", "0.9", "--coverage", "0.9"),
            *("--threads", str(threads)),
        ],
        "map_representatives": [
            *("--genes", genes, "--contigs", contigs, "--clusters", clusters, *cut[:2]),
            *("--mapped-genes", mapped, *limit),
        ],
        "collect_representatives": [
            *("--sequences", manifest, "--mapped-genes", mapped, *cut),
            *("--representatives", found, *limit),
        ],
        "build_subcontigs": [
            *("--mapped-genes", mapped, "--contigs", contigs, "--representatives", found, *cut),
            *("--subcontigs", str(folder / "subcontigs.parquet")),
        ],
    }
    return {
        name: [sys.executable, str(SCRIPTS / f"{name}.py"), *line] for name, line in lines.items()
    }


def held(folder: Path) -> int:
    """Bytes of all files of a folder, some of which may go meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(Path(place, name)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total


def run(command: Sequence[str], folder: Path, log: Path) -> Cost:
    """Run a command to its end, watching `folder`; ends the benchmark if it fails."""
    fullest, over = held(folder), threading.Event()

    def watch() -> None:
        nonlocal fullest
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            fullest = max(fullest, held(folder))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    with log.open("wb") as handle:
        process = subprocess.Popen(command, stdout=handle, stderr=handle)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    over.set()
    watcher.join()
    if status:
        sys.exit(f"{' '.join(command)}\n{log.read_text()[-4000:]}")
    processor = usage.ru_utime + usage.ru_stime
    return Cost(seconds, processor, usage.ru_maxrss * 1024, max(0, fullest - held(folder)))


class QuietHandler(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP on 127.0.0.1; yields its address."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def measure(occurrences: int, arguments: argparse.Namespace) -> dict[str, Cost]:
    """Costs of each rule on a release of `occurrences` places."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        source, folder = Path(name, "source"), Path(name, "corpus")
        folder.mkdir()
        # In a process of its own: a child's peak memory counts from its parent's.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            size = pool.submit(write_release, source, occurrences, arguments.seed).result()
        print(f"{occurrences:,} places: release of {size / 1e6:,.0f} MB", flush=True)
        costs = {}
        with served(source) as url:
            address = url if arguments.server else str(source)
            for rule, command in commands(
                folder, address, arguments.memory, arguments.threads
            ).items():
                cost = costs[rule] = run(command, folder, Path(name, f"{rule}.log"))
                print(
                    f"  {rule:<24}{cost.seconds:>8.1f} s{cost.processor:>8.1f} s of processor"
                    f"{cost.memory / 1e9:>7.2f} GB{cost.disk / 1e6:>8,.0f} MB of temporary disk",
                    flush=True,
                )
        counts = tables.read_counts(folder / "subcontigs.parquet")
        print(f"  {counts['subcontigs']:,} subcontigs of {counts['genes']:,} genes")
    return costs


def total(costs: dict[str, Cost]) -> Cost:
    """All counted rules together: times in sum, memory and disk of the most demanding one."""
    rules = [costs[rule] for rule in COUNTED]
    return Cost(
        sum(cost.seconds for cost in rules),
        sum(cost.processor for cost in rules),
        max(cost.memory for cost in costs.values()),
        max(cost.disk for cost in rules),
    )


def rate(size: int, cost: Cost, arguments: argparse.Namespace) -> float:
    """Places a second; by the processor's clock, of all cores together."""
    if arguments.clock == "wall":
        return size / cost.seconds
    return size / cost.processor * arguments.threads


def time_of(cost: Cost, clock: str) -> float:
    """Seconds by one of the clocks."""
    return cost.seconds if clock == "wall" else cost.processor


def parser() -> argparse.ArgumentParser:
    """The benchmark's options."""
    made = options(__doc__)
    made.add_argument("--sizes", type=float, nargs="+", default=[1, 4, 16], help="million places")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--memory", type=int, default=2000, help="megabytes a rule may take")
    made.add_argument("--server", action="store_true", help="fetch over HTTP, not from the disk")
    made.add_argument("--clock", choices=("wall", "processor"), default="wall")
    made.add_argument("--folder", type=Path, help="where to write (default: a temporary one)")
    made.add_argument("--seed", type=int, default=1)
    return made


def main(arguments: argparse.Namespace) -> int:
    """Measure and print; exit status 1 if a target is missed."""
    sizes = [int(size * 1e6) for size in sorted(arguments.sizes)]
    costs = [measure(size, arguments) for size in sizes]
    totals = [total(cost) for cost in costs]
    growths = []
    for number, (size, cost) in enumerate(zip(sizes, totals, strict=True)):
        line = (
            f"{size / 1e6:g} M places: {size / cost.seconds:,.0f} places/s, "
            f"{size / cost.processor:,.0f} a second of processor, {cost.memory / 1e9:.2f} GB"
        )
        if number:
            doublings = math.log2(size / sizes[number - 1])
            times = [time_of(totals[place], arguments.clock) for place in (number - 1, number)]
            growth = (times[1] / times[0]) ** (1 / doublings) / 2
            growths.append(growth)
            line += f", time per doubling 2 x {growth:.2f}"
        print(line)
    reached = rate(sizes[-1], totals[-1], arguments)
    memory = max(cost.memory for cost in totals)
    report = {
        "benchmark": "corpus",
        "figures": {
            "places": sizes,
            "places_per_second": [
                round(size / cost.seconds) for size, cost in zip(sizes, totals, strict=True)
            ],
            "places_per_processor_second": [
                round(size / cost.processor) for size, cost in zip(sizes, totals, strict=True)
            ],
            "peak_memory": [cost.memory for cost in totals],
            "temporary_disk": [cost.disk for cost in totals],
            "growth": [round(growth, 3) for growth in growths],
            "seconds": [{rule: round(c.seconds, 2) for rule, c in cost.items()} for cost in costs],
            "processor_seconds": [
                {rule: round(c.processor, 2) for rule, c in cost.items()} for cost in costs
            ],
            "threads": arguments.threads,
            "clock": arguments.clock,
        },
        "ratio": round(reached / TARGET_RATE, 2),
        "target": {"rate": TARGET_RATE, "memory": TARGET_MEMORY, "growth": TARGET_GROWTH},
        "ok": reached >= TARGET_RATE
        and memory < TARGET_MEMORY
        and all(growth <= TARGET_GROWTH for growth in growths),
    }
    return finish(report)


if __name__ == "__main__":
    sys.exit(main(parser().parse_args()))
