"""A model directory of a small gLM with random weights that reads the demo's protein model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tests.random_model import write_fits

from glm import load_model, provenance
from glm.application.loading import TrainedModel
from glm.corpus.genome_tables import Genome
from glm.corpus.genomes import read_genomes
from glm.embedding.batching import embed_sequences
from glm.embedding.protein_model import load_encoder, read_identity
from glm.embedding.record import FILE, EmbeddingRecord
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig
from glm.model.card import write_card

COMPONENTS = 8
SEED = 5


def small_model(embedding_size: int, seed: int = SEED) -> GenomicLanguageModel:
    """Two layers with random weights, large enough that context matters."""
    torch.manual_seed(seed)
    config = GenomicLanguageModelConfig(
        embedding_size=embedding_size, hidden_size=32, layers=2, heads=4, feed_forward_size=48,
        maximum_distance=30, label_components=COMPONENTS, initializer_range=0.3,
        distance_initializer_range=1.0, dropout=0.0,
    )  # fmt: skip
    return GenomicLanguageModel(config).eval()


@pytest.fixture(scope="session")
def protein_model(root: Path) -> Path:
    return root / "resources" / "demo" / "protein_model"


@pytest.fixture(scope="session")
def phage(root: Path) -> Path:
    return root / "tests" / "data" / "lambda_phage.fna.gz"


@pytest.fixture(scope="session")
def genome(phage: Path) -> Genome:
    [read] = read_genomes([phage])
    return read


@pytest.fixture(scope="session")
def protein_embeddings(genome: Genome, protein_model: Path) -> np.ndarray:
    """Of the phage's proteins, in the order of the genome's proteins."""
    encoder, _ = load_encoder(protein_model)
    return embed_sequences(encoder, [protein.sequence for protein in genome.proteins])


def fit(folder: Path, embeddings: np.ndarray) -> None:
    """Standardisation and label components of some embeddings."""
    mean, deviation = embeddings.mean(0), embeddings.std(0)
    _, spread, directions = np.linalg.svd((embeddings - mean) / deviation, full_matrices=False)
    count = len(embeddings)
    whitening = directions[:COMPONENTS] * np.sqrt(count - 1) / spread[:COMPONENTS, None]
    write_fits(folder, mean, deviation, whitening, count)


@pytest.fixture(scope="session")
def model_directory(
    tmp_path_factory: pytest.TempPathFactory, protein_embeddings: np.ndarray, protein_model: Path
) -> Path:
    """The protein model lies beside it, as in a run's results."""
    folder = tmp_path_factory.mktemp("run") / "glm"
    folder.mkdir()
    fit(folder, protein_embeddings)
    small_model(protein_embeddings.shape[1]).save_pretrained(folder)
    fitted = [folder / "standardisation.parquet", folder / "label_components.parquet"]
    stamp = provenance.stamp("train_glm", fitted, {"training": {"steps": 7}}, SEED)
    (folder / "provenance.json").write_text(pd.Series(stamp).to_json())
    EmbeddingRecord(read_identity(protein_model), maximum_residues=12290).write(folder / FILE)
    write_card(folder)
    (folder.parent / "protein_model").symlink_to(protein_model)
    return folder


@pytest.fixture
def model_copy(model_directory: Path, tmp_path: Path) -> Path:
    """A model directory to be spoilt."""
    folder = tmp_path / "run" / "glm"
    shutil.copytree(model_directory, folder)
    (folder.parent / "protein_model").symlink_to(model_directory.parent / "protein_model")
    return folder


@pytest.fixture(scope="session")
def model(model_directory: Path) -> TrainedModel:
    return load_model(model_directory, threads=1)
