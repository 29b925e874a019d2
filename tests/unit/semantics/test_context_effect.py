from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from glm.inference.names import CONTEXT_FREE
from glm.semantics.context_effect import (
    in_several_genomes,
    measure,
    numbers,
    same_product,
)
from glm.semantics.transfer import Proteins

PRODUCTS, GENOMES = 50, 4


def planted() -> tuple[np.ndarray, Proteins, np.ndarray]:
    """Each product once in each genome, tight; beside each a paralogue of another name, nearer.

    Two names more are of one genome only, and some proteins have none.
    """
    rng = np.random.default_rng(1)
    label = np.tile(np.arange(PRODUCTS), GENOMES)
    genome = np.repeat(np.arange(GENOMES), PRODUCTS)
    points = 10 * rng.normal(size=(PRODUCTS, 5))[label] + 0.1 * rng.normal(size=(len(label), 5))
    points = np.concatenate([points, points[:2] + 1e-3, points[:30]])
    label = np.concatenate([label, [PRODUCTS, PRODUCTS + 1], np.full(30, -1)])
    genome = np.concatenate([genome, [0, 0], np.zeros(30, int)])
    return points, Proteins(label >= 0, label, np.arange(len(label)) // 5), genome


def test_only_products_of_several_genomes_are_judged() -> None:
    _, proteins, genome = planted()
    assert np.flatnonzero(in_several_genomes(proteins, genome)).tolist() == list(range(200))


def test_the_nearest_is_of_another_genome_and_named() -> None:
    """Genes of the same genome, however near, and those without a name are not asked."""
    points, proteins, genome = planted()
    assert same_product(points, proteins, genome).mean() == pytest.approx(1, abs=0.02)
    mixed = points.copy()
    mixed[:100] = np.random.default_rng(2).permutation(points[:100])
    assert same_product(mixed, proteins, genome).mean() < 0.5


def test_a_representation_that_does_harm_differs_from_the_protein() -> None:
    points, proteins, genome = planted()
    rng = np.random.default_rng(3)
    noise = [points + 8 * rng.normal(size=points.shape) for _ in range(2)]
    rows = measure(
        [
            (CONTEXT_FREE, [points]),
            ("after attention", [points + 1e-6]),
            ("last hidden layer", noise[:1]),
            ("masked", noise),
        ],
        proteins, genome, "last", rounds=200, seed=1,
    )  # fmt: skip
    found = rows.set_index("representation")
    assert (found["n"] == 200).all()
    assert (found["genomes"] == GENOMES).all()
    assert found.loc["after attention", ["difference", "difference_upper"]].tolist() == [0, 0]
    assert found.loc["last hidden layer", "difference_upper"] < -0.2
    assert pd.notna(found.loc["masked", "deviation"])
    said = {row["id"]: row for row in numbers(rows, "last")}
    assert json.loads(said["context_effect.same_product.protein"]["value"]) > 0.98
    harm = said["context_effect.same_product.difference"]
    assert harm["note"].startswith("last hidden layer")
    assert harm["upper"] < 0
    assert said["context_effect.same_product.difference_at_equal_dimension"]["upper"] < -0.2
    assert said["context_effect.same_product.difference_beside_protein"]["upper"] < 0


def test_harm_that_is_of_scale_is_none_at_equal_dimension() -> None:
    """The protein's own numbers, one of them a thousandfold and others without meaning."""
    points, proteins, genome = planted()
    scaled = points.copy()
    scaled[:, 0] = 1e3 * np.random.default_rng(3).normal(size=len(points))
    harmless = np.concatenate([scaled, points], axis=1)
    representations = [(CONTEXT_FREE, [points]), ("after attention", [harmless])]
    rows = measure(representations, proteins, genome, "after_attention", 200, 1)
    said = {row["id"]: row for row in numbers(rows, "after_attention")}
    assert said["context_effect.same_product.difference"]["upper"] < -0.5
    assert json.loads(said["context_effect.same_product.difference_beside_protein"]["value"]) > -0.1
    found = said["context_effect.same_product.difference_at_equal_dimension"]
    assert json.loads(found["value"]) > -0.1


def test_without_a_product_that_genomes_share_there_is_nothing_to_say() -> None:
    points, proteins, _ = planted()
    rows = measure([(CONTEXT_FREE, [points])], proteins, np.zeros(len(points), int), "last", 10, 1)
    assert rows.empty
    assert numbers(rows, "last") == []
