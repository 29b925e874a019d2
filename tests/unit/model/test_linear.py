from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from glm.model.linear import enabled, linear


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
