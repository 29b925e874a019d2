from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, performance
from glm.model.performance import PromptAdamW, aligned, dropout, enabled, linear


@pytest.mark.parametrize("shape", [(1, 5, 7), (37, 50, 70), (180, 1281, 40)], ids=str)
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_it_is_torchs_linear_with_its_gradients(shape: tuple[int, int, int], bias: bool) -> None:
    assert enabled  # torch is built with oneDNN on every CPU that we test on
    rows, inputs, outputs = shape
    torch.manual_seed(0)
    exact = [torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)]
    exact = [value.double().requires_grad_() for value in exact[: 2 + bias]]
    ours = [value.detach().float().requires_grad_() for value in exact]
    weights = torch.randn(rows, outputs)
    expected, found = F.linear(*exact), linear(*ours)
    assert "OneDnnLinear" in type(found.grad_fn).__name__
    (expected * weights).sum().backward()
    (found * weights).sum().backward()
    torch.testing.assert_close(found, expected.float(), atol=3e-4, rtol=1e-5)
    for value, reference in zip(ours, exact, strict=True):
        torch.testing.assert_close(value.grad, reference.grad.float(), atol=3e-4, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions_are_left_to_torch(dtype: torch.dtype) -> None:
    values = [torch.randn(3, 4, dtype=dtype), torch.randn(5, 4, dtype=dtype)]
    assert torch.equal(linear(*values), F.linear(*values))


def test_autocast_is_left_to_torch() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert linear(torch.randn(3, 4), torch.randn(5, 4)).dtype == torch.bfloat16


def test_no_rows_are_no_rows() -> None:
    assert linear(torch.randn(0, 4), torch.randn(5, 4)).shape == (0, 5)


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


def test_switched_off_it_is_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance, "enabled", False)
    values, weight = torch.randn(5, 7, requires_grad=True), torch.randn(3, 7)
    assert torch.equal(linear(values, weight), F.linear(values, weight))
    torch.manual_seed(1)
    found = dropout(values, 0.3, True)
    torch.manual_seed(1)
    assert torch.equal(found, F.dropout(values, 0.3, True))


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


def test_a_half_residual_changes_rounding_alone() -> None:
    """What comes out of each LayerNorm is of autocast's type; the predictions stay near."""
    torch.manual_seed(4)
    config = GenomicLanguageModelConfig(
        layers=3, hidden_size=64, heads=2, feed_forward_size=96, embedding_size=12, dropout=0.0
    )
    model, lengths = GenomicLanguageModel(config).eval(), torch.tensor([30, 15, 22])
    features = torch.randn(67, config.features)
    kinds: list[torch.dtype] = []
    for layer in model.layers:
        layer.feed_forward_norm.register_forward_hook(lambda *given: kinds.append(given[2].dtype))

    @torch.no_grad()
    def predict() -> torch.Tensor:
        kinds.clear()
        with torch.autocast("cpu", torch.bfloat16):
            return model(features, lengths).predictions.float()

    exact = model(features, lengths).predictions
    plain = predict()
    assert {*kinds} == {torch.float32}
    model.keep_residual_half()
    half = predict()
    assert {*kinds} == {torch.bfloat16}
    error, others = (float((each - exact).norm() / exact.norm()) for each in (half, plain))
    assert others < error < 0.03
    model.keep_residual_half(half=False)
    assert torch.equal(predict(), plain)


@pytest.mark.parametrize(("features", "becomes"), [(1281, 1288), (8, 8), (7, 8)])
def test_padded_inputs_give_the_same_product(features: int, becomes: int) -> None:
    torch.manual_seed(5)
    weight, values = torch.randn(6, features), torch.randn(4, features)
    padded = aligned(values)
    assert padded.shape == (4, becomes)
    torch.testing.assert_close(F.linear(padded, aligned(weight)), F.linear(values, weight))
