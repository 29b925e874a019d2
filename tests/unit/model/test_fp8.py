"""FP8 products and their gradients, on a processor, whose numbers are a GPU's."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, fp8
from glm.model.fp8 import fp8_linear
from glm.model.loss import masked_gene_loss

SIZES = {"layers": 2, "hidden_size": 64, "heads": 2, "feed_forward_size": 96}


def relative(found: torch.Tensor, exact: torch.Tensor) -> float:
    return float((found.detach().float() - exact).norm() / exact.norm())


@pytest.mark.parametrize("rows", [1, 37, 64])
def test_products_and_gradients_are_near_the_exact_ones(rows: int) -> None:
    torch.manual_seed(rows)
    exact = [torch.randn(rows, 32), torch.randn(48, 32), torch.randn(48)]
    given = torch.randn(rows, 48)
    leaves = [value.clone().requires_grad_() for value in exact]
    wanted = torch.autograd.grad(F.linear(*leaves), leaves, given)
    found = fp8_linear(*leaves, torch.bfloat16)
    assert found.dtype == torch.bfloat16
    assert relative(found, F.linear(*exact)) < 0.06
    gradients = torch.autograd.grad(found, leaves, given.bfloat16())
    assert [value.dtype for value in gradients] == [torch.float32] * 3
    for gradient, want in zip(gradients, wanted, strict=True):
        assert relative(gradient, want) < 0.12


def test_scales_follow_the_numbers() -> None:
    """Numbers far outside FP8's range are as well represented as those inside."""
    torch.manual_seed(1)
    values, weight, bias = torch.randn(8, 32), torch.randn(16, 32), torch.zeros(16)
    plain = fp8_linear(values, weight, bias, torch.float32)
    huge = fp8_linear(values * 2.0**20, weight * 2.0**-30, bias, torch.float32)
    torch.testing.assert_close(huge * 2.0**10, plain)


def train(in_fp8: bool) -> list[float]:
    """Losses of a small gLM that learns to predict genes that follow from their neighbours."""
    torch.manual_seed(2)
    config = GenomicLanguageModelConfig(
        **SIZES, embedding_size=15, label_components=7, maximum_distance=40, dropout=0.0
    )
    model = GenomicLanguageModel(config)
    if in_fp8:
        model.multiply_in_fp8()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    lengths = torch.full((16,), 15)
    losses = []
    for step in range(60):
        generator = torch.Generator().manual_seed(step)
        kind = torch.randn(16, 1, config.features, generator=generator)
        features = kind.expand(16, 15, config.features).reshape(-1, config.features).clone()
        labels = features[:, : config.label_size]
        masked = torch.arange(2, len(features), 5)
        labels, features[masked] = labels[masked].clone(), -1.0
        with torch.autocast("cpu", torch.bfloat16):
            output = model(features, lengths, masked)
        made = output.predictions.float(), output.likelihoods.float()
        loss = masked_gene_loss(*made, labels, 1e-4).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss))
    return losses


def test_a_training_learns_as_in_half_precision() -> None:
    half, fp8 = train(in_fp8=False), train(in_fp8=True)
    assert fp8 != half
    assert sum(half[-10:]) < 0.6 * sum(half[:10])  # it learns
    assert sum(fp8[-10:]) == pytest.approx(sum(half[-10:]), rel=0.05)


@pytest.mark.skipif(torch.cuda.is_available(), reason="tests/gpu runs the kernels themselves")
@pytest.mark.parametrize("shape", [(70, 130), (64, 64), (5, 16), (1, 3)])
@pytest.mark.parametrize("given", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", [fp8.VALUES, fp8.GRADIENTS], ids=["values", "gradients"])
def test_the_kernels_scale_as_torch_does(
    shape: tuple[int, int], given: torch.dtype, kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Triton's interpreter, which cannot round: numbers that FP8 has, times a power of two."""
    fp8_kernel = pytest.importorskip("glm.model.fp8_kernel")
    monkeypatch.setattr(fp8_kernel, "PROGRAMS", 2)  # it runs them one after another
    torch.manual_seed(1)
    matrix = torch.randn(shape).to(kind).float()
    matrix[-1, -1] = torch.finfo(kind).max
    matrix = (matrix / 32).to(given)
    expected = fp8.scaled(matrix, kind)
    found = fp8.Scaled(*fp8_kernel.to_fp8(matrix, kind == fp8.GRADIENTS))
    assert found.scale == expected.scale == 1 / 32
    for mine, theirs in zip(found[:2], expected[:2], strict=True):
        assert mine.is_contiguous()
        assert torch.equal(mine.float(), theirs.float())
    assert torch.equal(found.numbers.float() / 32, matrix.float())
