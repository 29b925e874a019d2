"""Addition, dropout and LayerNorm in one pass against torch's, in Triton's interpreter."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

pytest.importorskip("triton")
if torch.cuda.is_available():
    pytest.skip("there is a GPU: tests/gpu runs the kernels themselves", allow_module_level=True)
from glm import norm_kernel as made

ROWS = 7


def operands(features: int, kind: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """State, what is added, weight and bias."""
    torch.manual_seed(2)
    shapes = (ROWS, features), (ROWS, features), (features,), (features,)
    return [torch.randn(shape).to(kind).requires_grad_() for shape in shapes]


@pytest.mark.parametrize("features", [64, 33])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
def test_it_adds_in_place(features: int, kind: torch.dtype) -> None:
    state, added, weight, bias = (each.detach() for each in operands(features, kind))
    total = state + added
    expected = F.layer_norm(total, (features,), weight, bias, 1e-5)
    found = made.add_norm_into(state, state, added, weight, bias, 1e-5)
    assert torch.equal(state, total)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("programs", [made.PROGRAMS, 3])
@pytest.mark.parametrize("drop", [0.0, 0.25])
def test_gradients_are_torchs(monkeypatch: pytest.MonkeyPatch, programs: int, drop: float) -> None:
    """What dropout left is read off an addition to nothing with the same seed."""
    monkeypatch.setattr(made, "PROGRAMS", programs)
    state, added, weight, bias = given = operands(40)
    seed = torch.tensor([5])
    nothing, ones = torch.zeros(ROWS, 40), torch.ones(ROWS, 40)
    _, stayed = made.add_norm(nothing, ones, weight, bias, seed, drop, 1e-5)
    expected = F.layer_norm(state + added * stayed, (40,), weight, bias, 1e-5)
    found, _ = made.add_norm(state, added, weight, bias, seed, drop, 1e-5)
    torch.testing.assert_close(found, expected)
    up = torch.randn(ROWS, 40)
    for mine, theirs in zip(
        torch.autograd.grad(found, given, up), torch.autograd.grad(expected, given, up), strict=True
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_what_is_dropped_is_drawn_by_chance() -> None:
    """The share, and that neighbours, rows and seeds have nothing to do with each other."""
    rows, features, drop = 256, 256, 0.1
    nothing, ones = torch.zeros(rows, features), torch.ones(rows, features)
    weight = torch.ones(features)

    def dropped(seed: int) -> torch.Tensor:
        _, stayed = made.add_norm(nothing, ones, weight, weight, torch.tensor([seed]), drop, 1e-5)
        assert stayed.unique().tolist() == pytest.approx([0.0, 1 / (1 - drop)])
        return (stayed == 0).double() - drop

    first, second, far = dropped(1), dropped(2), dropped(2**30)
    spread = drop * (1 - drop)
    limit = 5 / (rows * features) ** 0.5  # five standard errors
    for other in (second, far):
        assert abs(float((first * other).mean()) / spread) < limit
    for each in (first, second, far):
        assert abs(float(each.mean())) < limit * spread**0.5
        for dimension, shift in ((0, 1), (1, 1), (1, 2), (0, 128), (1, 32)):
            moved = each.roll(shift, dimension)
            assert abs(float((each * moved).mean()) / spread) < limit
        assert each.mean(0).std() == pytest.approx((spread / rows) ** 0.5, rel=0.2)
        assert each.mean(1).std() == pytest.approx((spread / features) ** 0.5, rel=0.2)
    assert torch.equal(dropped(1), first)
