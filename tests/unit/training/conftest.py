from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from tests.plant import plant_splits, plant_subcontigs
from tests.random_model import write_fits

REPRESENTATIVES, SIZE, COMPONENTS = 60, 12, 5
ROOT = Path(__file__).parents[3]
PAPER = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["training"]
BUDGET = {"batch_size": 8, "steps": 20, "learning_rate": 1e-3, "warmup_steps": 4}
TRAINING = {
    "precision": "fp32",
    "compile": False,
    "schedule": "constant",
    "weight_decay": 0.01,
    "subcontigs_per_device": 4,
    "workers": 0,
    "log_every": 3,
    "validate_every": 8,
    "checkpoint_every": 4,
    "checkpoints_kept": 2,
}
EVERY_OPTION = {
    "random_offsets": True,
    "strand_flip": True,
    "homologue_substitution": 0.4,
    "homologue_cosine": 0.2,
    "predicted_unmasked": 0.2,
}
GLM = {
    "layers": 2,
    "hidden_size": 16,
    "heads": 2,
    "feed_forward_size": 16,
    "maximum_distance": 10,
    "predictions": 2,
    "dropout": 0.1,
}


def write_subcontigs(path: Path, count: int, seed: int) -> None:
    """Subcontigs of 3 to 8 genes, five a contig, one gene in ten without representative.

    Their names are from 100 on.
    """
    generator = np.random.default_rng(seed)
    lengths = generator.integers(3, 9, count)
    rows = [generator.integers(0, REPRESENTATIVES, length).astype(np.int32) for length in lengths]
    for row in rows:
        row[generator.random(len(row)) < 0.1] = -1
    forward = [generator.random(length) < 0.5 for length in lengths]
    names = np.arange(100, 100 + count)
    contig = np.arange(count) // 5
    before = np.cumsum(lengths) - lengths
    plant_subcontigs(
        path, rows, subcontig=names, forward=forward, row_group_size=7, contig=contig,
        first_rank=before - before[5 * contig], assembly=["ABC"[number % 3] for number in contig],
    )  # fmt: skip


def write_inputs(folder: Path) -> dict[str, str]:
    """A training corpus of 30 subcontigs (22 to train on), a reference of 6; argument: path."""
    generator = np.random.default_rng(0)
    names = {
        "subcontigs": "subcontigs.parquet",
        "splits": "splits.parquet",
        "store": "embedding_store.npy",
        "standardisation": "standardisation.parquet",
        "label-components": "label_components.parquet",
        "reference-subcontigs": "reference_subcontigs.parquet",
        "reference-store": "reference_store.npy",
    }
    paths = {name: folder / file for name, file in names.items()}
    write_subcontigs(paths["subcontigs"], 30, 1)
    write_subcontigs(paths["reference-subcontigs"], 6, 2)
    splits = ["train"] * 22 + ["validation"] * 5 + ["removed"] * 3
    plant_splits(paths["splits"], splits, subcontig=np.arange(100, 130))
    for store in ("store", "reference-store"):
        embeddings = generator.normal(2, 3, (REPRESENTATIVES, SIZE)).astype(np.float16)
        np.save(paths[store], embeddings)
    model = {"name": "tiny", "source": "a test", "sha256": "0", "features": SIZE, "layers": 1}
    note = {"embedding": {"protein_model": model, "maximum_residues": 100, "shard": 0}}
    paths["store"].with_suffix(".json").write_text(json.dumps(note))
    directions = np.linalg.qr(generator.normal(size=(SIZE, SIZE)))[0][:COMPONENTS]
    write_fits(folder, np.full(SIZE, 2.0), np.full(SIZE, 3.0), directions)
    return {name: str(path) for name, path in paths.items()}


def settings_text(**keys: Any) -> str:
    """The --settings argument, with keys of the model and of the training replaced."""
    launch = ("glm", "bilstm", "threads", "nodes", "wall_time")
    training = {key: value for key, value in PAPER.items() if key not in launch}
    training |= TRAINING | BUDGET | {key: keys[key] for key in keys if key not in GLM}
    return json.dumps(
        {"model": {key: keys.get(key, GLM[key]) for key in GLM}, "training": training}
    )


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small are slower on several threads, and far slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Paths of a synthetic corpus, by argument name."""
    return write_inputs(tmp_path_factory.mktemp("inputs"))
