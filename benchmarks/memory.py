"""What a training step keeps in memory, counted: parameters, optimiser, and activations.

    python benchmarks/memory.py --batch 750 --precision bf16

Nothing here needs a GPU, and nothing is measured on one. Parameters and optimiser state are
counted on the meta device. Activations are what autograd saves for the backward pass, counted byte
by byte (each storage once) by a hook on saved tensors while small batches of 30-gene subcontigs go
through two and three layers of the published width; per layer and per subcontig they are the same
at any size, so the rest is arithmetic. An allowance is added for what no count shows: the CUDA
context, the workspaces of the matrix products, temporaries and fragmentation. Compiled layers save
less than is counted here.
"""

from __future__ import annotations

import json

import torch
from made_up import options
from torch import Tensor

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig
from glm.model.loss import masked_gene_loss

GENES = 30
MASKED_IN_TWO = 9  # 15 % of two subcontigs of 30
CONTEXT = 1.0e9  # CUDA context and library workspaces
FRAGMENTATION = 0.1  # of the activations
TARGET_BATCH, TARGET_BYTES = 750, 40e9
PRECISIONS = {"bf16": torch.bfloat16, "fp32": None}


def saved_bytes(layers: int, subcontigs: int, precision: str) -> int:
    """Bytes that autograd holds at the end of a forward pass, parameters not counted."""
    torch.manual_seed(0)
    config = GenomicLanguageModelConfig(layers=layers)
    model = GenomicLanguageModel(config).train()
    parameters = {value.untyped_storage().data_ptr() for value in model.parameters()}
    storages: dict[int, torch.UntypedStorage] = {}

    def keep(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        if storage.data_ptr() not in parameters:
            storages[storage.data_ptr()] = storage  # held, so that no address is used twice
        return value

    genes, masked = subcontigs * GENES, torch.arange(subcontigs // 2 * MASKED_IN_TWO) * 6
    features, labels = torch.randn(genes, config.features), torch.randn(genes, config.label_size)
    dtype = PRECISIONS[precision]
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value),
        torch.autocast("cpu", dtype=dtype, enabled=dtype is not None),
    ):
        output = model(features, torch.full((subcontigs,), GENES), masked)
        masked_gene_loss(output.predictions, output.likelihoods, labels[masked], 1e-4)
    return sum(storage.nbytes() for storage in storages.values())


def activations(layers: int, precision: str) -> tuple[float, float]:
    """Bytes saved once a step (casts of the weights) and for each subcontig of 30 genes."""
    saved = {
        (depth, batch): saved_bytes(depth, batch, precision) for depth in (2, 3) for batch in (2, 4)
    }

    def at(depth: int) -> tuple[float, float]:
        each = (saved[depth, 4] - saved[depth, 2]) / 2
        return saved[depth, 2] - 2 * each, each

    (once, each), (once_deeper, each_deeper) = at(2), at(3)
    more = layers - 2
    return once + more * (once_deeper - once), each + more * (each_deeper - each)


def main() -> None:
    """Print the budget and, as one line of JSON, what fits."""
    parser = options(__doc__)
    parser.add_argument("--batch", type=int, default=TARGET_BATCH, help="subcontigs on one GPU")
    parser.add_argument("--precision", choices=sorted(PRECISIONS), default="bf16")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    config = GenomicLanguageModelConfig()
    with torch.device("meta"):
        model = GenomicLanguageModel(config)
    parameters = 4 * sum(value.numel() for value in model.parameters())
    once, each = activations(config.layers, arguments.precision)
    fixed = {
        "parameters, float32": parameters,
        "their gradients": parameters,
        "two moments of AdamW": 2 * parameters,
        "casts of the weights": once,
        "CUDA context and workspaces (allowance)": CONTEXT,
    }
    inputs = 4 * GENES * (config.features + config.label_size)
    per_subcontig = each * (1 + FRAGMENTATION) + inputs
    for name, count in fixed.items():
        print(f"{name:42}{count / 1e9:8.2f} GB")
    print(f"{'activations of one subcontig':42}{each / 1e6:8.2f} MB")
    total = sum(fixed.values()) + arguments.batch * per_subcontig
    print(f"{f'all, at {arguments.batch} subcontigs':42}{total / 1e9:8.2f} GB")
    fits = {
        f"{size} GB": int((size * 1e9 - sum(fixed.values())) / per_subcontig) for size in (40, 80)
    }
    for size, batch in fits.items():
        print(f"{f'largest batch in {size}':42}{batch:8d} subcontigs")
    needed = sum(fixed.values()) + TARGET_BATCH * per_subcontig
    print(
        json.dumps(
            {
                "benchmark": "memory",
                "figures": {
                    "precision": arguments.precision,
                    "fixed_gigabytes": round(sum(fixed.values()) / 1e9, 3),
                    "activation_megabytes_per_subcontig": round(each / 1e6, 3),
                    "gigabytes_at_750": round(needed / 1e9, 2),
                    "largest_batch": fits,
                },
                "yardstick": None,
                "ratio": {"of_40_gigabytes": round(needed / TARGET_BYTES, 3)},
                "target": {"of_40_gigabytes": 1.0},
                "ok": needed <= TARGET_BYTES,
            }
        )
    )


if __name__ == "__main__":
    main()
