"""The same numbers on a GPU as on the processor: gLM, biLSTM, ESM-2, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.gpu.conftest import relative_error
from torch import Tensor
from transformers import EsmConfig, EsmModel

from glm.embedding.batching import embed_sequences
from glm.embedding.packed import PackedEncoder
from glm.inference.contexts import Windows
from glm.inference.copied import Copied
from glm.model import (
    BidirectionalLSTM,
    BidirectionalLSTMConfig,
    GenomicLanguageModel,
    GenomicLanguageModelConfig,
    Layout,
    performance,
)
from glm.model.fp8 import fp8_linear
from glm.model.kernel_check import check_kernels

HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}
# relative errors against float64: predictions, and the worst gradient of a parameter
LIMITS = {"fp32": (1e-5, 1e-4), "bf16": (0.03, 0.15), "fp16": (0.005, 0.03)}
LENGTHS = [30, 15, 22, 32, 1, 2, 27, 30]


def gLM(longest: int = 40) -> GenomicLanguageModel:  # noqa: N802
    torch.manual_seed(0)
    config = GenomicLanguageModelConfig(
        layers=3, hidden_size=128, heads=2, feed_forward_size=192, embedding_size=33,
        dropout=0.0, distance_initializer_range=0.5, maximum_distance=longest,
    )  # fmt: skip
    return GenomicLanguageModel(config).train()


def run(
    model: GenomicLanguageModel, device: torch.device, kind: str, lengths: list[int] = LENGTHS
) -> tuple[Tensor, dict[str, Tensor]]:
    """Predictions of masked genes, and gradients of a loss without choices for rounding to turn."""
    generator = torch.Generator().manual_seed(1)
    dtype = next(model.parameters()).dtype
    features = torch.randn(sum(lengths), model.config.features, generator=generator).to(
        device, dtype
    )
    masked = torch.arange(0, sum(lengths), 6, device=device)
    model.to(device).zero_grad()
    scale = 1024.0 if kind == "fp16" else 1.0
    with torch.autocast(device.type, HALF.get(kind), enabled=kind in HALF):
        output = model(features, Layout.of(torch.tensor(lengths), device), masked)
    weights = torch.linspace(-1, 1, output.predictions.numel(), device=device, dtype=dtype)
    loss = (output.predictions.to(dtype).flatten() * weights).mean()
    (scale * (loss + output.likelihoods.to(dtype).square().mean())).backward()
    gradients = {n: p.grad / scale for n, p in model.named_parameters() if p.grad is not None}
    return output.predictions, gradients


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "no kernels"])
@pytest.mark.parametrize("half", [False, True], ids=["whole", "half residual"])
def test_the_model_is_that_of_float64(
    device: torch.device, monkeypatch: pytest.MonkeyPatch, kind: str, kernels: bool, half: bool
) -> None:
    if device.type == "cpu" and kind == "fp16":
        pytest.skip("a processor trains in bf16")
    monkeypatch.setattr(performance, "kernels", kernels and performance.kernels)
    exact, wanted = run(gLM().double(), torch.device("cpu"), "fp32")
    model = gLM()
    model.keep_residual_half(half)
    found, gradients = run(model, device, kind)
    of_predictions, of_gradients = LIMITS[kind]
    assert relative_error(found, exact) < of_predictions
    errors = {name: relative_error(gradients[name], wanted[name]) for name in wanted}
    worst = max(errors, key=lambda name: errors[name])
    assert errors[worst] < of_gradients, worst


@pytest.mark.parametrize("half", [False, True], ids=["whole", "half residual"])
def test_a_compiled_model_is_that_of_float64(device: torch.device, half: bool) -> None:
    exact, wanted = run(gLM().double(), torch.device("cpu"), "fp32")
    model = gLM()
    model.keep_residual_half(half)
    model.to(device).compile_layers(backend="aot_eager" if device.type == "cpu" else "inductor")
    run(model, device, "bf16", [30, 30, 30])
    found, gradients = run(model, device, "bf16")
    of_predictions, of_gradients = LIMITS["bf16"]
    assert relative_error(found, exact) < of_predictions
    assert max(relative_error(gradients[name], wanted[name]) for name in wanted) < of_gradients


def test_fp8_products_are_those_of_a_processor(device: torch.device) -> None:
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < (8, 9):
        pytest.skip("this GPU has no FP8")
    torch.manual_seed(0)
    values, weight, bias, given = (
        torch.randn(shape) for shape in ((70, 64), (96, 64), (96,), (70, 96))
    )

    def numbers(where: torch.device) -> list[Tensor]:
        leaves = [each.to(where).requires_grad_() for each in (values, weight, bias)]
        found = fp8_linear(*leaves, torch.bfloat16)
        return [found, *torch.autograd.grad(found, leaves, given.to(where, torch.bfloat16))]

    for found, wanted in zip(numbers(device), numbers(torch.device("cpu")), strict=True):
        assert relative_error(found, wanted) < 0.01


@pytest.mark.parametrize("half", [False, True], ids=["whole", "half residual"])
def test_the_kernels_are_used(device: torch.device, half: bool) -> None:
    """What `check_kernels` holds against a layer without them is near enough."""
    model = gLM()
    model.keep_residual_half(half)
    check_kernels(model.to(device))
    assert performance.kernels == (device.type == "cuda")


def test_dropout_of_the_kernels_is_the_same_there_and_back(device: torch.device) -> None:
    """A gradient is the slope of the loss, with what was dropped dropped again."""
    if device.type == "cpu":
        pytest.skip("the kernels' own tests hold this in Triton's interpreter")
    torch.manual_seed(0)
    state, added, up = torch.randn(3, 40, 256, device=device, dtype=torch.float64).float()
    weight, bias = torch.ones(2, 256, device=device)
    seed = torch.tensor([7], device=device)
    added.requires_grad_()

    def loss(moved: Tensor) -> Tensor:
        return (torch.ops.glm.add_norm(state, moved, weight, bias, seed, 0.3, 1e-5)[0] * up).sum()

    (slope,) = torch.autograd.grad(loss(added), added)
    step = 1e-2 * torch.randn_like(added)
    with torch.no_grad():
        rise = (loss(added + step) - loss(added - step)) / 2
    assert 0.2 < float((slope == 0).float().mean()) < 0.4
    assert float(rise) == pytest.approx(float((slope * step).sum()), rel=0.02)


def test_gradients_are_the_same_twice(device: torch.device) -> None:
    """The distance table's among them, whose sum has a fixed order."""
    model = gLM()
    _, first = run(model, device, "bf16")
    first = {name: value.clone() for name, value in first.items()}
    _, second = run(model, device, "bf16")
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_ways_to_read_agree(device: torch.device) -> None:
    """Masked genes alone, all genes, with attention, and each subcontig by itself."""
    model = gLM().to(device).eval()
    features = torch.randn(sum(LENGTHS), model.config.features, device=device)
    lengths, masked = torch.tensor(LENGTHS), torch.arange(0, sum(LENGTHS), 6, device=device)
    with torch.no_grad():
        fast = model(features, lengths, masked).predictions
        every = model(features, lengths).predictions.index_select(0, masked)
        asked = model(features, lengths, masked, return_attention=True)
        alone = [
            model.contextualise(part, torch.tensor([len(part)])).hidden
            for part in features.split(LENGTHS)
        ]
        together = model.contextualise(features, lengths).hidden
    assert relative_error(fast, every) < 1e-5
    assert relative_error(asked.predictions, fast) < 1e-5
    assert relative_error(torch.cat(alone), together) < 1e-5


