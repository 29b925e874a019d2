import numpy as np
import torch
from transformers import EsmModel

from glm.embedding.batching import embed_sequences
from glm.embedding.moments import Moments
from glm.embedding.packed import PackedEncoder
from protein_model_training.detectors import DetectorEncoder
from protein_model_training.projection import fit_projection, pooled_moments


def test_moments_by_blocks_are_those_of_all(
    detectors: EsmModel, proteins: list[str], moments: Moments
) -> None:
    pooled = embed_sequences(DetectorEncoder(detectors), proteins).astype(float)
    np.testing.assert_allclose(moments.mean, pooled.mean(0), rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(
        moments.scatter / moments.count, np.cov(pooled.T, bias=True), rtol=1e-3, atol=1e-7
    )


def test_threads_change_nothing(detectors: EsmModel, proteins: list[str]) -> None:
    one, two = (pooled_moments(detectors, proteins[:60], threads) for threads in (1, 2))
    assert (one.scatter == two.scatter).all()


def test_projection_whitens(moments: Moments) -> None:
    projection = fit_projection(moments, 50)
    covariance = projection.weights @ moments.scatter @ projection.weights.T / moments.count
    np.testing.assert_allclose(covariance, np.eye(50), atol=1e-3)
    np.testing.assert_allclose(projection.weights @ moments.mean, -projection.bias)


def test_pooled_output_is_whitened_on_the_fitting_proteins(
    fitted: EsmModel, proteins: list[str]
) -> None:
    embedded = embed_sequences(PackedEncoder(fitted), proteins)[:, :60]
    correlation = np.corrcoef(embedded.T)
    aside = np.abs(correlation[~np.eye(60, dtype=bool)])
    # The norms (one a position, one a protein) come after the fit, so not to the last digit.
    assert aside.mean() < 0.1
    assert embedded.std(0).min() / embedded.std(0).max() > 0.5


def test_embedding_does_not_depend_on_the_batch(fitted: EsmModel, proteins: list[str]) -> None:
    encoder = PackedEncoder(fitted)
    together = embed_sequences(encoder, proteins[:20])
    alone = embed_sequences(encoder, proteins[3:4])
    torch.testing.assert_close(
        torch.from_numpy(together[3:4]), torch.from_numpy(alone), atol=1e-3, rtol=1e-3
    )
