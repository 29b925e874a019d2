from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm.application.windows import Average, Window, batches, cut
from glm.errors import GlmError


def test_the_papers_windows_do_not_overlap_and_the_last_is_what_is_left() -> None:
    assert cut(100, 165, 30, 30) == [Window(100, 130), Window(130, 160), Window(160, 165)]
    assert cut(0, 1, 30, 30) == [Window(0, 1)]


def test_overlapping_windows_end_with_a_full_one() -> None:
    assert cut(0, 50, 30, 15) == [Window(0, 30), Window(15, 45), Window(20, 50)]
    assert cut(0, 45, 30, 15) == [Window(0, 30), Window(15, 45)]
    assert cut(7, 20, 30, 15) == [Window(7, 20)]


@given(st.integers(1, 200), st.integers(1, 30), st.data())
def test_every_gene_is_in_a_window(genes: int, size: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, size))
    windows = cut(0, genes, size, stride)
    seen = np.zeros(genes, int)
    for window in windows:
        assert 1 <= window.genes <= size
        seen[window.begin : window.end] += 1
    assert seen.all()
    if stride == size:
        assert (seen == 1).all()


@pytest.mark.parametrize("stride", [0, 31])
def test_a_stride_that_leaves_genes_out_is_refused(stride: int) -> None:
    with pytest.raises(GlmError, match=f"a stride of {stride}: it is between 1 and"):
        cut(0, 100, 30, stride)


def test_batches_are_filled_and_keep_the_order() -> None:
    windows = cut(0, 100, 30, 30)
    assert [len(group) for group in batches(windows, 60)] == [2, 2]
    assert [len(group) for group in batches(windows, 5)] == [1, 1, 1, 1]
    assert [len(group) for group in batches(windows, 1800, copies_each=True)] == [2, 2]


def test_averages_weigh_the_middle_most() -> None:
    average = Average(5, 1)
    average.add(Window(0, 3), np.full((3, 1), 1.0))  # weights 1 2 1
    average.add(Window(1, 5), np.full((4, 1), 4.0))  # weights 1 2 2 1
    assert average.mean[:, 0].tolist() == pytest.approx([1, (2 + 4) / 3, (1 + 8) / 3, 4, 4])


def test_a_gene_of_one_window_keeps_its_result_to_the_bit() -> None:
    values = np.random.default_rng(1).normal(size=(30, 4)).astype(np.float32)
    average = Average(30, 4)
    average.add(Window(0, 30), values)
    assert np.array_equal(average.mean, values)
