import numpy as np
import torch
from transformers import EsmModel

from glm.embedding.batching import embed_sequences
from glm.embedding.packed import PackedEncoder
from protein_model_training.projection import (
    covariance_within,
    fit_projection,
    pooled_activations,
)
from protein_model_training.release import Homologues


def test_threads_change_nothing(detectors: EsmModel, proteins: list[str]) -> None:
    one, two = (pooled_activations(detectors, proteins[:60], threads) for threads in (1, 2))
    assert (one == two).all()


def test_what_homologues_differ_by_is_half_the_mean_product_of_differences() -> None:
    values = np.random.default_rng(0).normal(size=(6, 3))
    homologues = Homologues(np.array([[0, 1], [1, 0], [2, 5]]), np.array([1.0, 1.0, 0.5]))
    first, second = values[0] - values[1], values[2] - values[5]
    expected = (2 * np.outer(first, first) + 0.5 * np.outer(second, second)) / 2.5 / 2
    np.testing.assert_allclose(covariance_within(values, homologues), expected)


def test_components_are_white_on_what_they_are_fitted_on(
    activations: np.ndarray, neighbours: Homologues
) -> None:
    projection = fit_projection(activations, neighbours, 50)
    components = activations @ projection.weights.T + projection.bias
    np.testing.assert_allclose(components.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(np.cov(components.T, bias=True), np.eye(50), atol=1e-3)


def test_a_direction_that_homologues_differ_in_comes_last() -> None:
    """Planted: families differ along two features, the members of one along the third, most."""
    generator = np.random.default_rng(1)
    family = generator.normal(size=(400, 3)) * [1, 1, 0]
    members = [family + generator.normal(size=family.shape) * [0.1, 0.1, 3] for _ in range(2)]
    pairs = np.arange(800).reshape(2, 400).T
    projection = fit_projection(
        np.concatenate(members), Homologues(pairs, np.ones(len(pairs))), components=3
    )
    share = np.abs(projection.weights) / np.abs(projection.weights).sum(1, keepdims=True)
    assert (share[:2, 2] < 0.1).all()
    assert share[2, 2] > 0.5


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
