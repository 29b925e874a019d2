"""The fused attention against the model's own, in Triton's interpreter, and compiled for GPUs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from torch import Tensor

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, Layout, performance

pytest.importorskip("triton")
if torch.cuda.is_available():
    pytest.skip("there is a GPU: tests/gpu runs the kernels themselves", allow_module_level=True)
from glm.model import attention_kernel as kernel
from glm.model.kernel_check import check_kernels

LENGTHS = [32, 1, 7, 30, 15, 31, 2]
COMPILE = """
import torch, triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from glm import norm_kernel as norm
from glm.model import attention_kernel as attention, fp8_kernel as fp8

HALF = "qkv out gradient for_qkv state added total for_state for_added matrix"
WHOLE = "table for_table weight bias parts scale"
types = {name: "*bf16" for name in HALF.split()} | {name: "*fp32" for name in WHOLE.split()}
types |= {name: "i32" for name in "middle rows items features columns padded".split()}
types |= {name: "fp32" for name in "drop epsilon most smallest".split()}
types |= {"starts": "*i32", "seed": "*i64", "numbers": "*fp8e5", "turned": "*fp8e5"}
of_heads = {"heads": 10, "size": 128, "tile": attention.GENES, "dropping": True}
of_rows = {"block": 2048, "dropping": True}
for capability in (80, 90):
    for kernel, options, constants, given in (
        (attention.forward_kernel, attention.FORWARD_OPTIONS, of_heads, {"scale": "fp32"}),
        (attention.backward_kernel, attention.BACKWARD_OPTIONS, of_heads, {"scale": "fp32"}),
        (norm.add_norm_kernel, norm.OPTIONS, of_rows, {}),
        (norm.add_norm_backward_kernel, norm.OPTIONS, of_rows, {}),
        (fp8.largest_kernel, fp8.OPTIONS, {"block": fp8.BLOCK}, {"size": "i32"}),
        (fp8.cast_kernel, fp8.OPTIONS, {"programs": fp8.PROGRAMS, "tile": fp8.TILE}, {}),
    ):
        signature = {
            name: "constexpr" if name in constants else {**types, **given}[name]
            for name in kernel.arg_names
        }
        source = ASTSource(kernel, signature, constants)
        built = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
        print(capability, kernel.fn.__name__, len(built.asm["cubin"]))
"""


def run(
    model: GenomicLanguageModel, features: Tensor, lengths: list[int], masked: Tensor | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Hidden states, or those of the masked genes, and all gradients."""
    model.zero_grad()
    given = features.clone().requires_grad_()
    output = model(given, torch.tensor(lengths), masked=masked)
    weights = torch.linspace(-1, 1, output.hidden.numel()).view_as(output.hidden)
    (output.hidden * weights).sum().backward()
    assert given.grad is not None
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return output.hidden, {"features": given.grad, **gradients}


@pytest.mark.parametrize("lengths", [LENGTHS, [30, 30], [1]], ids=["ragged", "equal", "one"])
@pytest.mark.parametrize("hidden_size", [32, 128])
@pytest.mark.parametrize("some", [False, True], ids=["all genes", "masked genes"])
def test_it_is_the_models_attention(
    monkeypatch: pytest.MonkeyPatch, lengths: list[int], hidden_size: int,
    some: bool,
) -> None:  # fmt: skip
    torch.manual_seed(1)
    config = GenomicLanguageModelConfig(
        layers=2, hidden_size=hidden_size, heads=2, feed_forward_size=16, embedding_size=12,
        dropout=0.0, maximum_distance=40, distance_initializer_range=0.5, initializer_range=0.1,
    )  # fmt: skip
    model = GenomicLanguageModel(config).train()
    features = torch.randn(sum(lengths), config.features)
    masked = torch.arange(0, sum(lengths), 4) if some else None
    expected, wanted = run(model, features, lengths, masked)
    used = []

    def whenever_usable(packed: Tensor, longest: int, head_size: int) -> bool:
        used.append(longest)
        return kernel.usable(longest, head_size)

    monkeypatch.setattr(performance, "fused_attention", whenever_usable)
    found, gradients = run(model, features, lengths, masked)
    assert used == [max(lengths)] * 2
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert gradients.keys() == wanted.keys()
    for name, value in gradients.items():
        scale = wanted[name].abs().max().clamp(min=1e-6)
        torch.testing.assert_close(value / scale, wanted[name] / scale, rtol=0, atol=1e-4)


