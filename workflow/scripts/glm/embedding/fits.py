"""Standardisation and label components, fitted on the training proteins in one streaming pass."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from glm import tables
from glm.data.constants import CLIP
from glm.embedding.moments import Moments
from glm.errors import GlmError
from glm.logs import progress

ROWS_PER_BLOCK = 1024  # a few MB, which are used again: larger blocks are new memory each time
TRAIN = "train"
SMALLEST_VARIANCE_SHARE = 1e-9

logger = logging.getLogger("glm")


def training_proteins(subcontigs: Path, splits: Path, representatives: Path) -> np.ndarray:
    """Which representatives occur in a training subcontig: (representatives,) booleans.

    Genes without a representative (-1) are left out. Memory: a byte a representative, and eight a
    training subcontig.
    """
    proteins = tables.open_file(representatives, tables.REPRESENTATIVES).metadata.num_rows
    split = tables.read(splits, tables.SPLITS, columns=["subcontig", "split"])
    is_train = split["split"].to_numpy(zero_copy_only=False) == TRAIN
    train = np.sort(split["subcontig"].to_numpy()[is_train])
    found = np.zeros(proteins, bool)
    file = tables.open_file(subcontigs, tables.SUBCONTIGS)
    for batch in file.iter_batches(columns=["subcontig", "representative"]):
        mask = np.isin(batch["subcontig"].to_numpy(), train, assume_unique=True)
        genes = batch["representative"].filter(pa.array(mask)).flatten().to_numpy()
        if genes.max(initial=-1) >= proteins:
            raise GlmError(
                f"{subcontigs}: representative {genes.max()} is not in {representatives} "
                f"({proteins} rows); they are of different runs, remove both and run again"
            )
        found[genes[genes >= 0]] = True
    if not found.any():
        raise GlmError(f"{splits}: no subcontig to train on has a protein with an embedding")
    return found


def open_shard(path: Path) -> tuple[tables.TableFile, int]:
    """Open an embeddings table; returns the file and its number of features."""
    file = tables.open_file(path, tables.EMBEDDINGS)
    features, numbers = tables.vector_kind(file, "embedding")
    if numbers != np.float16:
        raise GlmError(f"{path}: embeddings are {numbers}, float16 was expected")
    return file, features


def iterate_embeddings(shards: Sequence[Path]) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
    """Blocks of all shards: (path, representatives (rows,), embeddings (rows, features) float16).

    Raises `GlmError` if the shards' embeddings differ in size.
    """
    for path in progress(shards, len(shards), "shards"):
        for representatives, embeddings in read_blocks(path, shards[0]):
            yield path, representatives, embeddings


def read_blocks(path: Path, first: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of one shard: representatives (rows,), embeddings (rows, features) float16.

    Raises `GlmError` if its embeddings are of another size than those of the first shard.
    """
    file, found = open_shard(path)
    features = open_shard(first)[1]
    if found != features:
        raise GlmError(
            f"{path}: {found} features, but {first} has {features}: they are of different "
            "protein models; remove them and run again"
        )
    for batch in file.iter_batches(ROWS_PER_BLOCK):
        rows = tables.vector_rows(batch["embedding"], np.dtype(np.float16))
        yield batch["representative"].to_numpy(), rows


def iterate_training(shards: Sequence[Path], training: np.ndarray) -> Iterator[np.ndarray]:
    """Embeddings of the training proteins, each once: blocks (rows, features), float64.

    Raises `GlmError` if a training protein has no embedding, or more than one.
    """
    left = training.copy()
    for path, representatives, embeddings in iterate_embeddings(shards):
        wanted = training[representatives]
        numbers = representatives[wanted]
        if not left[numbers].all():
            twice = int(numbers[np.argmin(left[numbers])])
            raise GlmError(
                f"{path}: representative {twice} is embedded twice; remove the shards and run again"
            )
        left[numbers] = False
        yield embeddings[wanted].astype(np.float64)
    if left.any():
        raise GlmError(
            f"{shards[0].parent}: no embedding of representative {int(np.argmax(left))} "
            f"({left.sum()} are missing); remove the shards and run again"
        )


def fit_standardisation(shards: Sequence[Path], training: np.ndarray) -> pa.Table:
    """Mean and standard deviation (of the population) of each feature: a standardisation table.

    A feature that never varies gets 1, so that it is standardised to zero.
    """
    moments = Moments.empty(open_shard(shards[0])[1])
    for rows in iterate_training(shards, training):
        moments += Moments.of(rows)
    deviation = np.sqrt(moments.scatter / moments.count)
    constant = deviation == 0
    if constant.any():
        logger.warning("%d of %d features never vary", constant.sum(), len(constant))
    return pa.table(
        {
            "feature": np.arange(len(deviation)),
            "mean": moments.mean,
            "standard_deviation": np.where(constant, 1.0, deviation),
            "count": np.full(len(deviation), moments.count),
        }
    )


def fit_label_components(
    shards: Sequence[Path], training: np.ndarray, standardisation: pa.Table, components: int
) -> pa.Table:
    """Principal components of the standardised, clipped embeddings: a label components table.

    Scores are (direction . standardised - centre) / sqrt(variance), so that over the training
    proteins each has mean 0 and variance 1. The largest entry of a direction is positive. Raises
    `GlmError` if the embedding cannot carry that many components.
    """
    mean = standardisation["mean"].to_numpy()
    deviation = standardisation["standard_deviation"].to_numpy()
    features = len(mean)
    proteins = int(training.sum())
    if components > min(features, proteins - 1):
        raise GlmError(
            f"labels.components is {components}, but {proteins} training proteins with {features} "
            f"features have at most {min(features, proteins - 1)}; lower it in the configuration"
        )
    moments = Moments.empty(features, products=True)
    for rows in iterate_training(shards, training):
        standardised = ((rows - mean) / deviation).clip(-CLIP, CLIP)
        moments += Moments.of(standardised, products=True)
    values, vectors = np.linalg.eigh(moments.scatter / (moments.count - 1))
    variances, directions = values[::-1], vectors[:, ::-1].T
    carried = int((variances > SMALLEST_VARIANCE_SHARE * variances.sum()).sum())
    if components > carried:
        raise GlmError(
            f"labels.components is {components}, but only {carried} components vary: dividing by "
            "the others' variance would make noise a label; lower it in the configuration"
        )
    directions = directions[:components]
    largest = np.abs(directions).argmax(1)
    directions = directions * np.sign(directions[np.arange(components), largest])[:, None]
    share = variances[:components] / variances.sum()
    logger.info("%d components carry %.1f %% of the variance", components, 100 * share.sum())
    return pa.table(
        {
            "component": np.arange(components),
            "direction": pa.array(list(directions), pa.list_(pa.float64())),
            "centre": directions @ moments.mean,
            "variance": variances[:components],
            "variance_share": share,
            "count": np.full(components, moments.count),
        }
    )
