from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm import tables
from glm.inference.names import Variant
from glm.inference.replicates import VARIANTS, from_table, replicate, to_table
from glm.inference.representations import represent

GENES, HIDDEN = 7, 3


class Reader:
    """One whose variants differ in nothing."""

    def variant(self, variant: Variant, seed: int) -> Any:
        return self


READER: Any = Reader()


def read(genes: np.ndarray, reader: Any, variant: Variant, seed: int) -> np.ndarray:
    """Features that say which variant and seed they are of."""
    return np.full((len(genes), HIDDEN), 100 * VARIANTS.index(variant) + seed, np.float16)


def of_each_variant(seeds: list[int]) -> dict[str, list[np.ndarray]]:
    genes = np.arange(GENES)
    return {name: list(represent(name, READER, genes, read, seeds)) for name in VARIANTS}


def test_the_controls_are_made_by_each_seed_and_the_trained_model_reads_once() -> None:
    made = of_each_variant([4, 5, 6])
    assert [len(made[variant]) for variant in VARIANTS] == [1, 3, 3]
    assert [replicate(made["trained"], number)[0, 0] for number in range(3)] == [4, 4, 4]
    assert [replicate(made["shuffled"], number)[0, 0] for number in range(3)] == [204, 205, 206]


@pytest.mark.parametrize("seeds", [[1], [1, 2, 3]])
def test_a_table_gives_back_what_it_was_given(seeds: list[int], tmp_path: Path) -> None:
    alone = np.arange(GENES * 5, dtype=np.float16).reshape(GENES, 5)
    made = {"context_free": [alone], **of_each_variant(seeds)}
    table = to_table(made, subcontig=np.arange(GENES))
    tables.write(table, tmp_path / "f.parquet", tables.TAXONOMY_FEATURES, {})
    found = from_table(tmp_path / "f.parquet", tables.TAXONOMY_FEATURES)
    assert found.keys() == made.keys()
    for name, of_name in made.items():
        np.testing.assert_array_equal(np.stack(found[name]), np.stack(of_name))
