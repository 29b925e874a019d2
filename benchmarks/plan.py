"""Seconds until Snakemake has planned the paper's run with its embedding dealt to 1000 jobs.

    python benchmarks/plan.py                 # in the checkout, whatever has been made there
    python benchmarks/plan.py --shards 5000

The yardstick is the plan of the paper's configuration as it is. Nothing is run. The last line is
one JSON object.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time

from made_up import ROOT, finish, options

TARGET = 15.0  # seconds


def plan(shards: int | None) -> tuple[float, int]:
    """Seconds of the clock for a dry run, and how many jobs it counts."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as overlay:
        overlay.write(f"embedding: {{shards: {shards}}}\n" if shards else "{}\n")
        overlay.flush()
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "--quiet", "rules"]
        command += ["--configfile", "config/config.yaml", overlay.name]
        started = time.perf_counter()
        made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - started
    total = re.search(r"^total\s+(\d+)", made.stdout + made.stderr, re.MULTILINE)
    return seconds, int(total[1]) if total else 0


def main() -> int:
    """Measure and print; exit status 1 if the target is missed."""
    made = options(__doc__)
    made.add_argument("--shards", type=int, default=1000)
    made.add_argument("--rounds", type=int, default=3)
    arguments = made.parse_args()
    seconds: dict[str, list[float]] = {"many": [], "configured": []}
    jobs: dict[str, int] = {}
    for number in range(arguments.rounds):
        for name, shards in (("many", arguments.shards), ("configured", None)):
            spent, jobs[name] = plan(shards)
            seconds[name].append(spent)
            print(f"round {number + 1}: {jobs[name]:,} jobs planned in {spent:.1f} s", flush=True)
    many, configured = (statistics.median(seconds[name]) for name in ("many", "configured"))
    report = {
        "benchmark": "plan",
        "figures": {"seconds": seconds, "jobs": jobs, "shards": arguments.shards},
        "yardstick": round(configured, 2),
        "ratio": round(many / configured, 2),
        "target": TARGET,
        "ok": many <= TARGET and jobs["many"] >= arguments.shards,
    }
    return finish(report)


if __name__ == "__main__":
    sys.exit(main())
