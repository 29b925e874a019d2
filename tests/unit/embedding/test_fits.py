from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from tests.plant import plant_splits, plant_subcontigs

from glm.data.features import FeatureBuilder
from glm.embedding.fits import fit_label_components, fit_standardisation, training_proteins
from glm.errors import GlmError

Shard = Callable[[int, list[int], np.ndarray], Path]
PROTEINS, FEATURES = 400, 12


@pytest.fixture
def embeddings() -> np.ndarray:
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(PROTEINS, FEATURES)) @ rng.normal(size=(FEATURES, FEATURES))
    return (mixed + 3.0).astype(np.float16)


@pytest.fixture
def shards(embeddings: np.ndarray, write_shard: Shard) -> list[Path]:
    return [write_shard(k, list(range(k, PROTEINS, 3)), embeddings[k::3]) for k in range(3)]


@pytest.fixture
def training() -> np.ndarray:
    return np.random.default_rng(1).random(PROTEINS) < 0.7


def write_subcontigs(folder: Path, genes: list[list[int]], splits: list[str]) -> tuple[Path, Path]:
    """The splits come in another order than the subcontigs."""
    names = [10 * number for number in range(len(genes))]
    subcontigs = plant_subcontigs(folder / "subcontigs.parquet", genes, subcontig=names)
    return subcontigs, plant_splits(folder / "s.parquet", splits[::-1], subcontig=names[::-1])


def test_training_proteins_are_those_of_training_subcontigs(
    tmp_path: Path, write_representatives: Callable[[list[str]], Path]
) -> None:
    representatives = write_representatives(["M" * length for length in range(1, 9)])
    genes = [[0, -1, 3, 0], [1, 3], [4, 5], [6]]
    subcontigs, splits = write_subcontigs(
        tmp_path, genes, ["train", "validation", "train", "removed"]
    )
    found = training_proteins(subcontigs, splits, representatives)
    assert np.flatnonzero(found).tolist() == [0, 3, 4, 5]
    subcontigs, splits = write_subcontigs(tmp_path, [[0, 8]], ["train"])
    with pytest.raises(GlmError, match="representative 8 is not in"):
        training_proteins(subcontigs, splits, representatives)
    subcontigs, splits = write_subcontigs(tmp_path, [[0]], ["validation"])
    with pytest.raises(GlmError, match="no subcontig to train on"):
        training_proteins(subcontigs, splits, representatives)


@pytest.fixture
def standardisation(shards: list[Path], training: np.ndarray) -> pa.Table:
    return fit_standardisation(shards, training)


def test_standardisation_is_that_of_the_training_proteins(
    standardisation: pa.Table, training: np.ndarray, embeddings: np.ndarray
) -> None:
    table = standardisation.to_pandas()
    scaler = StandardScaler().fit(embeddings[training].astype(np.float64))
    np.testing.assert_allclose(table["mean"], scaler.mean_, rtol=1e-12)
    np.testing.assert_allclose(table["standard_deviation"], scaler.scale_, rtol=1e-12)
    assert set(table["count"]) == {training.sum()}


def test_a_constant_feature_is_standardised_to_zero(write_shard: Shard) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 3))
    rows[:, 1] = 2.0
    table = fit_standardisation([write_shard(0, list(range(20)), rows)], np.ones(20, bool))
    assert table["standard_deviation"][1].as_py() == 1.0


def test_label_components_are_the_whitened_pca(
    shards: list[Path], training: np.ndarray, embeddings: np.ndarray, standardisation: pa.Table
) -> None:
    table = fit_label_components(shards, training, standardisation, 5).to_pandas()
    rows = StandardScaler().fit_transform(embeddings[training].astype(np.float64))
    pca = PCA(5, whiten=True, svd_solver="full").fit(rows)
    directions = np.stack(table["direction"])
    np.testing.assert_allclose(np.abs(directions), np.abs(pca.components_), atol=1e-8)
    np.testing.assert_allclose(table["variance"], pca.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(table["variance_share"], pca.explained_variance_ratio_, rtol=1e-9)
    centred = rows @ directions.T - table["centre"].to_numpy()
    scores = centred / np.sqrt(table["variance"].to_numpy())
    np.testing.assert_allclose(np.abs(scores), np.abs(pca.transform(rows)), atol=1e-7)
    np.testing.assert_allclose(scores.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(np.cov(scores.T), np.eye(5), atol=1e-8)
    assert (directions[np.arange(5), np.abs(directions).argmax(1)] > 0).all()


def test_labels_of_the_feature_builder_are_white(
    shards: list[Path], training: np.ndarray, embeddings: np.ndarray, write_shard: Shard
) -> None:
    embeddings = embeddings.copy()
    embeddings[np.flatnonzero(training)[0], 2] = 3000.0  # clipped at ten standard deviations
    shards = [write_shard(0, list(range(PROTEINS)), embeddings)]
    standardisation = fit_standardisation(shards, training)
    table = fit_label_components(shards, training, standardisation, 5)
    builder = FeatureBuilder(
        torch.tensor(standardisation["mean"].to_numpy()),
        torch.tensor(standardisation["standard_deviation"].to_numpy()),
        torch.tensor(np.stack(table["direction"].to_numpy())),
        torch.tensor(table["centre"].to_numpy()),
        torch.tensor(table["variance"].to_numpy()),
    )
    count = int(training.sum())
    everywhere = torch.ones(count, dtype=torch.bool)
    labels = builder.labels(torch.tensor(embeddings[training]), everywhere, everywhere)
    scores = labels[:, :5].double().numpy()
    np.testing.assert_allclose(scores.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(np.cov(scores.T), np.eye(5), atol=1e-4)


def test_the_order_of_the_shards_changes_nothing_but_rounding(
    shards: list[Path], training: np.ndarray, standardisation: pa.Table
) -> None:
    first = fit_label_components(shards, training, standardisation, 5)
    second = fit_label_components(shards[::-1], training, standardisation, 5)
    directions = [np.stack(table["direction"].to_numpy()) for table in (first, second)]
    np.testing.assert_allclose(*directions, atol=1e-9)


def test_too_many_components_are_refused(
    shards: list[Path], training: np.ndarray, standardisation: pa.Table, write_shard: Shard
) -> None:
    with pytest.raises(GlmError, match=r"labels\.components is 13.*at most 12"):
        fit_label_components(shards, training, standardisation, 13)
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float16)
    doubled = [write_shard(9, list(range(50)), np.hstack([rows, rows]))]
    everything = np.ones(50, bool)
    standardisation = fit_standardisation(doubled, everything)
    with pytest.raises(GlmError, match="only 4 components vary"):
        fit_label_components(doubled, everything, standardisation, 6)


def test_a_training_protein_embedded_twice_or_never_is_refused(
    shards: list[Path], training: np.ndarray
) -> None:
    with pytest.raises(GlmError, match="is embedded twice"):
        fit_standardisation([*shards, shards[0]], training)
    with pytest.raises(GlmError, match="no embedding of representative"):
        fit_standardisation(shards[:2], training)


def test_shards_of_different_models_are_refused(
    shards: list[Path], training: np.ndarray, write_shard: Shard
) -> None:
    other = write_shard(7, [0], np.zeros((1, 5)))
    with pytest.raises(GlmError, match=r"7\.parquet: 5 features"):
        fit_standardisation([*shards, other], training)
