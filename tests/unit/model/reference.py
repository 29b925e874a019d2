"""The gLM written as plainly as possible, gene pair by gene pair, in float64.

From facts alone: one subcontig at a time, no padding, no packing, a loop over every pair.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def layer_norm(values: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    centred = values - values.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + eps).sqrt() * weight + bias


def gelu(values: Tensor) -> Tensor:
    return values * (1 + torch.erf(values / math.sqrt(2))) / 2


def attend(
    query: Tensor, key: Tensor, value: Tensor, distance: Tensor, maximum: int
) -> tuple[Tensor, Tensor]:
    """One head of one subcontig: (L, d) each; returns (L, d) and the attention (L, L)."""
    length, size = query.shape
    rows = []
    for left in range(length):
        scores = []
        for right in range(length):
            apart = distance[left - right + maximum - 1]
            score = query[left] @ key[right] + query[left] @ apart + key[right] @ apart
            scores.append(score / math.sqrt(size))
        exponents = torch.stack(scores).exp()
        rows.append(exponents / exponents.sum())
    attention = torch.stack(rows)
    return attention @ value, attention


def encode(
    features: Tensor, state: dict[str, Tensor], layers: int, heads: int, eps: float
) -> tuple[Tensor, Tensor]:
    """One subcontig, (L, features), to hidden states (L, hidden) and (layers, heads, L, L)."""

    def linear(values: Tensor, name: str) -> Tensor:
        return values @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(values: Tensor, name: str) -> Tensor:
        return layer_norm(values, state[f"{name}.weight"], state[f"{name}.bias"], eps)

    hidden = norm(linear(features, "input_projection") + state["token_type.weight"][0], "norm")
    attentions = []
    for layer in range(layers):
        name = f"layers.{layer}"
        mixed = linear(hidden, f"{name}.attention.query_key_value")
        query, key, value = mixed.chunk(3, 1)
        distance = state[f"{name}.attention.distance.weight"]
        maximum = (len(distance) + 1) // 2
        of_heads = [
            attend(q, k, v, distance, maximum)
            for q, k, v in zip(*(part.chunk(heads, 1) for part in (query, key, value)), strict=True)
        ]
        context = torch.cat([context for context, _ in of_heads], 1)
        attentions.append(torch.stack([attention for _, attention in of_heads]))
        hidden = norm(
            hidden + linear(context, f"{name}.attention_output"), f"{name}.attention_norm"
        )
        wide = gelu(linear(hidden, f"{name}.up_projection"))
        hidden = norm(hidden + linear(wide, f"{name}.down_projection"), f"{name}.feed_forward_norm")
    return hidden, torch.stack(attentions)


def predict(
    features: Tensor,
    lengths: list[int],
    state: dict[str, Tensor],
    layers: int,
    heads: int,
    predictions: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """All packed genes: hidden, predictions, likelihoods, and each subcontig's attention."""
    encoded = [encode(part, state, layers, heads, eps) for part in features.split(lengths)]
    hidden = torch.cat([part for part, _ in encoded])
    labels = hidden @ state["prediction_head.weight"].T + state["prediction_head.bias"]
    likelihoods = hidden @ state["likelihood_head.weight"].T + state["likelihood_head.bias"]
    return (
        hidden,
        labels.view(len(hidden), predictions, -1),
        likelihoods,
        [attention for _, attention in encoded],
    )
