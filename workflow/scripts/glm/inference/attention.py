"""Raw attention between the genes of unmasked subcontigs (Methods, "Attention analysis").

Each layer's and head's weights A, after the softmax, are symmetrised as A + A transposed, so a
pair of genes has one number a head. The baselines come the same way: an untrained model, and a
trained one that reads the genes of a subcontig in a random order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from glm.inference.contexts import Windows, arrange
from glm.inference.names import AttentionVariant, Variant
from glm.inference.reader import GeneReader


class PairAttention(NamedTuple):
    """Symmetrised attention of gene pairs, subcontig by subcontig, first < second.

    subcontig: (pairs,) int64, as the table names it. first, second: (pairs,) int32, places in the
    subcontig. attention: (pairs, layers x heads) float32, head after head of the first layer,
    then the second layer; each between 0 and 2.
    """

    subcontig: np.ndarray
    first: np.ndarray
    second: np.ndarray
    attention: np.ndarray


def symmetrised(attention: Tensor, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A + A transposed of some pairs of one subcontig.

    attention: (layers, heads, L, L), query first. first, second: (pairs,). Returns
    (pairs, layers x heads) float32.
    """
    one, other = torch.from_numpy(first).long(), torch.from_numpy(second).long()
    both = attention[:, :, one, other] + attention[:, :, other, one]
    return both.flatten(0, 1).T.float().contiguous().numpy()


def pairs(
    reader: GeneReader, chosen: np.ndarray, variant: AttentionVariant, seed: int, per_batch: int
) -> Iterator[PairAttention]:
    """Attention of all pairs of some subcontigs, a batch at a time.

    chosen: (m,) indices into the corpus. seed: of the random orders; see `contexts.random_order`.
    """
    order: Variant = "reordered" if variant.startswith("reordered") else "trained"
    for start in range(0, len(chosen), per_batch):
        batch = arrange(reader.genes.corpus, chosen[start : start + per_batch], order, seed)
        names = reader.genes.corpus.subcontig[batch.chosen]
        yield collect(batch, names, reader.attention(batch.as_read, batch.lengths), variant)


def collect(
    batch: Windows, names: np.ndarray, attention: Tensor, variant: AttentionVariant
) -> PairAttention:
    """The pairs of one batch; names: its subcontigs'. attention: as `GeneReader` returns it."""
    parts = []
    before = np.cumsum(batch.lengths) - batch.lengths
    orders = np.split(batch.order, before[1:])
    for place, (name, order) in enumerate(zip(names, orders, strict=True)):
        first, second = np.triu_indices(len(order), k=1)
        one, other = first, second
        if variant == "reordered_by_gene":  # where the two genes have gone
            gone_to = np.argsort(order)
            one, other = gone_to[first], gone_to[second]
        values = symmetrised(attention[:, place], one, other)
        of_pairs = np.full(len(first), name, np.int64)
        parts.append((of_pairs, first.astype(np.int32), second.astype(np.int32), values))
    return PairAttention(*(np.concatenate(column) for column in zip(*parts, strict=True)))
