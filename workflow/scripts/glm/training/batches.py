"""Which subcontigs a step sees and which of their genes are masked.

Batch k is a function of (seed, k) and nothing else: not of the steps before, the number of ranks,
the micro-batch, or the machine. So a run that was killed, or that is resumed with another number of
GPUs, sees what it would have seen. Random numbers are counter-based (Philox): the key is the seed
and the number of the batch or epoch, the counter's top word what the numbers are for.

Epochs follow each other without a gap: each is a permutation of all subcontigs, their sequence is
cut into batches of equal size, and a batch may hold the end of one epoch and the start of the
next. Every subcontig is seen exactly once an epoch, and no batch is smaller than the others, which
would weigh its subcontigs more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from glm.data.corpus import Corpus
from glm.errors import GlmError

ORDER, MASKS, DROPOUT, HELD_OUT = 1, 2, 3, 4


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Philox:
    """Random bits for one purpose (ORDER, MASKS, …) of one batch or epoch."""
    return np.random.Philox(key=[seed, number], counter=[0, 0, 0, purpose])


@dataclass(frozen=True)
class Batch:
    """Some subcontigs with their genes one after another.

    chosen: (n,) indices of subcontigs in the corpus. genes: (genes,) int64 into the corpus's flat
    arrays. lengths: (n,) int64. masked: (genes,) bool.
    """

    number: int
    chosen: np.ndarray
    genes: np.ndarray
    lengths: np.ndarray
    masked: np.ndarray

    @property
    def masked_genes(self) -> int:
        """Masked genes in the whole batch."""
        return int(self.masked.sum())


@dataclass(frozen=True)
class MicroBatch:
    """What one forward pass needs, as tensors.

    representative: (genes,) int32; forward: (genes,) bool; masked: (m,) int64 into these genes;
    lengths: (subcontigs,) int64, always on the host. embeddings: (genes, D) float16 where they
    were gathered ahead, else None. seed: of this pass's dropout.
    """

    representative: Tensor
    forward: Tensor
    masked: Tensor
    lengths: Tensor
    seed: int
    embeddings: Tensor | None = None


def draw_masks(
    corpus: Corpus, genes: np.ndarray, lengths: np.ndarray, rate: float, bits: np.random.Philox
) -> np.ndarray:
    """Which genes to mask, (genes,) bool: each with probability `rate`, at least one a subcontig.

    Genes without representative are never masked, for their label is unknown: a subcontig that
    has no other has none masked. Where chance picks no gene of a subcontig, the one with the
    lowest number is taken (3 % of subcontigs of 22 genes; the share becomes 15.1 %).
    """
    drawn = np.random.Generator(bits).random(len(genes))
    drawn[corpus.representative[genes] < 0] = 2.0  # above any rate
    lowest = np.minimum.reduceat(drawn, np.cumsum(lengths) - lengths)
    return (drawn < 2) & ((drawn < rate) | (drawn == np.repeat(lowest, lengths)))


class BatchSampler:
    """The batches of a training run."""

    def __init__(self, corpus: Corpus, batch_size: int, mask_rate: float, seed: int) -> None:
        """Batches of `batch_size` subcontigs with `mask_rate` of the genes masked."""
        self.corpus = corpus
        self.batch_size = batch_size
        self.mask_rate = mask_rate
        self.seed = seed
        self.order = lru_cache(maxsize=2)(self._order)  # a batch may need two epochs

    def _order(self, epoch: int) -> np.ndarray:
        bits = stream(self.seed, ORDER, epoch)
        return np.random.Generator(bits).permutation(len(self.corpus))

    def batch(self, number: int) -> Batch:
        """Batch `number`, from 0."""
        places = np.arange(number * self.batch_size, (number + 1) * self.batch_size)
        epochs, ranks = np.divmod(places, len(self.corpus))
        chosen = np.concatenate(
            [self.order(int(epoch))[ranks[epochs == epoch]] for epoch in np.unique(epochs)]
        )
        return self._masked(number, chosen, stream(self.seed, MASKS, number))

    def held_out(self, limit: int) -> Batch:
        """At most `limit` subcontigs to validate on, the same ones with the same masks always."""
        bits = stream(self.seed, HELD_OUT)
        chosen = np.random.Generator(bits).permutation(len(self.corpus))[:limit]
        return self._masked(0, chosen, stream(self.seed, HELD_OUT, 1))

    def _masked(self, number: int, chosen: np.ndarray, bits: np.random.Philox) -> Batch:
        genes, lengths = self.corpus.genes_of(chosen)
        masked = draw_masks(self.corpus, genes, lengths, self.mask_rate, bits)
        return Batch(number, chosen, genes, lengths, masked)

    def micro_batches(
        self, batch: Batch, size: int, rank: int = 0, world: int = 1
    ) -> list[MicroBatch]:
        """One rank's share of a batch, in micro-batches of at most `size` subcontigs.

        The batch is cut into equal pieces, as many for each rank; rank r has the pieces r,
        r + world, …. Dropout is seeded by piece, so two ranks drop what one rank that
        accumulates the same pieces would.
        """
        subcontigs = len(batch.chosen)
        if subcontigs < world:
            raise GlmError(
                f"a batch of {subcontigs} subcontigs cannot be shared by {world} processes; "
                "use fewer GPUs or a larger batch_size"
            )
        pieces = min(world * -(-subcontigs // (size * world)), subcontigs)
        seeds = stream(self.seed, DROPOUT, batch.number).random_raw(pieces) >> 1
        cuts = np.arange(pieces + 1) * subcontigs // pieces
        starts = np.concatenate([[0], np.cumsum(batch.lengths)])[cuts]
        made = []
        for piece in range(rank, pieces, world):
            of_piece = slice(starts[piece], starts[piece + 1])
            genes = batch.genes[of_piece]
            made.append(
                MicroBatch(
                    representative=torch.from_numpy(self.corpus.representative[genes]),
                    forward=torch.from_numpy(self.corpus.forward[genes]),
                    masked=torch.from_numpy(np.flatnonzero(batch.masked[of_piece])),
                    lengths=torch.from_numpy(batch.lengths[cuts[piece] : cuts[piece + 1]]),
                    seed=int(seeds[piece]),
                )
            )
        return made
