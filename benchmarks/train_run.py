"""What half precision and FP8 do to a training's loss, and what its checkpoints cost.

    python benchmarks/train_run.py --device cuda       # the published size; some two minutes
    python benchmarks/train_run.py                     # two small layers, on a processor

The training script itself, once for each way, on made-up genomes in which the genes of an operon
have half of their embedding in common: a masked gene's can be half told from its neighbours'. All
ways see the same batches. The yardstick is the loss without either, of held-out genomes, and a
ratio is another way's loss in it. A checkpoint's pause is what the steps after one took longer
than the others (medians). The last line is one JSON object, printed anew after each way.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from made_up import LONGEST, ROOT, SHORTEST, SIZE, options, write_fits, write_subcontigs

from glm import tables

OPERONS, GENES = 200, 30  # of each operon
HELD_OUT = 300  # subcontigs
SMALL = {"layers": 2, "hidden_size": 128, "heads": 2, "feed_forward_size": 256}
WAYS: dict[str, dict[str, str]] = {
    "default": {},
    "half residual": {"residual": "half"},
    "half residual and FP8": {"residual": "half", "products": "fp8"},
}
TARGET = 1.02  # times the yardstick's loss


def training_settings(config: dict[str, Any]) -> str:
    """The `--settings` of train_glm.py that a whole configuration says."""
    training, model = dict(config["training"]), dict(config["glm"])
    of_glm = training.pop("glm")
    for key in ("bilstm", "threads", "nodes", "wall_time"):
        training.pop(key)
    model.pop("pretrained")
    return json.dumps({"model": model, "training": training | of_glm})


def call(script: str, **options: object) -> None:
    """Run a script of the pipeline by its command line."""
    flags = [part for name, value in options.items()
             for part in (f"--{name.replace('_', '-')}", str(value))]  # fmt: skip
    subprocess.run([sys.executable, ROOT / f"workflow/scripts/{script}.py", *flags], check=True)


def made_up_genomes(folder: Path, subcontigs: int) -> dict[str, Path]:
    """The training's inputs in `folder`, by the names of its arguments."""
    random = np.random.default_rng(1)
    lengths = random.integers(SHORTEST, LONGEST + 1, subcontigs)
    genes = int(lengths.sum())
    order = random.integers(0, OPERONS, genes // GENES + 1)  # operons one after another
    representatives = (order[:, None] * GENES + np.arange(GENES)).ravel()[:genes]
    forward = (random.random(len(order)) < 0.5).repeat(GENES)[:genes]
    paths = {name: folder / f"{name}.parquet" for name in ("subcontigs", "splits")}
    write_subcontigs(paths["subcontigs"], lengths, representatives, forward)
    splits = np.where(np.arange(subcontigs) < subcontigs - HELD_OUT, "train", "validation")
    data = {"subcontig": np.arange(subcontigs), "share": np.zeros(subcontigs), "split": splits}
    tables.write(pa.table(data), paths["splits"], tables.SPLITS, {})
    common = random.standard_normal((OPERONS, SIZE), np.float32).repeat(GENES, 0)
    own = random.standard_normal(common.shape, np.float32)
    paths["store"] = folder / "store.npy"
    np.save(paths["store"], ((common + own) / np.sqrt(2)).astype(np.float16))
    model = {"name": "none", "source": "made up", "sha256": "0", "features": SIZE, "layers": 1}
    note = {"embedding": {"protein_model": model, "maximum_residues": 1, "shard": 0}}
    paths["store"].with_suffix(".json").write_text(json.dumps(note))
    paths["standardisation"], paths["label_components"] = write_fits(folder, len(common))
    return paths


def train(
    inputs: dict[str, Path], folder: Path, way: dict[str, str], arguments: argparse.Namespace
) -> Any:
    """Train in one way; the metrics."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    cuda = arguments.device == "cuda"
    config["glm"] |= {} if cuda else SMALL
    config["training"] |= {
        **way, "subcontigs_per_device": arguments.batch, "log_every": arguments.log_every,
        "validate_every": 10**9, "checkpoint_every": arguments.checkpoint_every,
        "glm": {"batch_size": arguments.batch, "steps": arguments.steps,
                "learning_rate": 2e-4, "warmup_steps": arguments.steps // 4},
    }  # fmt: skip
    given = {**inputs, "settings": training_settings(config), "gpus": int(cuda), "seed": 1,
             "output": folder / "model", "state": folder / "state", "log": folder / "log",
             "threads": arguments.threads}  # fmt: skip
    call("train_glm", **given)
    return tables.read(folder / "model/metrics.parquet", tables.METRICS).to_pandas()


def figures_of(metrics: Any, arguments: argparse.Namespace) -> dict[str, float]:
    """Losses at the end, seconds a step, and the pause of a checkpoint."""
    held_out = metrics[metrics["split"] == "validation"].iloc[-1]
    rows = metrics[metrics["split"] == "train"]
    took = rows["seconds"].diff().iloc[1:].to_numpy()
    # the first rows are of compiling; a checkpoint is written after its row
    after = rows["step"].iloc[:-1].to_numpy() % arguments.checkpoint_every == 0
    settled = np.arange(len(took)) >= 2
    others = statistics.median(took[settled & ~after])
    return {
        "loss": round(float(held_out["loss"]), 4),
        "found": round(float(held_out["pseudo_accuracy"]), 4),
        "training_loss": round(float(rows["loss"].iloc[-3:].mean()), 4),
        "seconds_a_step": round(others / arguments.log_every, 4),
        "checkpoint_pause": round(statistics.median(took[settled & after]) - others, 3),
        "peak_gigabytes": round(float(rows["memory"].max()) / 1e9, 2),
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = options(__doc__)
    made.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    made.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    made.add_argument("--batch", type=int, help="subcontigs a step (30 on a processor, 750)")
    made.add_argument("--steps", type=int, default=200)
    made.add_argument("--checkpoint-every", type=int, default=50)
    made.add_argument("--log-every", type=int, default=10)
    made.add_argument("--threads", type=int, default=os.cpu_count())
    return made


def main(arguments: argparse.Namespace) -> None:
    """Train in each way, and compare."""
    arguments.batch = arguments.batch or (750 if arguments.device == "cuda" else 30)
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        inputs = made_up_genomes(Path(name), HELD_OUT + max(20_000, arguments.batch))
        for number, way in enumerate(arguments.ways):
            metrics = train(inputs, Path(name) / str(number), WAYS[way], arguments)
            figures[way] = figures_of(metrics, arguments)
            first = figures[arguments.ways[0]]
            ratio = {each: round(figures[each]["loss"] / first["loss"], 4) for each in figures}
            report = {
                "benchmark": "train_run",
                "figures": figures,
                "yardstick": f"the held-out loss of: {arguments.ways[0]}",
                "ratio": ratio,
                "target": TARGET,
                "ok": max(ratio.values()) <= TARGET,
            }
            print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main(parser().parse_args())
