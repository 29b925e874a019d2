"""How much the demo's accuracies differ from one training to the next, beside their intervals.

    make demo && python benchmarks/seeds.py            # three trainings, about four minutes each

The gLM is trained on the demo's own tables with other seeds and judged on the same masked genes.
An interval of the scorecard is of one training; the yardstick is its standard error, and the ratio
the standard deviation over trainings in it. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from snakemake.utils import update_config

from glm import tables

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
MEASURES = {
    "heldout": ("heldout", "pseudo_accuracy"),
    "reference": ("reference", "pseudo_accuracy"),
    "absolute": ("reference", "absolute_accuracy"),
}


def inputs(run: Path) -> dict[str, Path]:
    """Tables of a finished run that training and evaluation read."""
    return {
        "subcontigs": run / "metagenomes/subcontigs.parquet",
        "splits": run / "decontamination/splits.parquet",
        "store": run / "metagenomes/embedding_store.npy",
        "reference_subcontigs": run / "reference/subcontigs.parquet",
        "reference_store": run / "reference/embedding_store.npy",
        "standardisation": run / "embedding/standardisation.parquet",
        "label_components": run / "embedding/label_components.parquet",
    }


def call(script: str, **options: object) -> None:
    """Run a script of the pipeline by its command line."""
    flags = [part for name, value in options.items()
             for part in (f"--{name.replace('_', '-')}", str(value))]  # fmt: skip
    subprocess.run([sys.executable, SCRIPTS / f"{script}.py", *flags], check=True)


def train(run: Path, folder: Path, config: dict[str, Any], seed: int, threads: int) -> None:
    """Train the demo's gLM with a seed of its own into a folder."""
    training, model = dict(config["training"]), dict(config["glm"])
    of_glm = training.pop("glm")
    for key in ("bilstm", "nodes", "wall_time"):
        training.pop(key)
    model.pop("pretrained")
    settings = json.dumps({"model": model, "training": training | of_glm})
    call("train_glm", **inputs(run), settings=settings, output=folder, state=folder / "state",
         seed=seed, threads=threads, log=folder / "log.txt")  # fmt: skip


def accuracies(run: Path, folder: Path, seed: int, threads: int) -> pd.DataFrame:
    """Rows of `ACCURACY` of the gLM of a folder."""
    found = []
    for measure in ("pseudo", "absolute"):
        made = {name: folder / f"{measure}_{name}.parquet"
                for name in ("accuracy", "margins", "memory", "numbers")}  # fmt: skip
        call("evaluate_accuracy", **inputs(run), **made, model=folder / "model.safetensors",
             measure=measure, mask_rate=0.3, masks_per_gene=1, subcontigs_per_batch=32,
             run_seed=seed, gpus=0, threads=threads)  # fmt: skip
        found.append(tables.read(made["accuracy"], tables.ACCURACY).to_pandas())
    return pd.concat(found).query("model == 'glm'").set_index(["genes_of", "measure"])


def main() -> int:
    """Train, judge, and print the spread beside the intervals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, default=ROOT / "results/demo")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    update_config(config, yaml.safe_load((ROOT / "config/demo.yaml").read_text()))
    rows = []
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as scratch:
            train(given.run, Path(scratch), config, seed, given.threads)
            rows.append(accuracies(given.run, Path(scratch), config["seed"], given.threads))
    figures: dict[str, dict[str, Any]] = {}
    for name, key in MEASURES.items():
        values = [float(found.loc[key, "value"]) for found in rows]
        errors = [float(found.loc[key, "standard_error"]) for found in rows]
        figures[name] = {
            "values": [round(value, 4) for value in values],
            "deviation": round(statistics.stdev(values), 4),
            "standard_error": round(statistics.mean(errors), 4),
        }
        print(f"{name}: {figures[name]}")
    ratio = max(found["deviation"] / found["standard_error"] for found in figures.values())
    print(json.dumps({
        "benchmark": "seeds", "figures": figures, "ratio": round(ratio, 2),
        "yardstick": "standard error of the scorecard's interval, of one training",
        "target": None, "ok": True,
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
