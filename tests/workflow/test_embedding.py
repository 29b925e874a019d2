"""The rules of the embedding stage, run by snakemake on a small protein model."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml

from glm import files, tables

Run = Callable[..., subprocess.CompletedProcess[str]]
RESULTS = Path("results/small")
PROTEINS, FEATURES, COMPONENTS = 90, 32, 6


def write_model(folder: Path) -> None:
    """A protein model with random weights, which its identity says."""
    import torch
    from transformers import EsmConfig, EsmModel

    from glm.embedding.alphabet import TOKENS
    from glm.embedding.protein_model import WEIGHTS, Identity

    torch.manual_seed(0)
    config = EsmConfig(
        vocab_size=len(TOKENS),
        mask_token_id=32,
        pad_token_id=1,
        hidden_size=FEATURES,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        position_embedding_type="rotary",
        token_dropout=True,
        emb_layer_norm_before=False,
    )
    EsmModel(config, add_pooling_layer=False).save_pretrained(folder)
    digest = files.sha256(folder / WEIGHTS)
    Identity("small", "a test", digest, FEATURES, 2, weights="random").write(folder)


def write_corpus(folder: Path) -> None:
    rng = np.random.default_rng(0)
    lengths = np.sort(rng.integers(20, 120, PROTEINS))
    made = ["".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), n)) for n in lengths]
    columns = {
        "representative": list(range(PROTEINS)),
        "protein": list(range(1000, 1000 + PROTEINS)),
        "length": lengths.tolist(),
        "sha256": [hashlib.sha256(sequence.encode()).hexdigest() for sequence in made],
        "sequence": made,
    }
    for corpus in ("metagenomes", "reference"):
        path = folder / RESULTS / corpus / "representatives.parquet"
        tables.write(pa.table(columns), path, tables.REPRESENTATIVES, {})
    genes = np.arange(PROTEINS).reshape(3, 30).tolist()
    subcontigs = {
        "subcontig": [0, 1, 2],
        "contig": [0, 1, 2],
        "first_rank": [0, 0, 0],
        "assembly": ["a"] * 3,
        "biome": ["root"] * 3,
        "representative": genes,
        "forward": [[True] * 30] * 3,
        "protein": genes,
    }
    path = folder / RESULTS / "metagenomes" / "subcontigs.parquet"
    tables.write(pa.table(subcontigs), path, tables.SUBCONTIGS, {})
    splits = {"subcontig": [0, 1, 2], "share": [0.0] * 3, "split": ["train", "train", "validation"]}
    path = folder / RESULTS / "decontamination" / "splits.parquet"
    tables.write(pa.table(splits), path, tables.SPLITS, {})


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    for name in ("Snakefile", "workflow", "config", "envs"):
        (tmp_path / name).symlink_to(root / name)
    write_model(tmp_path / "model")
    write_corpus(tmp_path)
    return tmp_path


@pytest.fixture
def snakemake(checkout: Path) -> Run:
    def run(*targets: str, **embedding: Any) -> subprocess.CompletedProcess[str]:
        overlay = {
            "run": "small",
            "embedding": {"model": "model", "shards": 2, "allow_random_weights": True, **embedding},
            "labels": {"components": COMPONENTS},
        }
        (checkout / "small.yaml").write_text(yaml.safe_dump(overlay))
        command = [sys.executable, "-m", "snakemake", *targets, "--cores", "2"]
        command += ["--configfile", "config/demo.yaml", "small.yaml"]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.run(
            command, cwd=checkout, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )

    return run


def test_from_sequences_to_store_and_labels(checkout: Path, snakemake: Run) -> None:
    results = checkout / RESULTS
    store = results / "metagenomes" / "embedding_store.npy"
    labels = results / "embedding" / "label_components.parquet"
    ran = snakemake(*(str(path.relative_to(checkout)) for path in (store, labels)))
    assert ran.returncode == 0, ran.stderr
    read = np.load(store, mmap_mode="r")
    assert read.shape == (PROTEINS, FEATURES)
    assert read.dtype == np.float16
    assert len(np.unique(read, axis=0)) == PROTEINS
    for shard in (0, 1):
        path = results / "metagenomes" / "embeddings" / f"{shard}.parquet"
        number = tables.read(path, tables.EMBEDDINGS)["representative"].to_numpy()
        assert np.array_equal(tables.read_vectors(path, tables.EMBEDDINGS), read[number])
    components = tables.read(labels, tables.LABEL_COMPONENTS)
    assert components["count"].to_pylist() == [60] * COMPONENTS  # the proteins of two subcontigs
    for path in (results / "protein_model").iterdir():  # copied, or the clock went wrong
        os.utime(path, (time.time() + 86400,) * 2)
    again = snakemake(*(str(path.relative_to(checkout)) for path in (store, labels)))
    assert "Nothing to be done" in again.stdout + again.stderr


def test_a_random_model_stops_the_run_with_one_clear_line(checkout: Path, snakemake: Run) -> None:
    ran = snakemake(str(RESULTS / "protein_model" / "identity.json"), allow_random_weights=False)
    assert ran.returncode != 0
    log = (checkout / "logs" / "small" / "download_protein_model.log").read_text()
    assert "model: small has random weights" in log
    assert "error: model: small has random weights" in ran.stderr
    assert list((checkout / RESULTS / "protein_model").glob("*")) == []
