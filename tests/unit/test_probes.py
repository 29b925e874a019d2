from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from glm.probes import all_at_equal_dimension, equal_dimension, shared_components, standardised


def test_components_keep_the_shape_at_one_scale_and_know_the_training_rows_only() -> None:
    random = np.random.default_rng(1)
    train = np.arange(80) < 60
    plane = random.normal(size=(80, 3)) * [5, 2, 1]
    values = plane @ np.linalg.qr(random.normal(size=(40, 40)))[0][:3]
    found = equal_dimension(values, train, 3)
    assert found.shape == (80, 3)
    assert found[train].var(0, ddof=1).mean() == pytest.approx(1)
    ratio = pdist(found) / pdist(values)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)  # not whitened: noise stays small
    moved = values + 100 * ~train[:, None]
    np.testing.assert_allclose(equal_dimension(moved, train, 3)[train], found[train], atol=1e-9)


def test_all_embeddings_have_the_components_that_are_compared() -> None:
    assert shared_components([1280, 2560], 9000) == 256
    assert shared_components([64, 128], 9000) == 64
    assert shared_components([64, 128], 20) == 19


def test_at_equal_dimension_scale_and_size_say_nothing() -> None:
    random = np.random.default_rng(1)
    small = random.normal(size=(50, 4))
    large = np.concatenate([1e3 * small, 7 + small, np.zeros((50, 1))], axis=1)
    one, other = standardised(small), standardised(large)
    found = all_at_equal_dimension({"one": [one], "other": [other], "both": [one, other]})
    assert {values.shape for values in found.values()} == {(50, 4)}
    distances = {name: pdist(values) for name, values in found.items()}
    np.testing.assert_allclose(distances["other"], distances["one"], rtol=1e-4)
    np.testing.assert_allclose(distances["both"], distances["one"], rtol=1e-4)
