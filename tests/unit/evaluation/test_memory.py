from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from glm.evaluation.estimates import MOST_LIKELY
from glm.evaluation.memory import GLM, LOOK_UP, draw, memory_rows

GENES = 1000


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """A look-up that finds the nearest half of the genes, and a gLM that finds every second."""
    distance = np.random.default_rng(1).permutation(GENES).astype(float)
    scores = {
        (GLM, MOST_LIKELY): (np.arange(GENES) % 2).astype(float),
        (LOOK_UP, MOST_LIKELY): (distance < GENES / 2).astype(float),
    }
    groups = np.arange(GENES)
    return memory_rows(scores, distance, groups, "reference", "pseudo_accuracy")


def test_fifths_are_by_distance_and_of_equal_size(rows: pd.DataFrame) -> None:
    assert rows["fifth"].tolist() == [0, 1, 2, 3, 4, 5]
    assert rows["n"].tolist() == [1000] + [200] * 5
    assert rows["look_up"].tolist() == [0.5, 1, 1, 0.5, 0, 0]
    assert (rows["furthest"][1:-1].to_numpy() < rows["nearest"][2:].to_numpy()).all()


def test_equal_distances_are_in_one_fifth() -> None:
    """Held-out genes of a sister strain are in training: which of them comes first says nothing."""
    distance = np.append(np.zeros(450), np.arange(1, 551))
    found = np.zeros(GENES)
    scores = {(GLM, MOST_LIKELY): found, (LOOK_UP, MOST_LIKELY): found}
    rows = memory_rows(scores, distance, np.arange(GENES), "heldout", "pseudo_accuracy")
    assert rows[["fifth", "n"]].to_numpy().tolist() == [
        [0, 1000], [1, 450], [3, 150], [4, 200], [5, 200]
    ]  # fmt: skip


def test_what_one_alone_finds_adds_up(rows: pd.DataFrame) -> None:
    both = rows["glm"] - rows["glm_alone"]
    np.testing.assert_allclose(both, rows["look_up"] - rows["look_up_alone"])
    np.testing.assert_allclose(rows["either"], both + rows["glm_alone"] + rows["look_up_alone"])
    assert rows["glm_alone"][5] == rows["glm"][5], "far from training the look-up finds nothing"
    assert rows["glm_alone"][1] == 0


def test_the_figure_says_who_finds_what(rows: pd.DataFrame) -> None:
    figure, caption = draw(rows)
    assert f"{rows['glm_alone'][0]:.1%} by the gLM alone" in caption
    plt.close(figure)
