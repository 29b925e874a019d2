"""The rules of the embedding stage, run by snakemake on a small protein model."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from tests.plant import plant_representatives, plant_splits, plant_subcontigs
from tests.workflow.small_run import make_checkout, snakemake

from glm import files, tables

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
    results = folder / RESULTS
    for corpus in ("metagenomes", "reference"):
        plant_representatives(results / corpus / "representatives.parquet", made)
    genes = np.arange(PROTEINS).reshape(3, 30).tolist()
    plant_subcontigs(results / "metagenomes" / "subcontigs.parquet", genes)
    splits = ["train", "train", "validation"]
    plant_splits(results / "decontamination" / "splits.parquet", splits)


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    write_model(tmp_path / "model")
    write_corpus(tmp_path)
    return make_checkout(root, tmp_path)


def run(checkout: Path, *targets: Path) -> subprocess.CompletedProcess[str]:
    """Run snakemake for some files, with the model of this checkout."""
    model = {"model": "model", "shards": 2, "allow_random_weights": True}
    files = [str(path.relative_to(checkout)) for path in targets]
    return snakemake(checkout, files, embedding=model, labels={"components": COMPONENTS})


def test_from_sequences_to_store_and_labels(checkout: Path) -> None:
    results = checkout / RESULTS
    store = results / "metagenomes" / "embedding_store.npy"
    labels = results / "embedding" / "label_components.parquet"
    ran = run(checkout, store, labels)
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
    again = run(checkout, store, labels)
    assert "Nothing to be done" in again.stdout + again.stderr
