"""A training step and an inference pass of this gLM against the published step's shape.

    python benchmarks/train_step.py                     # on the CPU, published size, batch of 8
    python benchmarks/train_step.py --device cuda       # one GPU, bf16, batch of 3,000

Both sides get the same subcontigs of 15-30 genes. Each runs in a process of its own (the
yardstick's environment is made by the first run), one after the other, so that its peak memory is
its own; rounds alternate which side goes first, and the ratio reported is the median of the
rounds' ratios. The yardstick is benchmarks/yardstick.py. The last line is one JSON object.

Throughput counts real genes. Memory is the process's peak resident set (on a GPU, the most that
was allocated there). Inference is the evaluation of masked genes, dropout off. On a machine that
others use too, `--clock processor --threads 1` compares seconds of processor time, which do not
count the waiting for a core.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import yardstick_environment
from cards import PEAKS
from torch import Tensor

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "workflow" / "scripts"))

from glm.model.configuration import GenomicLanguageModelConfig  # noqa: E402

SIDES = ("ours", "yardstick")
MODES = ("training", "inference")
CLOCKS = {"wall": "seconds", "processor": "processor_seconds"}
TARGETS = {"training": 1.5, "memory": 0.85, "inference": 1.3}
SWITCHES = ("eager", "products", "residual", "fp8")  # products: attention without the kernel
MASKED_SHARE = 0.15
DRAWN = 2  # batches, which take turns: to draw one takes a processor longer than a GPU's step
PUBLISHED = asdict(GenomicLanguageModelConfig())
SHORTEST, LONGEST = PUBLISHED["minimum_genes"], PUBLISHED["maximum_genes"]


class Batch:
    """Random packed subcontigs: the same for both sides, whatever their environment."""

    def __init__(self, seed: int, subcontigs: int, sizes: dict[str, Any], device: str) -> None:
        """Draw lengths, features, masks (at least one gene in each batch) and labels."""
        generator = torch.Generator().manual_seed(seed)
        self.lengths = torch.randint(SHORTEST, LONGEST + 1, (subcontigs,), generator=generator)
        genes = int(self.lengths.sum())
        features = torch.randn(genes, sizes["embedding_size"] + 1, generator=generator)
        masked = torch.rand(genes, generator=generator) < MASKED_SHARE
        masked[0] = True
        features[masked] = -1
        labels = torch.randn(genes, sizes["label_components"] + 1, generator=generator)
        self.features, self.labels = features.to(device), labels.to(device)
        self.masked = masked.to(device)
        self.subcontig = torch.arange(subcontigs).repeat_interleave(self.lengths).to(device)

    def padded(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features, real, masked and labels on a grid of (subcontigs, 30), as published."""
        real = torch.arange(LONGEST) < self.lengths[:, None]
        real = real.to(self.features.device)

        def grid(packed: Tensor) -> Tensor:
            made = packed.new_zeros((*real.shape, *packed.shape[1:]))
            made[real] = packed
            return made

        return grid(self.features), real.long(), grid(self.masked), grid(self.labels)


Step = Callable[[list[Batch]], None]  # one step over some micro-batches


def flop(lengths: Tensor, sizes: dict[str, Any]) -> float:
    """Floating-point operations of a training step on the active path, counted from the sizes.

    Matrix products only, two operations to a multiply-add, backward twice the forward.
    """
    hidden, wide = sizes["hidden_size"], sizes["feed_forward_size"]
    label = sizes["predictions"] * (sizes["label_components"] + 2)
    dense = (sizes["embedding_size"] + 1 + label) * hidden
    dense += sizes["layers"] * (4 * hidden * hidden + 2 * hidden * wide)
    within = sum(2 * n * n + 2 * n * (2 * n - 1) for n in lengths.tolist())
    return 3 * 2 * (int(lengths.sum()) * dense + sizes["layers"] * hidden * within)


