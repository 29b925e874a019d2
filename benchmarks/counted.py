"""What a training step of the published size computes and moves on a GPU, counted without one.

    python benchmarks/counted.py                                  # a micro-batch of 750 subcontigs
    python benchmarks/counted.py --subcontigs 1500 --products 620 --memory 2.7

One layer runs forward and backward on tensors without contents, under the processor's autocast in
bf16, and each operation is asked for its matrix products and for the bytes that it reads and
writes: what it would move uncompiled. That is done for each way the layer can be computed. The
times are what those counts take at rates that a GPU reaches (by default an H100's: 620 TFLOP/s in
bf16 products, twice that in FP8, 2.7 TB/s), operations one after another: no measurement, and the
upper end of what fusing leaves. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

import torch
from made_up import options
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from train_step import LONGEST, PUBLISHED, SHORTEST

from glm.model import GenomicLanguageModelConfig, Layout, attention_kernel, performance
from glm.model.genomic import Layer

PRODUCTS = ("mm", "addmm", "_scaled_mm")
VIEWS = ("view", "t", "transpose", "unsqueeze", "slice", "expand", "permute", "detach", "select",
         "_unsafe_view", "alias", "as_strided", "split", "unbind", "squeeze")  # fmt: skip
WAYS = ("plain", "fused attention", "and half residual", "and FP8 products")
TARGET = 0.6  # of the plain layer's bytes outside the products, with all of it


class Count(TorchDispatchMode):
    """Bytes read and written, and products in FLOP by the width of their numbers."""

    def __init__(self) -> None:
        """Nothing has been counted."""
        super().__init__()
        self.moved: Counter[str] = Counter()
        self.flop: Counter[str] = Counter()

    def __torch_dispatch__(
        self, function: Any, types: Any, given: Any = (), options: Any = None
    ) -> Any:
        """Count an operation, and do it."""
        made = function(*given, **(options or {}))
        name = function.overloadpacket.__name__
        if name not in VIEWS:
            tensors = [one for one in tree_leaves((given, made)) if isinstance(one, torch.Tensor)]
            kind = "products" if name in PRODUCTS else "between"
            self.moved[kind] += sum(one.numel() * one.element_size() for one in tensors)
        if name in PRODUCTS:
            matrices = [one for one in given if isinstance(one, torch.Tensor) and one.ndim == 2]
            left, right = matrices[:2]
            width = "fp8" if left.element_size() == 1 else "half"
            self.flop[width] += 2 * left.shape[0] * left.shape[1] * right.shape[1]
        return made


def count_layer(way: str, subcontigs: int) -> Count:
    """One layer, forward and backward, in a way and all that stand before it in WAYS."""
    enabled = WAYS[: WAYS.index(way) + 1]
    sizes = {name: size for name, size in PUBLISHED.items() if name != "layers"}
    lengths = torch.randint(
        SHORTEST, LONGEST + 1, (subcontigs,), generator=torch.Generator().manual_seed(1)
    )
    genes = int(lengths.sum())
    real = Layout.of(lengths)  # its shapes are its contents', so it is made of numbers
    counted = Count()
    plain = performance.fused_attention, performance.enabled
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        assert real.slots is not None
        assert real.real is not None
        tables = (fake.from_tensor(each) for each in (real.slots, real.real, real.starts))
        layout = Layout(real.subcontigs, real.longest, *tables)
        layer = Layer(GenomicLanguageModelConfig(**sizes)).train()
        for module in layer.modules():
            if isinstance(module, performance.LayerNorm):
                module.stays_half = "and half residual" in enabled
            if isinstance(module, performance.Linear):
                module.in_fp8 = "and FP8 products" in enabled
        performance.enabled = False  # torch's own operations, as on a GPU
        if "fused attention" in enabled:
            performance.fused_attention = lambda packed, *of: attention_kernel.usable(*of)
        kind = torch.bfloat16 if "and half residual" in enabled else torch.float32
        hidden = torch.randn(genes, sizes["hidden_size"], dtype=kind)
        hidden.requires_grad_()
        try:
            with counted:
                with torch.autocast("cpu", torch.bfloat16):
                    found, _ = layer(hidden, layout)
                found.backward(torch.ones_like(found))
        finally:
            performance.fused_attention, performance.enabled = plain
    return counted


def milliseconds(counted: Count, arguments: argparse.Namespace) -> dict[str, float]:
    """How long a layer's products, and what lies between them, take at the given rates."""
    rate = arguments.products * 1e12
    products = counted.flop["half"] / rate + counted.flop["fp8"] / (2 * rate)
    return {
        "products": 1e3 * products,
        "between": 1e3 * counted.moved["between"] / (arguments.memory * 1e12),
    }


def main(arguments: argparse.Namespace) -> None:
    """Print the table, and one line of JSON."""
    figures = {}
    print(f"one layer, {arguments.subcontigs} subcontigs, forward and backward")
    print(f"{'':22}{'GB moved':>10}{'between':>10}{'ms products':>13}{'ms between':>12}{'MFU':>7}")
    for way in WAYS:
        counted = count_layer(way, arguments.subcontigs)
        took = milliseconds(counted, arguments)
        work = sum(counted.flop.values())
        share = work / (sum(took.values()) / 1e3) / (arguments.peak * 1e12)
        between, moved = counted.moved["between"] / 1e9, sum(counted.moved.values()) / 1e9
        figures[way] = {
            "gigabytes_moved": round(moved, 2),
            "gigabytes_between_products": round(between, 2),
            "teraflop": round(work / 1e12, 3),
            **{f"milliseconds_{name}": round(value, 2) for name, value in took.items()},
            "mfu": round(share, 3),
        }
        print(
            f"{way:22}{moved:10.2f}{between:10.2f}{took['products']:13.2f}{took['between']:12.2f}"
            f"{share:7.2f}"
        )
    plain, best = (figures[way]["gigabytes_between_products"] for way in (WAYS[0], WAYS[2]))
    print(
        json.dumps(
            {
                "benchmark": "counted",
                "figures": figures,
                "yardstick": WAYS[0],
                "ratio": round(best / plain, 3),
                "target": TARGET,
                "ok": best / plain <= TARGET,
            }
        )
    )


def parser() -> argparse.ArgumentParser:
    """Options of the benchmark."""
    made = options(__doc__)
    made.add_argument("--subcontigs", type=int, default=750)
    made.add_argument("--products", type=float, default=620, help="TFLOP/s in bf16 products")
    made.add_argument("--memory", type=float, default=2.7, help="TB/s")
    made.add_argument("--peak", type=float, default=989, help="TFLOP/s of the data sheet, bf16")
    return made


if __name__ == "__main__":
    main(parser().parse_args())
