"""The paper's baseline: a bidirectional LSTM over the genes of a subcontig (Extended Data 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from glm.model.base import Model
from glm.model.configuration import BidirectionalLSTMConfig
from glm.model.layout import Layout
from glm.model.output import GenomicOutput


class BidirectionalLSTM(Model):
    """A `torch.nn.LSTM` whose projection is the prediction: 27,811,840 parameters, no head.

    The paper's count is exactly that of five bidirectional layers projected to the label's 100
    entries. How it merges the two directions is not published: here it is their mean, which has
    the scale of each of them. With one prediction the likelihood has nothing to choose from and
    is a logit of zero: the cross-entropy of the loss is zero.
    """

    config_class = BidirectionalLSTMConfig

    def __init__(self, config: BidirectionalLSTMConfig) -> None:
        """Random weights as transformers gives them to an LSTM: Xavier, biases zero."""
        super().__init__(config)
        self.lstm = nn.LSTM(
            input_size=config.features,
            hidden_size=config.hidden_size,
            num_layers=config.layers,
            bidirectional=True,
            proj_size=config.label_size,
            dropout=config.dropout,
            batch_first=True,
        )
        self.post_init()

    def forward(
        self,
        features: Tensor,
        lengths: Tensor | Layout,
        masked: Tensor | None = None,
        return_attention: bool = False,
    ) -> GenomicOutput:
        """Predict the labels of masked genes; shapes as in `GenomicLanguageModel.forward`.

        `hidden` is (genes, 100), the merged output, or that of the masked genes. There is no
        attention to return.
        """
        if return_attention:
            raise ValueError("an LSTM has no attention; ask the gLM for it")
        layout = lengths if isinstance(lengths, Layout) else Layout.of(lengths, features.device)
        # under autocast cuDNN's LSTM runs in fp16 whatever was asked for; without loss scaling a
        # third of its gradients would underflow at the paper's batch
        weights = next(self.lstm.parameters())
        with torch.autocast(features.device.type, enabled=False):
            output = self.run(layout.pad(features.to(weights.dtype)), layout)
        merged = layout.pack(output.unflatten(2, (2, -1)).mean(2))
        read = merged if masked is None else merged.index_select(0, masked)
        return GenomicOutput(
            hidden=read,
            predictions=read[:, None],
            likelihoods=torch.zeros_like(read[:, :1]),
        )

    def run(self, grid: Tensor, layout: Layout) -> Tensor:
        """Both directions' outputs, (subcontigs, longest, 2 x label size)."""
        if layout.real is None:
            return self.lstm(grid)[0]
        sequences = pack_padded_sequence(
            grid, layout.real.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        packed: PackedSequence = self.lstm(sequences)[0]
        return pad_packed_sequence(packed, batch_first=True)[0]
