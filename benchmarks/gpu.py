"""Prove the CUDA paths and measure them, on one GPU, in under ten minutes: `make gpu`.

    python benchmarks/gpu.py                 # all steps, in the order of their value
    python benchmarks/gpu.py --smoke         # the same steps on a processor, at tiny sizes
    python benchmarks/gpu.py --steps machine training --budget 200

Each step is a process with a limit of its own, and what it found is a line of JSON in the file of
results as soon as it ends: a machine that is taken away costs the step under way. At the end stand
the targets that hold, and what to set in the configuration for this GPU. The last line is one JSON
object. Exit status 1 if a number is wrong; a target that is missed is said, and no error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
import yardstick_environment
from cards import PEAKS, RESIDUES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SLOWER = 3  # a smoke run's limits, in times of a GPU's
HOPPER = ("H100", "H200")
# shares of the peak (training) and rates, by what the card's name has in it
TARGETS: dict[str, Mapping[str, float]] = {
    "training mfu": dict.fromkeys(HOPPER, 0.45),
    "training mfu, FP8": dict.fromkeys(HOPPER, 0.55),
    "residues_per_second": RESIDUES,
    "contextualised_per_second": dict.fromkeys(HOPPER, 10_000),
    "data path, times what training takes": dict.fromkeys((*HOPPER, "A100"), 3.0),
}
SWITCHES = {  # name: micro-batch and switches of train_step.py; the first is the default
    "compiled, 750": (750, ""),
    "half residual, 3000": (3000, "residual"),
    "half residual and FP8, 3000": (3000, "residual,fp8"),
    "eager": (750, "eager"),
    "attention of products": (750, "products"),
}


@dataclass(frozen=True)
class Step:
    """One step: its limit in seconds, its command on a GPU, and in a smoke run if it has one."""

    name: str
    limit: int
    command: list[str]
    smoke: list[str]


def script(name: str, *options: str) -> list[str]:
    """A command that runs one of the benchmarks."""
    return [sys.executable, str(HERE / name), *options]


def training(name: str) -> Step:
    """A training step of the published size, in the way that a name of SWITCHES says."""
    micro, switches = SWITCHES[name]
    given = ["--side", "ours", "--mode", "training", "--threads", "1"]
    if switches:
        given += ["--switches", switches]
    # a first dozen steps is slower: torch's compiling processes start beside them
    sizes = ["--batch", "3000", "--micro-batch", str(micro), "--steps", "8", "--warm-up", "12"]
    tiny = ["--batch", "2", "--micro-batch", "1", "--steps", "1", "--layers", "1"]
    differs = name in ("compiled, 750", "half residual and FP8, 3000")
    return Step(
        f"training: {name}",
        90,
        script("train_step.py", "--device", "cuda", *given, *sizes),
        script("train_step.py", *given, *tiny) if differs else [],
    )


def yardstick() -> list[str]:
    """A training step of the published shape, by the interpreter that can run it; [] without."""
    interpreter = yardstick_environment.python()
    options = ["--side", "yardstick", "--mode", "training", "--device", "cuda", "--threads", "1"]
    options += ["--batch", "3000", "--micro-batch", "750", "--steps", "3", "--warm-up", "2"]
    return [str(interpreter), "-E", str(HERE / "train_step.py"), *options] if interpreter else []


def steps() -> list[Step]:
    """All steps, the most valuable first."""
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/gpu"]
    first, half, fp8, *others = map(training, SWITCHES)
    return [
        Step(
            "machine",
            60,
            script("gpu.py", "--part", "machine"),
            script("gpu.py", "--part", "machine", "--smoke"),
        ),
        Step(
            "numbers",
            170,
            [*tests, "--numprocesses", "8"],
            [*tests, "-k", "way or batch or (killed and fp32)"],
        ),
        first,
        Step("yardstick", 120, yardstick(), script("train_step.py", "--help")),
        half,
        fp8,
        Step(
            "embedding",
            120,
            script("embed.py", "--model", "t33_650M", "--device", "cuda", "--precision", "bf16",
                   "--yardstick-precision", "bf16", "--proteins", "1500", "--rounds", "2"),
            # whose two proteins are short
            script("embed.py", "--proteins", "2", "--seed", "3", "--rounds", "1", "--threads", "1"),
        ),
        Step(
            "contextualising",
            90,
            script("contextualise.py", "--gpus", "1", "--precision", "bf16", "--subcontigs",
                   "50000", "--representatives", "100000", "--threads", "5",
                   "--subcontigs-per-batch", "512"),
            script("contextualise.py", "--subcontigs", "8", "--representatives", "100", "--written",
                   "20", "--layers", "1", "--subcontigs-per-batch", "4"),
        ),
        Step(
            "data path",
            60,
            script("data_path.py", "--batches", "2", "--rounds", "2"),
            script("data_path.py", "--batches", "1", "--rounds", "1", "--subcontigs", "500",
                   "--representatives", "500", "--batch-size", "50"),
        ),
        Step(
            "kernels",
            60,
            script("gpu.py", "--part", "kernels"),
            script("gpu.py", "--part", "kernels", "--smoke"),
        ),
        Step(
            "whole trainings",
            200,
            script("train_run.py", "--device", "cuda", "--steps", "160", "--checkpoint-every",
                   "40", "--threads", "5", "--ways", "default", "half residual and FP8"),
            script("train_run.py", "--steps", "6", "--checkpoint-every", "2", "--log-every", "1",
                   "--batch", "4", "--threads", "1", "--ways", "half residual and FP8"),
        ),
        *others,
    ]  # fmt: skip


def run(step: Step, smoke: bool, limit: float) -> dict[str, Any]:
    """Run a step, and return what it found: the last line that is JSON, or pytest's last line."""
    began = time.monotonic()
    command = step.smoke if smoke else step.command
    environment = {"GLM_SMOKE": "1"} if smoke else {}
    found: dict[str, Any] = {"step": step.name}
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, timeout=limit, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip
        printed, status, errors = done.stdout, done.returncode, done.stderr
    except subprocess.TimeoutExpired as late:
        printed, status, errors = late.stdout or b"", 0, b""
        found["error"] = f"took more than {limit:.0f} s"
    found["seconds"] = round(time.monotonic() - began, 1)
    lines = printed.decode().strip().splitlines()
    objects = [line for line in lines if line.startswith("{")]
    if objects:
        found["found"] = json.loads(objects[-1])
    elif lines:
        found["said"] = lines[-1]
    # a benchmark that measured, but missed its own target, ends with 1 too: that is no error here
    if status and not objects:
        found["error"] = "\n".join([*lines, *errors.decode().splitlines()][-6:])
    return found


