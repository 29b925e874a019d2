"""ESM-2's forward pass over packed proteins: no padding, one attention call for equal lengths.

The weights are those of transformers' `EsmModel`, and have its names; only the order of work
differs. Proteins lie end to end in one (tokens, features) matrix, so that every linear layer runs
on real tokens alone.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from glm.embedding.encoder import Run
from glm.embedding.esm import DEFAULTS, Esm
from glm.errors import GlmError

if torch.cuda.is_available() and importlib.util.find_spec("triton"):  # torch for CUDA brings it
    from glm import norm_kernel
    from glm.embedding import rotation_kernel
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
SHARE_MASKED_IN_TRAINING = 0.15 * 0.8
FLASH_HEAD_SIZES = (32, 64, 96, 128, 192, 256)


@dataclass(frozen=True)
class Layer:
    """One layer's weights, query, key and value fused."""

    attention_norm: tuple[Tensor, Tensor]
    query_key_value: tuple[Tensor, Tensor]
    attention_output: tuple[Tensor, Tensor]
    feed_forward_norm: tuple[Tensor, Tensor]
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]


class PackedEncoder:
    """A protein model ready to embed: `encoder(tokens, runs)` gives (proteins, features).

    `layer` is the hidden layer that is averaged (0: the input; None: the last, after the final
    norm, as fair-esm's `representations[layers]`). Proteins must have no masked residues.
    """

    def __init__(
        self,
        model: Esm,
        precision: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        layer: int | None = None,
    ) -> None:
        """Take over a model's weights; raises `GlmError` if it is not of ESM-2's architecture."""
        config: Any = model.config
        if config.position_embedding_type != "rotary" or config.emb_layer_norm_before:
            raise GlmError(
                "the protein model is not of the ESM-2 architecture (rotary positions, no norm "
                "before the first layer); name an ESM-2 checkpoint in embedding.model"
            )
        layers = config.num_hidden_layers
        if layer is not None and not 0 <= layer <= layers:
            raise GlmError(f"embedding.layer is {layer}, but the model has {layers} layers")
        self.features: int = config.hidden_size
        self.layers = layers
        self.heads: int = config.num_attention_heads
        self.head_size = self.features // self.heads
        self.precision, self.device = precision, torch.device(device)
        self.epsilon: float = config.layer_norm_eps
        halves = torch.arange(0, self.head_size, 2, dtype=torch.float) / self.head_size
        base = getattr(config, "rope_theta", DEFAULTS["rope_theta"])  # no key of older versions
        self.frequencies = (1.0 / base**halves).to(self.device)
        weights = model.state_dict()
        words = weights["embeddings.word_embeddings.weight"].detach()
        if config.token_dropout:
            # ESM-2 zeroed 12 % of the tokens in training and scales by the share that was left.
            words = words * (1 - SHARE_MASKED_IN_TRAINING)
        self.words = self._place(words)
        last = layers if layer is None else layer
        self.stack = [self._layer(weights, f"encoder.layer.{index}") for index in range(last)]
        self.final_norm = None
        if last == layers:
            self.final_norm = self._pair(weights, "encoder.emb_layer_norm_after")

    def _place(self, weight: Tensor) -> Tensor:
        return weight.detach().to(self.device, self.precision).contiguous()

    def _pair(self, weights: Mapping[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
        return self._place(weights[f"{name}.weight"]), self._place(weights[f"{name}.bias"])

    def _layer(self, weights: Mapping[str, Tensor], name: str) -> Layer:
        attention = f"{name}.attention"

        def fused(part: str) -> Tensor:
            query, key, value = (
                weights[f"{attention}.self.{which}.{part}"] for which in ("query", "key", "value")
            )
            return self._place(torch.cat([self._interleaved(query), self._interleaved(key), value]))

        return Layer(
            self._pair(weights, f"{attention}.LayerNorm"),
            (fused("weight"), fused("bias")),
            self._pair(weights, f"{attention}.output.dense"),
            self._pair(weights, f"{name}.LayerNorm"),
            self._pair(weights, f"{name}.intermediate.dense"),
            self._pair(weights, f"{name}.output.dense"),
        )

    def _interleaved(self, weight: Tensor) -> Tensor:
        """Put the two halves that a rotation mixes side by side: it is then a complex product.

        Queries and keys change alike, so their dot products stay what they were.
        """
        parts = weight.unflatten(0, (self.heads, 2, self.head_size // 2))
        return parts.transpose(1, 2).flatten(0, 2)

    @cached_property
    def _varlen_attention(self) -> Callable[..., Any] | None:
        """One variable-length attention call for a whole batch, where the GPU and torch have it.

        Imported where it is used: it draws in torch's compiler, for a second.
        """
        has_it = (
            self.device.type == "cuda"
            and self.precision in (torch.float16, torch.bfloat16)
            and self.head_size in FLASH_HEAD_SIZES
            and torch.cuda.get_device_capability(self.device) >= (8, 0)
        )
        if not has_it:
            return None
        try:
            from torch.nn.attention.varlen import varlen_attn
        except ImportError:  # torch before 2.10
            return None
        return varlen_attn

    @cached_property
    def _fused(self) -> bool:
        """Whether what lies between the products is done by Triton's kernels."""
        return self.device.type == "cuda" and importlib.util.find_spec("triton") is not None

    def _rotate(self, query_key: Tensor, angles: Tensor) -> None:
        """Rotate queries and keys, (tokens, 2 x features), in place.

        angles: (tokens, head size / 2) complex, of length 1.
        """
        if self._fused:
            rotation_kernel.rotate(query_key, angles.real.contiguous(), angles.imag.contiguous())
            return
        pairs = query_key.unflatten(1, (2 * self.heads, self.head_size // 2, 2))
        if self.precision == torch.float32:
            torch.view_as_complex(pairs).mul_(angles[:, None])
        else:
            rotated = torch.view_as_complex(pairs.float()).mul_(angles[:, None])
            pairs.copy_(torch.view_as_real(rotated))

    def _attend(self, mixed: Tensor, runs: list[Run], bounds: Tensor | None) -> Tensor:
        """Attention of each protein to itself: (tokens, 3 x features) -> (tokens, features)."""
        heads = mixed.unflatten(1, (3, self.heads, self.head_size))
        if bounds is not None and self._varlen_attention is not None:
            longest = max(run.tokens for run in runs)
            query, key, value = heads.unbind(1)
            attended = self._varlen_attention(query, key, value, bounds, bounds, longest, longest)
            return attended.flatten(1)
        attended = torch.empty_like(mixed[:, : self.features])
        start = 0
        for run in runs:
            stop = start + run.count * run.tokens
            query, key, value = (
                heads[start:stop].unflatten(0, (run.count, run.tokens)).permute(2, 0, 3, 1, 4)
            )
            block = F.scaled_dot_product_attention(query, key, value)
            attended[start:stop] = block.transpose(1, 2).reshape(stop - start, self.features)
            start = stop
        return attended

    def _add_norm(self, state: Tensor, addition: Tensor, norm: tuple[Tensor, Tensor]) -> Tensor:
        """Add to the state in place, and return the sum's LayerNorm."""
        if self._fused:
            return norm_kernel.add_norm_into(state, state, addition, *norm, self.epsilon)
        state += addition
        return F.layer_norm(state, (self.features,), *norm, self.epsilon)

    def hidden(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        """Hidden states of packed tokens, (tokens,) -> (tokens, features)."""
        longest = max(run.tokens for run in runs)
        positions = torch.cat(
            [torch.arange(run.tokens, device=self.device).repeat(run.count) for run in runs]
        )
        phases = torch.arange(longest, device=self.device)[:, None] * self.frequencies
        angles = torch.polar(torch.ones_like(phases), phases)[positions]
        bounds = None
        if self._varlen_attention is not None:
            lengths = torch.tensor([run.tokens for run in runs for _ in range(run.count)])
            bounds = F.pad(lengths.cumsum(0), (1, 0)).to(self.device, torch.int32)
        state = F.embedding(tokens, self.words)
        if not self.stack:
            return state
        first, norms = self.stack[0], [layer.attention_norm for layer in self.stack[1:]]
        normed = F.layer_norm(state, (self.features,), *first.attention_norm, self.epsilon)
        for layer, norm in zip(self.stack, [*norms, self.final_norm], strict=True):
            mixed = F.linear(normed, *layer.query_key_value)
            self._rotate(mixed[:, : 2 * self.features], angles)
            attended = F.linear(self._attend(mixed, runs, bounds), *layer.attention_output)
            normed = self._add_norm(state, attended, layer.feed_forward_norm)
            fed = F.linear(F.gelu(F.linear(normed, *layer.up)), *layer.down)
            if norm is None:  # a hidden layer is asked for, which is before the next one's norm
                return state.add_(fed)
            normed = self._add_norm(state, fed, norm)
        return normed

    @torch.inference_mode()
    def __call__(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        """Mean over each protein's residues, start and end tokens left out.

        tokens: (tokens,) integers, the proteins end to end in the order of `runs`; returns
        (proteins, features), float32, on the encoder's device.
        """
        tokens = tokens.to(self.device, torch.int64, non_blocking=True)
        state = self.hidden(tokens, runs)
        means, start = [], 0
        for run in runs:
            stop = start + run.count * run.tokens
            proteins = state[start:stop].unflatten(0, (run.count, run.tokens))
            means.append(proteins[:, 1 : 1 + run.residues].mean(1, dtype=torch.float32))
            start = stop
        return torch.cat(means)
