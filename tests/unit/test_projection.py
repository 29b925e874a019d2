"""Layouts in the plane: seeded, of few points too, and principal components as they should be."""

from __future__ import annotations

import numpy as np
import pytest

from glm.projection import principal_components, project


@pytest.mark.parametrize("count", [4, 10, 16, 40])
def test_umap_lays_out_few_points_and_many(count: int) -> None:
    points = np.random.default_rng(0).normal(size=(count, 8))
    found = project(points, "umap", seed=1)
    assert found.shape == (count, 2)
    assert not np.allclose(found, principal_components(points).coordinates)
    np.testing.assert_array_equal(found, project(points, "umap", seed=1))


@pytest.mark.parametrize("points", [np.ones((30, 8)), np.eye(3)], ids=["all the same", "three"])
def test_what_umap_cannot_lay_out_gets_principal_components(points: np.ndarray) -> None:
    expected = principal_components(points).coordinates
    np.testing.assert_array_equal(project(points, "umap", seed=1), expected)


def test_principal_components_keep_distances_in_a_plane() -> None:
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(50, 2))
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 2)))
    found = principal_components(flat @ rotation.T + 3)
    apart = np.linalg.norm(flat[:, None] - flat[None], axis=-1)
    got = found.coordinates
    np.testing.assert_allclose(np.linalg.norm(got[:, None] - got[None], axis=-1), apart)
    assert sum(found.variance_share) == pytest.approx(1)
