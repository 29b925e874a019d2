"""What other trainings on a run's own tables find: of other seeds, or on fewer of its genomes.

    make demo && python benchmarks/trainings.py             # three seeds, about four minutes each
    python benchmarks/trainings.py --genomes 2 4 8 16       # all of the same steps
    python benchmarks/trainings.py --run results/refseq --config config/refseq.yaml \
        --genomes 50 100 200 400

Each gLM is trained on the run's subcontigs and judged on the same masked genes. With other seeds,
the yardstick is the standard error of the scorecard's interval, which is of one training, and the
ratio the standard deviation over trainings in it. With fewer genomes, drawn at random, the smaller
choice within the larger, the yardstick is the smallest choice's accuracy on the reference genome,
and the ratio the largest's in it: what data buy, without other steps, inputs or labels. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from made_up import ROOT, options
from snakemake.utils import update_config
from train_run import call, training_settings

from glm import tables
from glm.device import gpus_here

MEASURES = {
    "heldout": ("heldout", "pseudo_accuracy"),
    "reference": ("reference", "pseudo_accuracy"),
    "absolute": ("reference", "absolute_accuracy"),
}
GLM, LOOK_UP = "glm", "baseline.nearest_context"


def inputs(run: Path) -> dict[str, Path]:
    """Tables of a finished run that training and evaluation read."""
    if not (run / "reference/subcontigs.parquet").exists():
        sys.exit(f"{run}: is no finished run with a reference genome, which it is judged on")
    return {
        "subcontigs": run / "metagenomes/subcontigs.parquet",
        "splits": run / "decontamination/splits.parquet",
        "store": run / "metagenomes/embedding_store.npy",
        "reference_subcontigs": run / "reference/subcontigs.parquet",
        "reference_store": run / "reference/embedding_store.npy",
        "standardisation": run / "embedding/standardisation.parquet",
        "label_components": run / "embedding/label_components.parquet",
    }


def choose_genomes(given: dict[str, Path], number: int, seed: int, folder: Path) -> int:
    """Leave all but `number` genomes out of the training, by splits of their own; the subcontigs
    that are left.

    What is held out stays so, also of the genomes that are left out.
    """
    assemblies = tables.read(given["subcontigs"], tables.SUBCONTIGS, ["subcontig", "assembly"])
    splits = tables.read(given["splits"], tables.SPLITS).to_pandas()
    genomes = splits["subcontig"].map(assemblies.to_pandas().set_index("subcontig")["assembly"])
    training = splits["split"] == "train"
    there = sorted(genomes[training].unique())
    if number > len(there):
        print(f"{number} genomes to train on were asked for, there are {len(there)}: all of them")
    chosen = np.random.default_rng(seed).permutation(there)[:number]
    splits.loc[training & ~genomes.isin(chosen), "split"] = "removed"
    given["splits"] = folder / "splits.parquet"
    tables.write(splits, given["splits"], tables.SPLITS, {"producer": "trainings"})
    return int((splits["split"] == "train").sum())


def train(
    given: dict[str, Path], folder: Path, config: dict[str, Any], seed: int, threads: int
) -> None:
    """Train the run's gLM, as its configuration says, into a folder."""
    call("train_glm", **given, settings=training_settings(config),
         output=folder, state=folder / "state", gpus=one_gpu(config), seed=seed, threads=threads,
         log=folder / "log.txt")  # fmt: skip


def one_gpu(config: dict[str, Any]) -> int:
    """1 where the configuration, or for auto this machine, has a GPU; else 0."""
    return min(gpus_here() if config["gpus"] == "auto" else config["gpus"], 1)


def accuracies(
    given: dict[str, Path], folder: Path, config: dict[str, Any], threads: int
) -> pd.DataFrame:
    """Rows of `ACCURACY` of the gLM of a folder, and of looking contexts up."""
    found = []
    for measure in ("pseudo", "absolute"):
        made = {name: folder / f"{measure}_{name}.parquet"
                for name in ("accuracy", "margins", "memory", "numbers")}  # fmt: skip
        call("evaluate_accuracy", **given, **made, model=folder / "model.safetensors",
             measure=measure, **config["evaluation"],
             subcontigs_per_batch=config["training"]["subcontigs_per_device"],
             run_seed=config["seed"], gpus=one_gpu(config), threads=threads)  # fmt: skip
        found.append(tables.read(made["accuracy"], tables.ACCURACY).to_pandas())
    return pd.concat(found).set_index(["model", "genes_of", "measure"])


def summarise(rows: list[pd.DataFrame], model: str) -> dict[str, dict[str, Any]]:
    """Values of each training by measure, their deviation, and the error that each claims."""
    figures: dict[str, dict[str, Any]] = {}
    for name, key in MEASURES.items():
        values = [float(found.loc[(model, *key), "value"]) for found in rows]
        errors = [float(found.loc[(model, *key), "standard_error"]) for found in rows]
        figures[name] = {
            "values": [round(value, 4) for value in values],
            "standard_errors": [round(error, 4) for error in errors],
            "deviation": round(statistics.stdev(values), 4) if len(values) > 1 else 0.0,
        }
    return figures


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = options(__doc__)
    made.add_argument("--run", type=Path, default=ROOT / "results/demo")
    made.add_argument("--config", type=Path, default=ROOT / "config/demo.yaml", help="the run's")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    which.add_argument("--genomes", type=int, nargs="+", help="how many, one training each")
    made.add_argument("--steps", type=int, help="of each training; default: the configuration's")
    made.add_argument("--threads", type=int, default=2)
    return made


def main() -> int:
    """Train, judge, and print what was found."""
    arguments = parser().parse_args()
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    update_config(config, yaml.safe_load(arguments.config.read_text()))
    if arguments.steps:
        config["training"]["glm"]["steps"] = arguments.steps
    of_genomes = arguments.genomes is not None
    rows, subcontigs = [], []
    for value in arguments.genomes if of_genomes else arguments.seeds:
        given = inputs(arguments.run)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            if of_genomes:
                subcontigs.append(choose_genomes(given, value, config["seed"], folder))
            seed = config["seed"] if of_genomes else value
            train(given, folder, config, seed, arguments.threads)
            rows.append(accuracies(given, folder, config, arguments.threads))
        print(f"{value}: {summarise(rows[-1:], GLM)}", flush=True)
    figures = summarise(rows, GLM)
    if of_genomes:
        values = figures["reference"]["values"]
        report = {
            "figures": {"genomes": arguments.genomes, "subcontigs": subcontigs, GLM: figures,
                        "look_up": summarise(rows, LOOK_UP)},
            "ratio": round(values[-1] / values[0], 2),
            "yardstick": "accuracy on the reference genome of the first number of genomes",
        }  # fmt: skip
    else:
        ratios = [found["deviation"] / statistics.mean(found["standard_errors"])
                  for found in figures.values()]  # fmt: skip
        report = {
            "figures": figures,
            "ratio": round(max(ratios), 2),
            "yardstick": "standard error of the scorecard's interval, of one training",
        }
    print(json.dumps({"benchmark": "trainings", **report, "target": None, "ok": True}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
