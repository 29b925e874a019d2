"""The gLM: a transformer over the genes of a subcontig (Methods, "gLM architecture and training").

A RoBERTa encoder in its post-LayerNorm form, with relative positions in queries and keys
("relative_key_query"), written for subcontigs of at most a few hundred genes:

- subcontigs of unequal length are packed, and linear layers never see padding;
- queries, keys and values are one matrix product;
- a gene attends to another with q.k + q.E[distance] + k.E[distance]; the two relative terms are
  products with the reachable rows of E only (59 of 1,023 at 30 genes), shifted into place as
  views, so that nothing of subcontigs x L x L x features is ever made;
- where only masked genes are asked for, the last layer computes queries, output, feed-forward
  and heads for those 15 % alone.
"""

from __future__ import annotations

import logging
import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glm.model import performance
from glm.model.base import Model
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.layout import Layout
from glm.model.output import GenomicOutput
from glm.model.performance import LayerNorm, Linear, add_norm, dropout, linear

logger = logging.getLogger("glm")
RECOMPILE_LIMIT = 64  # graphs of a layer: of the longest subcontig, of training and validation


def skew(products: Tensor) -> Tensor:
    """Turn (..., L, 2L - 1) products with distances into (..., L, L), as a view.

    Element (i, j) of the result is element (i, j - i + L - 1) of `products`: row i is read from
    L - 1 - i on. Read as one run of numbers, each row starts 2L - 2 after the one before.
    """
    length = products.shape[-2]
    if length == 1:
        return products
    run = products.flatten(-2).narrow(-1, length - 1, length * (2 * length - 2))
    return run.unflatten(-1, (length, 2 * length - 2))[..., :length]


class DistanceTable(nn.Embedding):
    """Embeddings of relative distances: rows 0 to 2 * maximum_distance - 2, the middle is 0."""


