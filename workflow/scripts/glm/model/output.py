"""What both models return."""

from __future__ import annotations

from typing import NamedTuple

import torch


class GenomicOutput(NamedTuple):
    """The result of one forward pass over packed genes.

    hidden: (genes, hidden size), the last hidden layer of every gene: the contextualised
        embedding; of the m masked genes where only they were asked for.
    predictions: (m, number of predictions, label size), for the m masked genes, or for every
        gene; None when the heads were not asked for.
    likelihoods: (m, number of predictions), logits of each prediction being the closest.
    attention: (layers, subcontigs, heads, L, L), after the softmax and before dropout, with L
        the longest subcontig of the batch; query first, then key; zero at padding.
    """

    hidden: torch.Tensor | None = None
    predictions: torch.Tensor | None = None
    likelihoods: torch.Tensor | None = None
    attention: torch.Tensor | None = None
