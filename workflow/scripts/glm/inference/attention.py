"""Raw attention between the genes of unmasked subcontigs (Methods, "Attention analysis").

Each layer's and head's weights A, after the softmax, are symmetrised as A + A transposed, so a
pair of genes has one number a head. The baselines come the same way: an untrained model, and a
trained one that reads the genes of a subcontig in a random order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore
from glm.errors import GlmError
from glm.inference.names import Variant
from glm.inference.reader import GeneReader
from glm.model.genomic import GenomicLanguageModel


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


@dataclass(frozen=True)
class Reader:
    """A model, and where its input comes from."""

    model: GenomicLanguageModel
    builder: FeatureBuilder
    store: EmbeddingStore
    corpus: Corpus

    def attention(self, genes: np.ndarray, lengths: np.ndarray) -> Tensor:
        """Attention of some subcontigs: (layers, subcontigs, heads, L, L), on the CPU.

        genes: (genes,) int64 into the corpus, in the order in which the model reads them.
        lengths: (subcontigs,).
        """
        corpus, reader = self.corpus, GeneReader(self.model, self.builder, self.store)
        read = reader.read(corpus.representative[genes], corpus.forward[genes], lengths, True)
        assert read.attention is not None  # it was asked for
        return read.attention.cpu()

    def pairs(
        self, chosen: np.ndarray, variant: Variant, seed: int, subcontigs_per_batch: int
    ) -> Iterator[PairAttention]:
        """Attention of all pairs of some subcontigs, a batch at a time.

        chosen: (m,) indices into the corpus. seed: of the random orders; the order of a subcontig
        depends on it and the subcontig's name alone.
        """
        for start in range(0, len(chosen), subcontigs_per_batch):
            batch = chosen[start : start + subcontigs_per_batch]
            genes, lengths = self.corpus.genes_of(batch)
            orders = [
                gene_order(variant, seed, int(self.corpus.subcontig[index]), int(length))
                for index, length in zip(batch, lengths, strict=True)
            ]
            before = np.cumsum(lengths) - lengths
            places = np.concatenate(
                [order + offset for order, offset in zip(orders, before, strict=True)]
            )
            attention = self.attention(genes[places], lengths)
            yield self.collect(batch, attention, orders, variant)

    def collect(
        self, batch: np.ndarray, attention: Tensor, orders: list[np.ndarray], variant: Variant
    ) -> PairAttention:
        """The pairs of one batch; `attention` as `self.attention` returns it."""
        parts = []
        for place, (index, order) in enumerate(zip(batch, orders, strict=True)):
            first, second = np.triu_indices(len(order), k=1)
            one, other = first, second
            if variant == "moved":  # where the two genes have gone
                gone_to = np.argsort(order)
                one, other = gone_to[first], gone_to[second]
            values = symmetrised(attention[:, place], one, other)
            names = np.full(len(first), self.corpus.subcontig[index], np.int64)
            parts.append((names, first.astype(np.int32), second.astype(np.int32), values))
        return PairAttention(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def gene_order(variant: Variant, seed: int, subcontig: int, length: int) -> np.ndarray:
    """The order in which the genes of a subcontig are read, (length,) int64.

    Place k of the input holds gene order[k].
    """
    if variant in ("shuffled", "moved"):
        return np.random.default_rng([seed, subcontig]).permutation(length)
    return np.arange(length)


def shard_of(chosen: np.ndarray, shard: int, shards: int) -> np.ndarray:
    """The part of some subcontigs that is one job's, in order; raises `GlmError` if it is empty."""
    part = np.array_split(chosen, shards)[shard]
    if not len(part):
        raise GlmError(
            f"shard {shard} of {shards} has no subcontig: there are only {len(chosen)}; lower "
            "operons.attention_shards"
        )
    return part