class RelativeAttention(nn.Module):
    """Multi-head attention with relative positions in queries and keys."""

    def __init__(self, config: GenomicLanguageModelConfig) -> None:
        """Weights for `config.heads` heads."""
        super().__init__()
        self.heads = config.heads
        self.size = config.hidden_size // config.heads
        self.maximum_distance = config.maximum_distance
        self.dropout = config.dropout
        self.query_key_value = Linear(config.hidden_size, 3 * config.hidden_size)
        self.distance = DistanceTable(2 * config.maximum_distance - 1, self.size)

    def forward(
        self, hidden: Tensor, layout: Layout, masked: Tensor | None, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Mix the values of each subcontig's genes.

        hidden: (genes, hidden size). Returns (genes, hidden size), or (m, hidden size) where
        `masked` (m,) names the only queries that matter, and the attention (subcontigs, heads,
        L, L) if asked for.
        """
        if layout.longest > self.maximum_distance:
            raise ValueError(
                f"a subcontig of {layout.longest} genes is longer than the {self.maximum_distance} "
                "that the model's distance table reaches"
            )
        packed = self.project(hidden, masked)
        if not return_attention and performance.fused_attention(packed, layout.longest, self.size):
            mixed = self.fused(packed, layout)
            return (mixed if masked is None else mixed.index_select(0, masked)), None
        query, key, value = self.on_grid(packed, layout)
        scale = 1 / math.sqrt(self.size)
        scores = torch.baddbmm(
            self.relative(query, key, layout).flatten(0, 1),
            query.flatten(0, 1),
            key.flatten(0, 1).transpose(1, 2),
            beta=scale,
            alpha=scale,
        )
        weights = scores.softmax(-1)
        mixed = torch.bmm(dropout(weights, self.dropout, self.training), value.flatten(0, 1))
        grid = mixed.unflatten(0, (layout.subcontigs, self.heads)).transpose(1, 2).flatten(2)
        if masked is None:
            context = layout.pack(grid)
        else:
            context = grid.flatten(0, 1).index_select(0, layout.slots_of(masked))
        if not return_attention:
            return context, None
        attention = weights.unflatten(0, (layout.subcontigs, self.heads))
        if layout.real is not None:
            attention = attention * layout.real[:, None, :, None]
        return context, attention

    def project(self, hidden: Tensor, masked: Tensor | None) -> Tensor:
        """Queries, keys and values side by side, (genes, 3 x hidden size)."""
        if masked is None:
            return self.query_key_value(hidden)
        # one matrix product less for the genes whose queries nobody reads
        width = hidden.shape[1]
        weight, bias = self.query_key_value.weight, self.query_key_value.bias
        key_value = linear(hidden, weight[width:], bias[width:])
        query = linear(hidden.index_select(0, masked), weight[:width], bias[:width])
        return torch.cat([query.new_zeros(hidden.shape).index_copy(0, masked, query), key_value], 1)

    def fused(self, packed: Tensor, layout: Layout) -> Tensor:
        """The mixed values of packed genes by one kernel, (genes, hidden size)."""
        drop = self.dropout if self.training else 0.0
        seed = torch.randint(2**31 - 1, (1,), device=packed.device)
        return torch.ops.glm.relative_attention(
            packed, self.distance.weight, layout.starts, seed, self.heads, drop
        )

    def on_grid(self, packed: Tensor, layout: Layout) -> list[Tensor]:
        """Queries, keys and values, each (subcontigs, heads, L, features of a head)."""
        grid = layout.pad(packed).unflatten(2, (3, self.heads, self.size))
        return list(grid.permute(2, 0, 3, 1, 4).contiguous().unbind(0))

    def relative(self, query: Tensor, key: Tensor, layout: Layout) -> Tensor:
        """q_i.E[i - j] + k_j.E[i - j] for query i and key j, minus infinity at padding keys.

        Returns (subcontigs, heads, L, L).
        """
        length = layout.longest
        reachable = self.distance.weight.narrow(
            0, self.maximum_distance - length, 2 * length - 1
        )  # distance -(L - 1) first
        bias = skew(query @ reachable.flip(0).T) + skew(key @ reachable.T).transpose(2, 3)
        if layout.real is None:
            return bias
        return bias.masked_fill_(~layout.real[:, None, None, :], -math.inf)


class Layer(nn.Module):
    """Attention and feed-forward, each with dropout, residual and LayerNorm after it."""

    def __init__(self, config: GenomicLanguageModelConfig) -> None:
        """One layer's weights: 14,563,456 in the published configuration."""
        super().__init__()
        self.dropout = config.dropout
        self.attention = RelativeAttention(config)
        self.attention_output = Linear(config.hidden_size, config.hidden_size)
        self.attention_norm = LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.up_projection = Linear(config.hidden_size, config.feed_forward_size)
        self.down_projection = Linear(config.feed_forward_size, config.hidden_size)
        self.feed_forward_norm = LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(
        self,
        hidden: Tensor,
        layout: Layout,
        masked: Tensor | None = None,
        return_attention: bool = False,
        after_attention: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(genes, hidden size) to the same, or to (m, hidden size) for the `masked` genes only.

        after_attention: without the feed-forward.
        """
        mixed, attention = self.attention(hidden, layout, masked, return_attention)
        if masked is not None:
            hidden = hidden.index_select(0, masked)
        mixed = self.attention_output(mixed)
        hidden = add_norm(hidden, mixed, self.attention_norm, self.dropout, self.training)
        if after_attention:
            return hidden, attention
        fed = self.down_projection(F.gelu(self.up_projection(hidden)))
        hidden = add_norm(hidden, fed, self.feed_forward_norm, self.dropout, self.training)
        return hidden, attention


class GenomicLanguageModel(Model):
    """The paper's gLM, with the published model's active parameters and no others."""

    config_class = GenomicLanguageModelConfig

    def __init__(self, config: GenomicLanguageModelConfig) -> None:
        """Random weights as RoBERTa has them: normal, biases zero; see the configuration."""
        super().__init__(config)
        self.input_projection = Linear(config.features, config.hidden_size)
        self.token_type = nn.Embedding(1, config.hidden_size)
        self.norm = LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.prediction_head = Linear(config.hidden_size, config.predictions * config.label_size)
        self.likelihood_head = Linear(config.hidden_size, config.predictions)
        self.compiled = False
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Random weights of one module, the tables of distances by a number of their own."""
        if isinstance(module, DistanceTable):
            nn.init.normal_(module.weight, std=self.config.distance_initializer_range)
        else:
            super()._init_weights(module)

    def forward(
        self,
        features: Tensor,
        lengths: Tensor | Layout,
        masked: Tensor | None = None,
        return_attention: bool = False,
    ) -> GenomicOutput:
        """Read subcontigs, and predict the labels of masked genes.

        features: (genes, embedding size + 1), the genes of all subcontigs one after another.
        lengths: (subcontigs,) genes in each, best on the CPU; or a `Layout` made of them.
        masked: (m,) int64 indices into the packed genes for which predictions are wanted; None
            for all of them. Of masked genes alone the last layer is computed, and returned.
        return_attention: also return every layer's attention; the rest is the same.

        See `contextualise` for hidden states without the heads.
        """
        layout = lengths if isinstance(lengths, Layout) else Layout.of(lengths, features.device)
        hidden, attention = self.encode(features, layout, masked, return_attention)
        return GenomicOutput(
            hidden=hidden,
            predictions=self.prediction_head(hidden).unflatten(1, (-1, self.config.label_size)),
            likelihoods=self.likelihood_head(hidden),
            attention=attention,
        )

    def contextualise(
        self,
        features: Tensor,
        lengths: Tensor | Layout,
        return_attention: bool = False,
        after_attention: bool = False,
    ) -> GenomicOutput:
        """Hidden states of every gene (and attention), the heads not computed.

        The last hidden layer is the contextualised embedding of the paper (Methods,
        "Contextualized gene embeddings"). after_attention: as it is before the last feed-forward.
        """
        layout = lengths if isinstance(lengths, Layout) else Layout.of(lengths, features.device)
        hidden, attention = self.encode(features, layout, None, return_attention, after_attention)
        return GenomicOutput(hidden=hidden, attention=attention)

    def encode(
        self,
        features: Tensor,
        layout: Layout,
        masked: Tensor | None,
        return_attention: bool,
        after_attention: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The encoder: (genes, features) to (genes, hidden size), or (m, hidden size)."""
        hidden = self.norm(self.input_projection(features) + self.token_type.weight)
        hidden = dropout(hidden, self.config.dropout, self.training)
        if self.compiled:
            for varying in (hidden, masked, layout.slots, layout.real, layout.starts):
                if varying is not None:
                    torch._dynamo.maybe_mark_dynamic(varying, 0)
        attentions = []
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers):
            only = masked if index == last else None
            half = after_attention and index == last
            hidden, attention = layer(hidden, layout, only, return_attention, half)
            attentions.append(attention)
        return hidden, torch.stack(attentions) if return_attention else None

    def keep_residual_half(self, half: bool = True) -> None:
        """Whether, under autocast, what layers add to is in half precision too."""
        for module in self.modules():
            if isinstance(module, LayerNorm):
                module.stays_half = half

    def multiply_in_fp8(self, fp8: bool = True) -> None:
        """Whether the layers' large products are of FP8 numbers, under autocast."""
        for layer in self.layers:
            for module in layer.modules():
                if isinstance(module, Linear):
                    module.in_fp8 = fp8

    def compile_layers(self, **options: Any) -> None:
        """Compile each layer with torch.compile, in place; the parameters' names stay.

        All layers share one graph, so this costs seconds, not minutes. The numbers of genes, of
        masked genes and of subcontigs vary in it, and nothing else does. A shape that would need
        more graphs than RECOMPILE_LIMIT is an error: torch would run it uncompiled without a word.
        """
        torch._dynamo.config.recompile_limit = RECOMPILE_LIMIT
        torch._dynamo.config.fail_on_recompile_limit_hit = True
        self.compiled = True
        for layer in self.layers:
            layer.compile(**options)
