from __future__ import annotations

import pytest
import torch

from glm.model.layout import Layout


def test_ragged_subcontigs_are_padded_and_packed_again() -> None:
    layout = Layout.of(torch.tensor([2, 3, 1]))
    packed = torch.arange(1.0, 7)[:, None]
    grid = layout.pad(packed)
    assert grid.squeeze(2).tolist() == [[1, 2, 0], [3, 4, 5], [6, 0, 0]]
    assert torch.equal(layout.pack(grid), packed)
    assert layout.slots_of(torch.tensor([4, 5])).tolist() == [5, 6]


def test_equal_subcontigs_are_their_own_grid_with_nothing_copied() -> None:
    layout = Layout.of(torch.tensor([3, 3]))
    packed = torch.randn(6, 2)
    assert layout.slots is None
    assert layout.pad(packed).data_ptr() == packed.data_ptr()
    assert torch.equal(layout.pack(layout.pad(packed)), packed)
    assert layout.slots_of(torch.tensor([4])).tolist() == [4]


@pytest.mark.parametrize("lengths", [[], [3, 0], [[1, 2]]])
def test_lengths_that_cannot_be_are_refused(lengths: list[int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Layout.of(torch.tensor(lengths, dtype=torch.int64))
