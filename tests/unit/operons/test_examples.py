from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glm.operons import figures
from glm.operons.examples import choose


def genome(sizes: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One subcontig of operons of these sizes, with a gene of none after each."""
    operon = [n for number, size in enumerate(sizes) for n in [number] * size + [-1]]
    genes = pd.DataFrame({"operon": operon, "forward": True, "symbol": "abcD"})
    genes["operon_name"] = [f"op{n}" if n >= 0 else None for n in operon]
    one, other = np.array(operon[:-1]), np.array(operon[1:])
    neighbours = pd.DataFrame(
        {
            "subcontig": 1,
            "first": np.arange(len(one)),
            "first_gene": np.arange(len(one)),
            "second_gene": np.arange(1, len(one) + 1),
            "same_operon": (one == other) & (one >= 0),
            "unit": one,
        }
    )
    return genes, neighbours


def names(sizes: list[int], count: int = 9) -> list[str]:
    genes, neighbours = genome(sizes)
    numbers = np.arange(len(neighbours)) / 100
    return [e.name for e in choose(genes, neighbours, numbers, numbers, count, seed=1)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([2, 3, 5, 12, 10], ["op1", "op2", "op4"]),
        ([2, 2], ["op0", "op1"]),
        ([12], []),
    ],
)
def test_operons_of_a_fit_size_are_chosen(sizes: list[int], expected: list[str]) -> None:
    assert names(sizes) == expected


def test_no_more_than_asked_for_and_the_same_each_time() -> None:
    assert len(names([3, 3, 3, 4], count=2)) == 2
    assert names([3, 3, 3, 4], count=2) == names([3, 3, 3, 4], count=2)


def test_an_operon_that_a_window_cuts_is_not_shown() -> None:
    genes, neighbours = genome([3, 3])
    cut = neighbours[neighbours["first_gene"] != 1].reset_index(drop=True)
    numbers = np.zeros(len(cut))
    assert [e.name for e in choose(genes, cut, numbers, numbers, 5, 1)] == ["op1"]


def test_without_an_operon_there_is_a_figure_that_says_so() -> None:
    _, caption = figures.examples([], pd.Series({"name": "L1-H1", "r": 0.3}), "planted")
    assert "none of planted lies whole within one subcontig" in caption
