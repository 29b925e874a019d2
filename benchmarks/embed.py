"""Residues per second of this embedder against fair-esm as the paper used it.

    python benchmarks/embed.py                                   # CPU, the 8M architecture
    python benchmarks/embed.py --device cuda --model t33_650M --precision bf16

The proteins are those of E. coli K-12 in resources/demo. Both sides embed the same sample of them
with the same random weights (speed does not depend on the weights). fair-esm 2.0.0 makes batches
of proteins sorted by length under a budget of 12,290 tokens, padded, as the paper did, in the
precision of `--yardstick-precision`. Rounds alternate which side goes first; the ratio reported is
the median of the rounds' ratios. In half precision, what that costs is measured too: the smallest
cosine to fp32 of 300 proteins by the demo's trained model, as they are and standardised. On a GPU
that cards.RESIDUES names, the 650M architecture must then reach that rate. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import esm
import numpy as np
import torch
from cards import PEAKS, RESIDUES
from made_up import CLOCKS, ROOT, finish, options
from torch import Tensor
from transformers import EsmModel

from glm.embedding.alphabet import TOKENS, Truncation
from glm.embedding.batching import embed_sequences
from glm.embedding.checkpoints import from_fair_esm_state
from glm.embedding.packed import PRECISIONS, PackedEncoder
from glm.embedding.protein_model import load_model

DEMO = ROOT / "resources" / "demo"
PROTEINS = DEMO / "reference/GCF_000005845.2_ASM584v2_protein.faa.gz"
# layers, features, heads
ARCHITECTURES = {"t6_8M": (6, 320, 20), "t12_35M": (12, 480, 20), "t33_650M": (33, 1280, 20)}
YARDSTICK_TOKENS = 12290
TARGET = {"cpu": 4.0, "cuda": None}


def read_proteins(count: int, seed: int) -> list[str]:
    """A sample of K-12's proteins, in random order (all of them several times, if need be)."""
    with gzip.open(PROTEINS, "rt") as handle:
        records = handle.read().split(">")[1:]
    proteins = ["".join(record.split("\n")[1:]).replace("*", "") for record in records]
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(proteins))[:count]
    if count > len(proteins):
        drawn = rng.integers(0, len(proteins), count)
    return [proteins[i] for i in drawn]


def embed_padded(
    hidden_of: Callable[[Tensor], Tensor], proteins: list[str], features: int, device: torch.device
) -> np.ndarray:
    """Mean-pooled embeddings as fair-esm's own extraction script makes them, in padded batches.

    hidden_of: the last hidden layer of (proteins, longest) tokens.
    """
    alphabet = esm.Alphabet.from_architecture("ESM-1b")
    dataset = esm.FastaBatchedDataset([str(i) for i in range(len(proteins))], proteins)
    batches = dataset.get_batch_indices(YARDSTICK_TOKENS, extra_toks_per_seq=2)
    loader = torch.utils.data.DataLoader(
        dataset, collate_fn=alphabet.get_batch_converter(), batch_sampler=batches
    )
    embedded = np.empty((len(proteins), features), np.float32)
    with torch.inference_mode():
        for labels, sequences, tokens in loader:
            hidden = hidden_of(tokens.to(device))
            for row, label, sequence in zip(hidden, labels, sequences, strict=True):
                mean = row[1 : len(sequence) + 1].float().mean(0)
                embedded[int(label)] = mean.cpu().numpy()
    return embedded


def seconds(run: Callable[[], np.ndarray], clock: Callable[[], float]) -> float:
    """Time of a run; its results reach the host's memory before it ends."""
    start = clock()
    run()
    return clock() - start


def operations(architecture: tuple[int, int, int], proteins: list[str]) -> float:
    """Floating-point operations of a forward pass over the proteins' tokens, padding left out."""
    layers, features, _ = architecture
    lengths = np.array([len(protein) + 2 for protein in proteins], float)
    matrices = 2 * 12 * features**2 * lengths.sum()
    attention = 4 * features * np.square(lengths).sum()
    return float(layers * (matrices + attention))


def cosines(precision: str, device: torch.device, seed: int) -> dict[str, float]:
    """Smallest cosine of an embedding in `precision` to that in fp32, of 300 proteins.

    Of the embeddings as they are, and standardised by the fp32 ones' mean and deviation.
    """
    model, proteins = load_model(DEMO / "protein_model"), read_proteins(300, seed)
    exact, half = (
        embed_sequences(PackedEncoder(model, PRECISIONS[kind], device), proteins, Truncation())
        for kind in ("fp32", precision)
    )
    mean, deviation = exact.mean(0), exact.std(0)

    def smallest(a: np.ndarray, b: np.ndarray) -> float:
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        return round(float(((a * b).sum(1) / lengths).min()), 7)

    scaled = ((rows - mean) / deviation for rows in (exact, half))
    return {"as they are": smallest(exact, half), "standardised": smallest(*scaled)}


