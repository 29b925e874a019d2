from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from glm.model.optimiser import PromptAdamW


@pytest.fixture
def twins() -> tuple[nn.Sequential, nn.Sequential]:
    made = nn.Sequential(nn.Linear(20, 30), nn.GELU(), nn.Linear(30, 5))
    return made, copy.deepcopy(made)


def groups(model: nn.Sequential) -> list[dict[str, object]]:
    """Two groups with numbers of their own."""
    return [
        {"params": model[0].parameters(), "weight_decay": 0.1},
        {"params": model[2].parameters(), "lr": 1e-3},
    ]


def test_updating_during_backward_is_bit_for_bit_stepping_after_it(
    twins: tuple[nn.Sequential, nn.Sequential],
) -> None:
    prompt, plain = twins
    ours = PromptAdamW(groups(prompt), lr=1e-2, eps=1e-6)
    theirs = torch.optim.AdamW(groups(plain), lr=1e-2, eps=1e-6, fused=True)
    for step in range(4):
        data = torch.randn(2, 7, 20)
        for optimiser in (ours, theirs):
            optimiser.param_groups[0]["lr"] = 1e-3 * (step + 1)
        prompt(data[0]).square().mean().backward()  # accumulates
        with ours.during_backward():
            prompt(data[1]).square().mean().backward()
        assert all(value.grad is None for value in prompt.parameters())
        ours.step()  # finds nothing left to do
        for part in data:
            plain(part).square().mean().backward()
        theirs.step()
        theirs.zero_grad()
    for value, expected in zip(prompt.parameters(), plain.parameters(), strict=True):
        assert torch.equal(value, expected)
    state, expected_state = ours.state_dict(), theirs.state_dict()
    assert state["param_groups"] == expected_state["param_groups"]
    for index, expected in expected_state["state"].items():
        for name, value in expected.items():
            assert torch.equal(state["state"][index][name], value)


def test_outside_or_inactive_it_is_an_ordinary_optimiser(
    twins: tuple[nn.Sequential, nn.Sequential],
) -> None:
    model, before = twins
    optimiser = PromptAdamW(model.parameters(), lr=1e-2)
    with optimiser.during_backward(active=False):
        model(torch.randn(7, 20)).square().mean().backward()
    assert all(value.grad is not None for value in model.parameters())
    assert torch.equal(model[0].weight, before[0].weight)
    optimiser.step()
    assert not torch.equal(model[0].weight, before[0].weight)