def test_the_baseline_keeps_small_gradients_in_half_precision(device: torch.device) -> None:
    """At the paper's batch: the loss is divided by some 13,500 masked genes."""
    torch.manual_seed(0)
    config = BidirectionalLSTMConfig(
        hidden_size=128, embedding_size=64, layers=2, label_components=99
    )
    model, lengths = BidirectionalLSTM(config).train(), torch.tensor([15, 30, 22, 17])
    features = torch.randn(int(lengths.sum()), config.features)

    def gradients(where: torch.device, half: bool) -> dict[str, Tensor]:
        model.to(where).zero_grad()
        with torch.autocast(where.type, torch.bfloat16, enabled=half):
            predictions = model(
                features.to(where, next(model.parameters()).dtype), lengths
            ).predictions
        (predictions.square().sum() / 13_500).backward()
        return {n: p.grad.double().cpu() for n, p in model.named_parameters() if p.grad is not None}

    found = gradients(device, half=True)
    model.double()
    exact = gradients(torch.device("cpu"), half=False)
    for name, value in exact.items():
        assert relative_error(found[name], value) < 1e-3
        assert ((found[name] == 0) & (value != 0)).double().mean() < 0.01


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_proteins_are_embedded_as_by_transformers(device: torch.device, kind: torch.dtype) -> None:
    if device.type == "cpu" and kind == torch.float16:
        pytest.skip("a processor embeds in fp32 or bf16")
    torch.manual_seed(0)
    config = EsmConfig(
        vocab_size=33, mask_token_id=32, pad_token_id=1, position_embedding_type="rotary",
        hidden_size=128, num_hidden_layers=4, num_attention_heads=2, intermediate_size=512,
        emb_layer_norm_before=False, token_dropout=True, max_position_embeddings=1026,
        attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0,
    )  # fmt: skip
    model = EsmModel(config, add_pooling_layer=False).eval()
    letters, random = np.array([*"LAGVSERTIDPKQNFYMHWC"]), np.random.default_rng(1)
    proteins = ["".join(random.choice(letters, n)) for n in (3, 17, 64, 64, 65, 129, 300, 301)]
    alphabet = {letter: number for number, letter in enumerate("LAGVSERTIDPKQNFYMHWC", 4)}
    exact = []
    with torch.no_grad():
        for protein in proteins:
            tokens = torch.tensor([[0, *(alphabet[letter] for letter in protein), 2]])
            exact.append(model(tokens).last_hidden_state[0, 1:-1].mean(0))
    encoder = PackedEncoder(model, kind, device)
    packed = torch.from_numpy(embed_sequences(encoder, proteins))
    alone = torch.cat([torch.from_numpy(embed_sequences(encoder, [one])) for one in proteins])
    assert relative_error(packed, torch.stack(exact)) < (1e-4 if kind == torch.float32 else 0.05)
    assert relative_error(alone, packed) < (1e-5 if kind == torch.float32 else 0.02)


def test_a_batch_is_ordered_cast_and_checked_where_it_is(device: torch.device) -> None:
    read = torch.randn(5, 3)
    read[3, 1], read[4, 0] = 1e6, float("nan")
    order = np.array([2, 0, 1, 4, 3])
    windows = Windows(np.array([0]), np.arange(5), np.array([5]), order)
    rows, finite, still = Copied.of(windows, read.to(device), torch.float16).arrays()
    expected = np.empty((5, 3), np.float16)
    with np.errstate(over="ignore"):
        expected[order] = read.numpy().astype(np.float16)
    np.testing.assert_array_equal(rows, expected)
    assert finite.tolist() == [True, True, True, False, True]
    assert still.tolist() == [True, True, True, False, False]
