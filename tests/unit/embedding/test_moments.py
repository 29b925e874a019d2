from __future__ import annotations

import numpy as np
import pytest

from glm.embedding.moments import Moments


@pytest.mark.parametrize("products", [False, True])
@pytest.mark.parametrize("cuts", [[], [1], [0, 5, 5, 300], list(range(10, 500, 10))])
def test_merged_moments_are_those_of_the_whole(products: bool, cuts: list[int]) -> None:
    # A mean a million standard deviations from zero: sums of squares would lose every digit.
    rows = np.random.default_rng(0).normal(1e6, 1.0, (500, 7))
    merged = Moments.empty(7, products)
    for part in np.split(rows, cuts):
        merged += Moments.of(part, products)
    assert merged.count == 500
    np.testing.assert_allclose(merged.mean, rows.mean(0), rtol=1e-13)
    expected = np.cov(rows.T, ddof=0) if products else rows.var(0)
    np.testing.assert_allclose(merged.scatter / 500, expected, rtol=1e-7, atol=1e-9)


def test_half_precision_is_summed_in_double() -> None:
    rows = np.full((100_000, 1), 0.1, np.float16)
    assert Moments.of(rows).mean[0] == pytest.approx(float(np.float16(0.1)), rel=1e-12)