def transformers_rate(model: EsmModel, proteins: list[str], device: torch.device) -> float:
    """Residues a second of transformers' own model, with its fused attention, in those batches."""

    def hidden_of(tokens: Tensor) -> Tensor:
        found = model(tokens, attention_mask=tokens != model.config.pad_token_id)
        hidden: Tensor = found.last_hidden_state
        return hidden

    def run() -> np.ndarray:
        return embed_padded(hidden_of, proteins, model.config.hidden_size, device)

    run()
    return sum(map(len, proteins)) / seconds(run, time.perf_counter)


def parser() -> argparse.ArgumentParser:
    """The benchmark's options."""
    made = options(__doc__)
    made.add_argument("--model", choices=ARCHITECTURES, default="t6_8M")
    made.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    made.add_argument("--precision", choices=PRECISIONS, default="fp32", help="of this embedder")
    made.add_argument("--yardstick-precision", choices=PRECISIONS, default="fp32")
    made.add_argument("--proteins", type=int, default=120, help="in a round (default: 120)")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--clock", choices=CLOCKS, default="wall", help="wall or processor time")
    made.add_argument("--tokens-per-batch", type=int, default=65536)
    made.add_argument("--seed", type=int, default=1)
    return made


def main(arguments: argparse.Namespace) -> int:
    """Measure and print; exit status 1 if the target is missed."""
    torch.manual_seed(arguments.seed)
    device = torch.device(arguments.device)
    architecture = ARCHITECTURES[arguments.model]
    layers, features, heads = architecture
    yardstick = esm.model.esm2.ESM2(layers, features, heads, alphabet="ESM-1b").eval()
    model = from_fair_esm_state(yardstick.state_dict(), layers, features, heads, True)
    encoder = PackedEncoder(model, PRECISIONS[arguments.precision], device)
    yardstick = yardstick.to(device, PRECISIONS[arguments.yardstick_precision])
    assert len(TOKENS) == yardstick.alphabet_size

    def ours(proteins: list[str]) -> np.ndarray:
        return embed_sequences(
            encoder, proteins, Truncation(), arguments.tokens_per_batch, arguments.threads
        )

    def by_fair_esm(tokens: Tensor) -> Tensor:
        found: Tensor = yardstick(tokens, repr_layers=[layers])["representations"][layers]
        return found

    def theirs(proteins: list[str]) -> np.ndarray:
        torch.set_num_threads(arguments.threads)
        return embed_padded(by_fair_esm, proteins, features, device)

    sample = read_proteins(8, arguments.seed)
    difference = float(np.abs(ours(sample) - theirs(sample)).max())
    rounds: list[dict[str, float]] = []
    for number in range(arguments.rounds):
        proteins = read_proteins(arguments.proteins, arguments.seed + number)
        residues = sum(map(len, proteins))
        sides: list[tuple[str, Callable[[list[str]], np.ndarray]]] = [
            ("ours", ours),
            ("yardstick", theirs),
        ]
        rates = {}
        for name, side in sides if number % 2 else reversed(sides):
            rates[name] = residues / seconds(partial(side, proteins), CLOCKS[arguments.clock])
        rates["teraflops"] = operations(architecture, proteins) * rates["ours"] / residues / 1e12
        rounds.append(rates)
        print(
            f"round {number + 1}: {rates['ours']:,.0f} residues/s, fair-esm "
            f"{rates['yardstick']:,.0f}, ratio {rates['ours'] / rates['yardstick']:.2f}",
            flush=True,
        )
    found: dict[str, Any] = {}
    if arguments.precision != "fp32":
        found["smallest_cosine"] = cosines(arguments.precision, device, arguments.seed)
        print(f"smallest cosine of {arguments.precision} to fp32: {found['smallest_cosine']}")
    ratios = [rates["ours"] / rates["yardstick"] for rates in rounds]
    ratio, target = statistics.median(ratios), TARGET[arguments.device]
    asked = 0
    figures: dict[str, Any] = {
        **found,
        "residues_per_second": round(statistics.median(r["ours"] for r in rounds)),
        "teraflops": round(statistics.median(r["teraflops"] for r in rounds), 3),
        "ratios": [round(value, 2) for value in ratios],
        "largest_difference": difference,
        **{key: value for key, value in vars(arguments).items() if key != "seed"},
    }
    if arguments.device == "cuda":
        figures["gpu"] = torch.cuda.get_device_name()
        placed: torch.nn.Module = model
        placed.to(device, encoder.precision)
        figures["transformers_residues_per_second"] = round(
            transformers_rate(model, proteins, device)
        )
        kind = next((name for name in PEAKS if name in figures["gpu"]), None)
        if kind:
            figures["share_of_peak"] = round(figures["teraflops"] / PEAKS[kind], 3)
            if arguments.model == "t33_650M" and arguments.precision != "fp32":
                asked = RESIDUES.get(kind, 0)
    report = {
        "benchmark": "embed",
        "figures": figures,
        "yardstick": round(statistics.median(r["yardstick"] for r in rounds)),
        "ratio": round(ratio, 2),
        "target": asked or target,
        "ok": ratio >= (target or 0) and figures["residues_per_second"] >= asked,
    }
    return finish(report)


if __name__ == "__main__":
    sys.exit(main(parser().parse_args()))