def test_dropout_is_of_the_weights_by_the_seed_and_goes_back_the_same_way() -> None:
    """Values that pick one gene each show which weights stayed; the gradient meets the same."""
    torch.manual_seed(2)
    genes, size, drop = 16, 16, 0.5
    layout = Layout.of(torch.tensor([genes, genes]))
    table = torch.zeros(2 * 40 - 1, size)
    qkv = torch.zeros(2 * genes, 3 * size)
    qkv[:, 2 * size :] = torch.eye(genes).repeat(2, 1)  # all weights are 1 / 16
    qkv.requires_grad_()

    def mixed(seed: int) -> Tensor:
        return kernel.relative_attention(qkv, table, layout.starts, torch.tensor([seed]), 1, drop)

    stayed = mixed(5).detach() * genes
    assert stayed.unique().tolist() == [0.0, 1 / (1 - drop)]
    assert 0.4 < float((stayed > 0).float().mean()) < 0.6
    assert not torch.equal(stayed[:genes], stayed[genes:])
    assert torch.equal(mixed(5).detach() * genes, stayed)
    assert not torch.equal(mixed(6).detach() * genes, stayed)
    given = torch.randn(2 * genes, size)
    (gradient,) = torch.autograd.grad(mixed(5), qkv, given)
    of_values = gradient[:, 2 * size :].unflatten(0, (2, genes))
    expected = stayed.unflatten(0, (2, genes)).transpose(1, 2) @ given.unflatten(0, (2, genes))
    torch.testing.assert_close(of_values, expected / genes)


def test_what_it_does_not_take() -> None:
    assert kernel.usable(32, 128)
    assert not kernel.usable(33, 128)
    assert not kernel.usable(32, 48)
    assert not performance.fused_attention(torch.zeros(3, 6), 3, 16)  # on a processor


def test_it_compiles_for_a100_and_h100() -> None:
    """The machine code of both, by Triton's own compiler: no GPU is needed."""
    environment = {**os.environ, "TRITON_INTERPRET": "0"}
    done = subprocess.run(
        [sys.executable, "-c", COMPILE],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    built = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[1]) for line in built] == [
        (capability, name)
        for capability in ("80", "90")
        for name in (
            "forward_kernel",
            "backward_kernel",
            "add_norm_kernel",
            "add_norm_backward_kernel",
            "largest_kernel",
            "cast_kernel",
        )
    ]
    assert all(int(line[2]) > 1000 for line in built)


@pytest.mark.parametrize(
    ("kernels", "message"),
    [
        ("right", None),
        ("wrong", "its result differs by"),
        ("wrong gradient", "its result differs by"),
        ("broken", "RuntimeError: no such card"),
    ],
)
def test_a_kernel_that_does_not_hold_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kernels: str,
    message: str | None,
) -> None:  # fmt: skip
    """As on a GPU that nobody has tried."""
    config = GenomicLanguageModelConfig(
        layers=1, hidden_size=32, heads=2, feed_forward_size=16, embedding_size=12
    )
    model = GenomicLanguageModel(config)

    def attention(self: object, packed: Tensor, layout: Layout) -> Tensor:
        if kernels == "broken":
            raise RuntimeError("no such card")
        module = model.layers[0].attention
        found = kernel.relative_attention(
            packed, module.distance.weight, layout.starts, torch.tensor([1]), module.heads, 0.0
        )
        if kernels == "wrong gradient":  # of the distance table alone, as a GPU's once was
            table = module.distance.weight
            return found + (0.5 * table.sum() - 0.5 * table.detach().sum()) * found.detach()
        return found if kernels == "right" else -found

    monkeypatch.setattr(type(model.layers[0].attention), "fused", attention)
    monkeypatch.setattr(performance, "kernels", True)
    monkeypatch.setattr(performance, "fused_attention", lambda *given: performance.kernels)
    monkeypatch.setattr("glm.model.kernel_check.DEVICES", ("cpu",))
    check_kernels(model)
    assert performance.kernels == (message is None)
    assert (message or "") in caplog.text
    assert bool(caplog.text) == (message is not None)
