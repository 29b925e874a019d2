from __future__ import annotations

import pytest
import torch

from glm.model.dropout import dropout


def test_it_zeroes_the_share_and_scales_the_rest() -> None:
    torch.manual_seed(0)
    found = dropout(torch.ones(1_000_003), 0.1, True)
    zeros = (found == 0).double().mean().item()
    assert zeros == pytest.approx(0.1, abs=1e-3)  # three standard deviations
    assert found[found != 0].unique().item() == pytest.approx(1 / 0.9, rel=1e-4)
    pairs = (found[:-1] == 0) & (found[1:] == 0)  # neighbours share a draw, not a fate
    assert pairs.double().mean().item() == pytest.approx(0.01, abs=5e-4)


def test_the_gradient_goes_where_the_values_went() -> None:
    values = torch.randn(50, 7, requires_grad=True)
    found = dropout(values, 0.5, True)
    found.sum().backward()
    assert torch.equal(values.grad == 0, found == 0)
    torch.testing.assert_close(found, values * values.grad)


def test_values_keep_their_type_under_half_precision() -> None:
    assert dropout(torch.ones(9, dtype=torch.bfloat16), 0.1, True).dtype == torch.bfloat16


@pytest.mark.parametrize(("probability", "training"), [(0.1, False), (0.0, True)])
def test_nothing_is_touched_when_there_is_nothing_to_drop(
    probability: float, training: bool
) -> None:
    values = torch.randn(5)
    assert dropout(values, probability, training) is values


def test_the_seed_decides() -> None:
    def drop(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return dropout(torch.ones(1000), 0.3, True)

    assert torch.equal(drop(1), drop(1))
    assert not torch.equal(drop(1), drop(2))