def median_seconds(run_once: Callable[[], object], repeats: int = 10) -> float:
    """Median seconds of a call, after three to warm up."""
    cuda = torch.cuda.is_available()
    took = []
    for number in range(3 + repeats):
        began = time.perf_counter()
        run_once()
        if cuda:
            torch.cuda.synchronize()
        if number >= 3:
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def machine(smoke: bool) -> dict[str, Any]:
    """What the machine is, and its rates: products of the gLM's shapes, and copies."""
    device = "cpu" if smoke else "cuda"
    shapes = {
        "square": (8192, 8192, 8192), "query_key_value": (16_800, 3840, 1280),
        "attention_output": (16_800, 1280, 1280), "up": (16_800, 3072, 1280),
        "down": (16_800, 1280, 3072), "inputs of 1281": (16_800, 1280, 1281),
        "inputs of 1288": (16_800, 1280, 1288),
    }  # fmt: skip
    rates = {}
    for name, shape in shapes.items():
        rows, outputs, inputs = (max(16, size // 64) for size in shape) if smoke else shape
        left = torch.randn(rows, inputs, device=device, dtype=torch.bfloat16)
        right = torch.randn(outputs, inputs, device=device, dtype=torch.bfloat16)
        took = median_seconds(partial(torch.matmul, left, right.T))
        rates[name] = round(2e-12 * rows * outputs * inputs / took, 1)
    size = 1 << (20 if smoke else 30)
    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    copied = 2e-12 * size / median_seconds(lambda: target.copy_(source))
    return {
        "device": "cpu" if smoke else torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "products_tflops": rates,
        "copies_terabytes": round(copied, 2),
    }


def kernels(smoke: bool) -> dict[str, Any]:
    """The 25 kernels that take most of a training step of the published size, the fastest way."""
    from torch.profiler import ProfilerActivity, profile
    from train_step import PUBLISHED, Batch, ours

    device = "cpu" if smoke else "cuda"
    sizes = PUBLISHED | ({"layers": 1} if smoke else {})
    fp8 = smoke or torch.cuda.get_device_capability() >= (8, 9)
    switches = "residual,fp8" if fp8 else "residual"
    step = ours(sizes, True, device, plain_linear=False, switches=switches)
    batch = Batch(1, 2 if smoke else 3000, sizes, device)
    for _ in range(1 if smoke else 4):
        step([batch])
    activities = [ProfilerActivity.CPU] + ([] if smoke else [ProfilerActivity.CUDA])
    with profile(activities=activities) as found:
        step([batch])
    key = "self_cpu_time_total" if smoke else "self_device_time_total"
    events = sorted(found.key_averages(), key=lambda event: -getattr(event, key))
    whole = sum(getattr(event, key) for event in events) or 1
    return {
        "milliseconds": round(whole / 1e3, 2),
        "kernels": [
            [event.key[:90], event.count, round(getattr(event, key) / 1e3, 2)]
            for event in events[:25]
        ],
    }


def rate(found: dict[str, Any], batch: int) -> tuple[float, float, str]:
    """Subcontigs/s, TFLOP/s and the device of one side of train_step.py."""
    seconds = statistics.median(found["seconds"])
    return batch / seconds, found["flop"] / seconds / 1e12, found["device"]


def conclude(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Which targets hold, and what to set; of steps that found nothing, nothing is said."""
    by_name: dict[str, Any] = {each["step"]: each["found"] for each in results if "found" in each}
    device = by_name.get("machine", {}).get("device", "")
    peak = next((peak for name, peak in PEAKS.items() if name in device), None)
    trained = {
        name: rate(by_name[f"training: {name}"], 3000)
        for name in SWITCHES
        if f"training: {name}" in by_name
    }
    reached: dict[str, float] = {}
    if peak and trained:
        shares = {name: tflops / peak for name, (_, tflops, _) in trained.items()}
        for name, share in shares.items():
            target = "training mfu, FP8" if "FP8" in name else "training mfu"
            reached[target] = max(share, reached.get(target, 0.0))
    if "embedding" in by_name:
        reached["residues_per_second"] = first_number(by_name["embedding"], "residues")
    if "contextualising" in by_name:
        found = first_number(by_name["contextualising"], "subcontigs_per_second")
        reached["contextualised_per_second"] = found
    if "data path" in by_name and trained:
        gathered = first_number(by_name["data path"], "gathered")
        fastest = max(each for each, _, _ in trained.values())
        reached["data path, times what training takes"] = gathered / fastest
    holds = {}
    for name, value in reached.items():
        for card, wanted in TARGETS[name].items():
            if card in device:
                holds[name] = {"reached": round(value, 3), "target": wanted, "ok": value >= wanted}
    best = max(trained, key=lambda name: trained[name][0]) if trained else None
    ratio = None
    if best and "seconds" in by_name.get("yardstick", {}):
        slow, _, _ = rate(by_name["yardstick"], 3000)
        ratio = {name: round(each / slow, 2) for name, (each, _, _) in trained.items()}
    losses = by_name.get("whole trainings", {}).get("ratio")
    return {
        "device": device, "targets": holds, "fastest": best, "ratio": ratio, "losses": losses
    }  # fmt: skip


def first_number(found: Any, name: str) -> float:
    """The first number under a key that begins so, however deep; nan if there is none."""
    if isinstance(found, dict):
        for key, value in found.items():
            if str(key).startswith(name) and isinstance(value, int | float):
                return float(value)
        for value in found.values():
            if (number := first_number(value, name)) == number:
                return number
    return float("nan")


def settings(best: str | None) -> str:
    """What to set in the configuration for the way that was fastest."""
    if best is None:
        return "nothing to set: no training was measured"
    micro, switches = SWITCHES[best]
    lines = ["training:", f"  subcontigs_per_device: {micro}"]
    lines += ["  residual: half"] * ("residual" in switches)
    lines += ["  products: fp8"] * ("fp8" in switches)
    lines += ["  compile: false"] * ("eager" in switches)
    return "fastest here, as an overlay of the configuration:\n" + "\n".join(lines)


def main(arguments: argparse.Namespace) -> int:
    """Run the steps that fit into the budget, and conclude."""
    if not (arguments.smoke or torch.cuda.is_available()):
        print("torch sees no GPU; --smoke goes through all steps on a processor", file=sys.stderr)
        return 2
    if not arguments.smoke:
        yardstick_environment.ensure()  # by pip, outside the budget
    end = time.monotonic() + arguments.budget
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    results = []
    with arguments.output.open("w", encoding="utf-8") as lines:
        for step in steps():
            if arguments.steps and not any(word in step.name for word in arguments.steps):
                continue
            if not (step.smoke if arguments.smoke else step.command):
                continue
            left = end - time.monotonic()
            if left < 10:
                results.append({"step": step.name, "error": "no time left"})
            else:
                limit = step.limit * (SLOWER if arguments.smoke else 1)
                results.append(run(step, arguments.smoke, min(limit, left)))
            lines.write(json.dumps(results[-1]) + "\n")
            lines.flush()
            print(re.sub(r"\s+", " ", json.dumps(results[-1]))[:240], flush=True)
    found = conclude(results)
    if not arguments.smoke:
        print(settings(found["fastest"]))
    failed = [each["step"] for each in results if "error" in each]
    wrong = [name for name in failed if name == "numbers" or arguments.smoke]
    print(
        json.dumps(
            {
                "benchmark": "gpu",
                "figures": found,
                "yardstick": "train_step.py's, in the same run",
                "ratio": found["ratio"],
                "target": TARGETS,
                "failed": failed,
                "ok": not failed and all(each["ok"] for each in found["targets"].values()),
            }
        )
    )  # fmt: skip
    return int(bool(wrong))


def parser() -> argparse.ArgumentParser:
    """Options of the benchmark, and of its own parts."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--smoke", action="store_true", help="on a processor, at tiny sizes")
    made.add_argument("--budget", type=float, default=570, help="seconds in all")
    made.add_argument("--steps", nargs="+", help="only those whose names have one of these words")
    made.add_argument("--output", type=Path, default=Path("results/gpu/results.jsonl"))
    made.add_argument("--part", choices=("machine", "kernels"), help=argparse.SUPPRESS)
    return made


if __name__ == "__main__":
    given = parser().parse_args()
    if given.part:
        part = {"machine": machine, "kernels": kernels}[given.part]
        print(json.dumps(part(given.smoke)))
    else:
        sys.exit(main(given))
