from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from glm.data.features import FeatureBuilder, Preprocessing

PRESENT = torch.tensor([True, True, False])
FORWARD = torch.tensor([True, False, True])


@pytest.fixture
def builder() -> FeatureBuilder:
    """Three features, two components; the third feature never varied."""
    return FeatureBuilder(
        mean=torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64),
        standard_deviation=torch.tensor([2.0, 0.5, 0.0], dtype=torch.float64),
        directions=torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]], dtype=torch.float64),
        centre=torch.tensor([0.5, -1.0], dtype=torch.float64),
        variance=torch.tensor([4.0, 0.25], dtype=torch.float64),
    )


RAW = torch.tensor([[3.0, 2.5, 5.0], [-99.0, 12.0, 5.0], [7.0, 7.0, 7.0]])


def test_features_by_hand(builder: FeatureBuilder) -> None:
    found = builder.features(RAW, PRESENT, FORWARD)
    expected = [
        [1.0, 1.0, 0.0, 0.5],
        [-10.0, 10.0, 0.0, -0.5],  # -50 and 20 standard deviations, clipped
        [1.0, 1.0, 1.0, 0.5],  # no representative: ones, whatever the row held
    ]
    assert found.tolist() == expected


def test_masked_genes_are_minus_one_in_every_feature(builder: FeatureBuilder) -> None:
    masked = torch.tensor([False, True, True])
    found = builder.features(RAW, PRESENT, FORWARD, masked)
    assert found[0].tolist() == [1.0, 1.0, 0.0, 0.5]
    assert (found[1:] == -1).all()


def test_labels_by_hand(builder: FeatureBuilder) -> None:
    found = builder.labels(RAW, PRESENT, FORWARD)
    # (1 - 0.5) / 2 and (0.6 + 1) / 0.5; then clipped before it is projected
    torch.testing.assert_close(found[0], torch.tensor([0.25, 3.2, 0.5]))
    torch.testing.assert_close(found[1], torch.tensor([-5.25, 14.0, -0.5]))


def test_a_store_of_float16_makes_float32(builder: FeatureBuilder) -> None:
    half = builder.features(RAW.half(), PRESENT, FORWARD)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, builder.features(RAW, PRESENT, FORWARD))


def test_labels_are_those_of_a_whitening_principal_component_analysis() -> None:
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(500, 8)) @ rng.normal(size=(8, 8)) + 3
    mean, deviation = raw.mean(0), raw.std(0)
    standard = (raw - mean) / deviation
    fitted = PCA(4, whiten=True).fit(standard)
    builder = FeatureBuilder(
        *map(
            torch.from_numpy,
            (
                mean,
                deviation,
                fitted.components_,
                fitted.components_ @ fitted.mean_,
                fitted.explained_variance_,
            ),
        )
    )
    everything = torch.ones(500, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):  # labels must not lose precision under it
        found = builder.labels(torch.from_numpy(raw), everything, everything)
    expected = torch.from_numpy(fitted.transform(standard)).float()
    torch.testing.assert_close(found[:, :4], expected, atol=1e-4, rtol=1e-4)
    assert (found[:, 4] == 0.5).all()
    torch.testing.assert_close(found[:, :4].std(0), torch.ones(4), atol=1e-4, rtol=1e-4)


def test_the_builder_has_buffers_and_nothing_to_train(builder: FeatureBuilder) -> None:
    assert not list(builder.parameters())
    assert set(builder.state_dict()) == {
        "mean",
        "standard_deviation",
        "directions",
        "centre",
        "variance",
    }


def test_the_published_inputs_and_labels_are_those_of_their_description() -> None:
    """Ones for a gene that is missing, then standardised; only the whitened labels are clipped."""
    rng = np.random.default_rng(3)
    raw = rng.normal(2, 3, size=(40, 8))
    raw[0] += 500  # more than ten deviations from the mean, as an input and as a label
    present = torch.arange(40) != 7
    mean, deviation = raw[1:].mean(0), raw[1:].std(0)
    fitted = PCA(4, whiten=True).fit((raw[1:] - mean) / deviation)
    variance = fitted.explained_variance_
    embedded = np.where(present[:, None], raw, 1.0)
    inputs = (embedded - mean) / deviation
    scores = (inputs - fitted.mean_) @ fitted.components_.T / np.sqrt(variance)
    assert min(np.abs(inputs[0]).min(), np.abs(scores).max()) > 10, "nothing to clip"
    builder = FeatureBuilder(
        *map(torch.from_numpy, (mean, deviation, fitted.components_)),
        torch.from_numpy(fitted.components_ @ fitted.mean_),
        torch.from_numpy(variance),
        Preprocessing.of({"input_clip": None, "label_clip": 10.0, "ones_standardised": True}),
    )
    forward = torch.arange(40) % 2 == 0
    strand = np.where(forward, 0.5, -0.5)[:, None]
    raw[7] = 0  # what the store happens to hold
    given = (torch.from_numpy(raw), present, forward)
    for found, expected in (
        (builder.features(*given), inputs),
        (builder.labels(*given), scores.clip(-10, 10)),
    ):
        np.testing.assert_allclose(found, np.hstack([expected, strand]), rtol=1e-5, atol=1e-5)
