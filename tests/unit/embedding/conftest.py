"""A tiny ESM-2 with random weights, as fair-esm and as transformers know it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import esm
import numpy as np
import pytest
import torch
from tests.plant import embeddings_table, plant_representatives, random_protein
from transformers import EsmModel

from glm import files, tables
from glm.embedding.checkpoints import convert_fair_esm
from glm.embedding.protein_model import WEIGHTS, Identity

LAYERS, FEATURES, HEADS = 3, 64, 4


@pytest.fixture(scope="session")
def sequences() -> list[str]:
    """Proteins of unequal and of equal lengths, ambiguous residues among them, unsorted."""
    lengths = (57, 7, 1, 30, 120, 30, 7, 300, 57, 2)
    made = [random_protein(length, seed) for seed, length in enumerate(lengths)]
    return [*made, "MXBUZOK", random_protein(30, 99)]


@pytest.fixture(scope="session")
def fair_esm() -> esm.model.esm2.ESM2:
    """fair-esm's ESM-2 with every weight random, norms and biases too."""
    torch.manual_seed(1)
    model = esm.model.esm2.ESM2(LAYERS, FEATURES, HEADS, alphabet="ESM-1b", token_dropout=True)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return model.eval()


@pytest.fixture(scope="session")
def checkpoint(fair_esm: esm.model.esm2.ESM2, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a .pt file in the form that fair-esm publishes."""
    path = tmp_path_factory.mktemp("fair_esm") / "esm2_tiny.pt"
    settings = argparse.Namespace(
        encoder_layers=LAYERS,
        encoder_embed_dim=FEATURES,
        encoder_attention_heads=HEADS,
        token_dropout=True,
    )
    state = {
        f"encoder.{'' if key.startswith('lm_head') else 'sentence_encoder.'}{key}": value
        for key, value in fair_esm.state_dict().items()
        if not key.startswith("contact_head")
    }
    torch.save({"cfg": {"model": settings}, "model": state}, path)
    return path


@pytest.fixture(scope="session")
def esm_model(checkpoint: Path) -> EsmModel:
    """The same model as transformers' EsmModel."""
    return convert_fair_esm(checkpoint)


@pytest.fixture(scope="session")
def model_folder(esm_model: EsmModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a folder of the pipeline; its identity says that it is random."""
    folder = tmp_path_factory.mktemp("model") / "protein_model"
    esm_model.save_pretrained(folder)
    digest = files.sha256(folder / WEIGHTS)
    Identity("tiny", "a test", digest, FEATURES, LAYERS, weights="random").write(folder)
    return folder


@pytest.fixture
def write_representatives(tmp_path: Path) -> Callable[[list[str]], Path]:
    """Write sequences, sorted by length, as a representatives table; protein i is 100 + i."""

    def write(made: list[str]) -> Path:
        proteins = range(100, 100 + len(made))
        path = tmp_path / "representatives.parquet"
        return plant_representatives(path, sorted(made, key=len), protein=proteins)

    return write


@pytest.fixture
def write_shard(tmp_path: Path) -> Callable[[int, list[int], np.ndarray], Path]:
    """Write an embeddings table."""

    def write(shard: int, numbers: list[int], rows: np.ndarray) -> Path:
        path = tmp_path / f"{shard}.parquet"
        made = embeddings_table(rows.astype(np.float16), numbers)
        tables.write(made, path, tables.EMBEDDINGS, {})
        return path

    return write
