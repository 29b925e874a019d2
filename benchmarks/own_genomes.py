"""What `glm embed` takes: time and memory for a genome, and memory for many.

    python benchmarks/own_genomes.py GENOME.fna.gz --model results/demo/glm --copies 1 20

Each number of copies of the genome (links under other names) is embedded by a process of its own.
Processor time tells on a busy machine what the clock does not. Memory that is bounded does not grow
with the copies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_up import ROOT, options

SCRIPTS = ROOT / "workflow" / "scripts"


def measure(genome: Path, model: Path, copies: int, threads: int) -> dict[str, float]:
    """Embed so many copies of a genome: genes, seconds, processor seconds, peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        suffix = "".join(genome.suffixes[-2:])
        names = [Path(folder) / f"copy_{number}{suffix}" for number in range(copies)]
        for name in names:
            name.symlink_to(genome.resolve())
        command = [sys.executable, "-m", "glm.application.cli", "embed", *map(str, names)]
        command += ["--model", str(model), "--output", f"{folder}/out.parquet"]
        command += ["--threads", str(threads), "--json"]
        started = time.monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(SCRIPTS)}
        ) as process:
            assert process.stdout is not None
            printed = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"glm embed ended with status {process.returncode}")
        return {
            "genomes": copies,
            "genes": json.loads(printed)["genes"],
            "seconds": round(time.monotonic() - started, 1),
            "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
            "peak_megabytes": round(used.ru_maxrss / 1024),
        }


def main() -> None:
    """Measure each number of copies."""
    parser = options(__doc__)
    parser.add_argument("genome", type=Path)
    parser.add_argument("--model", type=Path, default=Path("results/demo/glm"))
    parser.add_argument("--copies", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    for copies in arguments.copies:
        print(measure(arguments.genome, arguments.model, copies, arguments.threads), flush=True)


if __name__ == "__main__":
    main()
