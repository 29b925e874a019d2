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
from glm.training.augmentation import NOTHING_CHANGED, Augmentation, genes_of_windows

ORDER, MASKS, DROPOUT, HELD_OUT, BEGINS, STRANDS, HOMOLOGUES, UNMASKED = range(1, 9)


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Philox:
    """Random bits for one purpose (ORDER, MASKS, …) of one batch or epoch."""
    return np.random.Philox(key=[seed, number], counter=[0, 0, 0, purpose])


@dataclass(frozen=True)
class Batch:
    """Some subcontigs with their genes one after another.

    chosen: (n,) indices of subcontigs in the corpus. genes: (genes,) int64 into the corpus's flat
    arrays. lengths: (n,) int64. forward: (genes,) bool, as they are read. read: (genes,) int32,
    rows of the store that are the inputs; None: the genes' own. masked: (genes,) bool, the genes
    that are predicted. hidden: (genes,) bool, those of them that are not read.
    """

    number: int
    chosen: np.ndarray
    genes: np.ndarray
    lengths: np.ndarray
    forward: np.ndarray
    read: np.ndarray | None
    masked: np.ndarray
    hidden: np.ndarray

    @property
    def masked_genes(self) -> int:
        """Genes of the whole batch that are predicted."""
        return int(self.masked.sum())

    @property
    def hidden_genes(self) -> int:
        """Genes of the whole batch that are predicted from their context alone."""
        return int(self.hidden.sum())


@dataclass(frozen=True)
class MicroBatch:
    """What one forward pass needs, as tensors.

    representative: (genes,) int32; read: (genes,) int32, the rows that are read, None: the same;
    forward: (genes,) bool; masked, hidden: (m,) int64 into these genes, those that are predicted
    and those of them that are not read; lengths: (subcontigs,) int64, always on the host. seed: of
    this pass's dropout. embeddings: those of `rows`, float16, where they were gathered ahead;
    arrived: when they are on the GPU, where they are being copied there.
    """

    representative: Tensor
    read: Tensor | None
    forward: Tensor
    masked: Tensor
    hidden: Tensor
    lengths: Tensor
    seed: int
    embeddings: Tensor | None = None
    arrived: torch.cuda.Event | None = None

    @property
    def rows(self) -> Tensor:
        """Rows of the store that it takes: of the inputs, and of the labels where they differ."""
        if self.read is None:
            return self.representative
        return torch.cat([self.read, self.representative])


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

    def __init__(
        self,
        corpus: Corpus,
        batch_size: int,
        mask_rate: float,
        seed: int,
        augmentation: Augmentation = NOTHING_CHANGED,
    ) -> None:
        """Batches of `batch_size` subcontigs with `mask_rate` of the genes masked."""
        self.corpus = corpus
        self.batch_size = batch_size
        self.mask_rate = mask_rate
        self.seed = seed
        self.augmentation = augmentation
        self.windows = lru_cache(maxsize=2)(self._windows)  # a batch may need two epochs

    def _windows(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The subcontigs in the order of an epoch, and where the window of each begins."""
        order = self.draws(ORDER, epoch).permutation(len(self.corpus))
        if self.augmentation.runs is None:
            return order, self.corpus.offsets[order]
        begins = self.augmentation.runs.begins(self.corpus, self.draws(BEGINS, epoch))
        return order, begins[order]

    def draws(self, purpose: int, number: int = 0) -> np.random.Generator:
        """Random numbers for one purpose of one batch or epoch."""
        return np.random.Generator(stream(self.seed, purpose, number))

    def batch(self, number: int) -> Batch:
        """Batch `number`, from 0."""
        places = np.arange(number * self.batch_size, (number + 1) * self.batch_size)
        epochs, ranks = np.divmod(places, len(self.corpus))
        parts = [
            [of_all[ranks[epochs == epoch]] for of_all in self.windows(int(epoch))]
            for epoch in np.unique(epochs)
        ]
        chosen, begins = map(np.concatenate, zip(*parts, strict=True))
        lengths = self.corpus.lengths(chosen)
        reverse = np.zeros(len(chosen), bool)
        if self.augmentation.strand_flip:
            reverse = self.draws(STRANDS, number).random(len(chosen)) < 0.5
        genes = genes_of_windows(begins, lengths, reverse)
        forward = self.corpus.forward[genes] ^ np.repeat(reverse, lengths)
        read, substituted = None, self.augmentation.substituted
        if self.augmentation.homologues and substituted:
            own, draws = self.corpus.representative[genes], self.draws(HOMOLOGUES, number)
            read = self.augmentation.homologues.replace(own, substituted, draws)
        bits = stream(self.seed, MASKS, number)
        masked = hidden = draw_masks(self.corpus, genes, lengths, self.mask_rate, bits)
        if self.augmentation.predicted_unmasked:
            # whole windows: beside a masked gene, those that are read would learn to look at it
            drawn = self.draws(UNMASKED, number).random(len(chosen))
            hidden = masked & np.repeat(drawn >= self.augmentation.predicted_unmasked, lengths)
        return Batch(number, chosen, genes, lengths, forward, read, masked, hidden)

    def held_out(self, limit: int) -> Batch:
        """At most `limit` subcontigs to validate on, the same ones with the same masks always."""
        chosen = self.draws(HELD_OUT).permutation(len(self.corpus))[:limit]
        genes, lengths = self.corpus.genes_of(chosen)
        bits = stream(self.seed, HELD_OUT, 1)
        masked = draw_masks(self.corpus, genes, lengths, self.mask_rate, bits)
        forward = self.corpus.forward[genes]
        return Batch(0, chosen, genes, lengths, forward, None, masked, masked)

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
                    read=None if batch.read is None else torch.from_numpy(batch.read[of_piece]),
                    forward=torch.from_numpy(batch.forward[of_piece]),
                    masked=torch.from_numpy(np.flatnonzero(batch.masked[of_piece])),
                    hidden=torch.from_numpy(np.flatnonzero(batch.hidden[of_piece])),
                    lengths=torch.from_numpy(batch.lengths[cuts[piece] : cuts[piece + 1]]),
                    seed=int(seeds[piece]),
                )
            )
        return made