def ours(
    sizes: dict[str, Any], training: bool, device: str, plain_linear: bool, switches: str = ""
) -> Step:
    """This project's step (or evaluation): packed genes, heads on masked genes, fused AdamW.

    switches: of SWITCHES, with commas between; without any it is what the trainer runs.
    """
    from glm.model import GenomicLanguageModel, performance
    from glm.model.accuracy import pseudo_accuracy
    from glm.model.loss import masked_gene_loss

    performance.enabled = performance.enabled and not plain_linear
    with torch.device(device):
        model = GenomicLanguageModel(GenomicLanguageModelConfig(**sizes)).train(training)
    chosen = {*filter(None, switches.split(","))}
    if "products" in chosen:
        performance.kernels = False
    if "residual" in chosen:
        model.keep_residual_half()
    if "fp8" in chosen:
        model.multiply_in_fp8()
    if device == "cuda" and "eager" not in chosen:
        model.compile_layers()
    optimiser = performance.PromptAdamW(model.parameters(), lr=1e-4, eps=1e-6, weight_decay=0)

    def forward(batch: Batch) -> Tensor:
        masked = batch.masked.nonzero().squeeze(1)
        output = model(batch.features, batch.lengths, masked)
        made = output.predictions, output.likelihoods
        loss = masked_gene_loss(*made, batch.labels[masked], 1e-4).loss
        pseudo_accuracy(
            output.predictions,
            output.likelihoods,
            batch.labels,
            batch.subcontig,
            masked,
            longest=LONGEST,
        )
        return loss

    return stepper(forward, optimiser, training, device)


def yardstick(sizes: dict[str, Any], training: bool, device: str) -> Step:
    """The published step's shape."""
    from yardstick import Yardstick, optimiser

    with torch.device(device):
        model = Yardstick(sizes).train(training)

    def forward(batch: Batch) -> Tensor:
        return model(*batch.padded())[0]

    return stepper(forward, optimiser(model), training, device)


def stepper(
    forward: Callable[[Batch], Tensor],
    optimiser: torch.optim.Optimizer,
    training: bool,
    device: str,
) -> Step:
    """One optimiser step over some micro-batches, or their evaluation."""

    half = torch.autocast(device, dtype=torch.bfloat16, enabled=device != "cpu")

    def step(batches: list[Batch]) -> None:
        for index, batch in enumerate(batches):
            with torch.set_grad_enabled(training), half:
                loss = forward(batch) / len(batches)
            if training:
                prompt = getattr(optimiser, "during_backward", nullcontext)
                last = index == len(batches) - 1
                with prompt() if last and device == "cpu" else nullcontext():
                    loss.backward()
        if training:
            optimiser.step()
            optimiser.zero_grad()
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def run_side(arguments: argparse.Namespace) -> dict[str, Any]:
    """Time one side in this process: seconds of each step, peak memory in bytes."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    sizes = PUBLISHED | {"layers": arguments.layers}
    device = arguments.device
    training = arguments.mode == "training"
    if arguments.side == "ours":
        step = ours(sizes, training, device, arguments.plain_linear, arguments.switches)
    else:
        step = yardstick(sizes, training, device)
    micro = arguments.micro_batch or arguments.batch
    seconds, processor_seconds, genes, operations = [], [], [], []
    drawn = [
        [
            Batch(1000 * index + part, min(micro, arguments.batch - start), sizes, device)
            for part, start in enumerate(range(0, arguments.batch, micro))
        ]
        for index in range(DRAWN)
    ]
    for index in range(arguments.warm_up + arguments.steps):
        batches = drawn[index % DRAWN]
        start, processor_start = time.perf_counter(), time.process_time()
        step(batches)
        seconds.append(time.perf_counter() - start)
        processor_seconds.append(time.process_time() - processor_start)
        genes.append(sum(len(batch.features) for batch in batches))
        operations.append(sum(flop(batch.lengths, sizes) for batch in batches))
    peak = (
        torch.cuda.max_memory_allocated()
        if device == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    return {
        "seconds": seconds[arguments.warm_up :],
        "processor_seconds": processor_seconds[arguments.warm_up :],
        "peak_bytes": peak,
        "genes": statistics.mean(genes[arguments.warm_up :]),
        # an evaluation is the forward pass, a third of a step
        "flop": (1 if training else 1 / 3) * statistics.mean(operations[arguments.warm_up :]),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
    }


def measure(side: str, mode: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one side in a fresh process of its own environment."""
    interpreter = sys.executable if side == "ours" else str(yardstick_environment.ensure())
    command = [interpreter, "-E", str(HERE), "--side", side, "--mode", mode]
    for name in ("device", "layers", "batch", "micro_batch", "steps", "warm_up", "threads"):
        command += [f"--{name.replace('_', '-')}", str(getattr(arguments, name))]
    if arguments.plain_linear:
        command.append("--plain-linear")
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    seconds = statistics.median(found["seconds"])
    print(
        f"{mode:9} {side:9} {seconds:7.3f} s a step ({min(found['seconds']):.3f}-"
        f"{max(found['seconds']):.3f}), {statistics.median(found['processor_seconds']):.3f} s of "
        f"processor, {found['peak_bytes'] / 1e9:.2f} GB",
        flush=True,
    )
    processor_seconds = statistics.median(found["processor_seconds"])
    return {**found, "seconds": seconds, "processor_seconds": processor_seconds}


