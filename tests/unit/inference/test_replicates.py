from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from glm.inference.names import Variant
from glm.inference.replicates import VARIANTS, draw, each_draw, from_table, to_columns

GENES, HIDDEN = 7, 3


def read(variant: Variant, seed: int) -> np.ndarray:
    """Features that say which variant and seed they are of."""
    return np.full((GENES, HIDDEN), 100 * VARIANTS.index(variant) + seed, np.float16)


def test_the_controls_are_drawn_by_each_seed_and_the_trained_model_reads_once() -> None:
    drawn = each_draw(read, [4, 5, 6])
    assert [len(drawn[variant]) for variant in VARIANTS] == [1, 3, 3]
    assert [draw(drawn["trained"], number)[0, 0] for number in range(3)] == [4, 4, 4]
    assert [draw(drawn["shuffled"], number)[0, 0] for number in range(3)] == [204, 205, 206]


@pytest.mark.parametrize("seeds", [[1], [1, 2, 3]])
def test_a_table_gives_back_what_it_was_given(seeds: list[int]) -> None:
    alone = np.arange(GENES * 5, dtype=np.float16).reshape(GENES, 5)
    drawn = {"context_free": [alone], **each_draw(read, seeds)}
    found = from_table(pa.table(to_columns(drawn)))
    assert found.keys() == drawn.keys()
    for name, of_name in drawn.items():
        np.testing.assert_array_equal(np.stack(found[name]), np.stack(of_name))