def main(arguments: argparse.Namespace) -> None:
    """Run both sides in rounds, print each, and the ratios as one line of JSON."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mode in MODES:
        for turn in range(arguments.rounds):
            for side in SIDES if turn % 2 == 0 else SIDES[::-1]:
                runs.setdefault((mode, side), []).append(measure(side, mode, arguments))

    def ratio(mode: str, key: str) -> list[float]:
        pairs = zip(runs[mode, "yardstick"], runs[mode, "ours"], strict=True)
        return [round(theirs[key] / own[key], 3) for theirs, own in pairs]

    ratios = {
        "training": ratio("training", CLOCKS[arguments.clock]),
        "inference": ratio("inference", CLOCKS[arguments.clock]),
        "memory": [round(1 / value, 3) for value in ratio("training", "peak_bytes")],
        "inference_memory": [round(1 / value, 3) for value in ratio("inference", "peak_bytes")],
    }
    median = {name: round(statistics.median(values), 3) for name, values in ratios.items()}
    ok = all(
        median[name] <= target if name == "memory" else median[name] >= target
        for name, target in TARGETS.items()
    )
    figures = {
        side: {mode: summary(runs[mode, side], arguments.batch, arguments.clock) for mode in MODES}
        for side in SIDES
    }
    print(
        json.dumps(
            {
                "benchmark": "train_step",
                "figures": figures["ours"],
                "yardstick": figures["yardstick"],
                "ratio": median,
                "ratios": ratios,
                "target": TARGETS,
                "ok": ok,
            }
        )
    )


def summary(found: list[dict[str, Any]], batch: int, clock: str) -> dict[str, float]:
    """Median seconds, rates and memory of one side's rounds; MFU where the device is known."""
    seconds = statistics.median(one[CLOCKS[clock]] for one in found)
    figures = {
        "seconds": round(seconds, 4),
        "subcontigs_per_second": round(batch / seconds, 2),
        "genes_per_second": round(found[0]["genes"] / seconds, 1),
        "peak_gigabytes": round(statistics.median(one["peak_bytes"] for one in found) / 1e9, 3),
        "tflop_per_second": round(found[0]["flop"] / seconds / 1e12, 3),
    }
    for name, peak in PEAKS.items():
        if name in found[0]["device"]:
            figures["mfu"] = round(figures["tflop_per_second"] / peak, 3)
    return figures


def parser() -> argparse.ArgumentParser:
    """Options of the benchmark, and of each side's process."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    made.add_argument("--layers", type=int, default=PUBLISHED["layers"])
    made.add_argument("--batch", type=int, help="subcontigs a step (8 on CPU, 3000 on a GPU)")
    made.add_argument("--micro-batch", type=int, default=0, help="subcontigs at once (0: all)")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--steps", type=int, default=4, help="timed steps in each process")
    made.add_argument("--warm-up", type=int, default=1, help="steps before them")
    made.add_argument("--threads", type=int, default=os.cpu_count())
    made.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    made.add_argument(
        "--plain-linear", action="store_true", help="ours with torch's own linear and dropout"
    )
    made.add_argument(
        "--switches", default="", help=f"of ours, with commas between: {', '.join(SWITCHES)}"
    )
    made.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    made.add_argument("--mode", choices=MODES, help=argparse.SUPPRESS)
    return made


if __name__ == "__main__":
    given = parser().parse_args()
    given.batch = given.batch or (8 if given.device == "cpu" else 3000)
    if given.side:
        print(json.dumps(run_side(given)))
    else:
        main(given)
