"""Which genes are masked together when a model is judged.

Training masks a share of the genes at random (15 % in the paper). To judge, every gene that has a
representative is masked equally often: the genes of each subcontig are shuffled and dealt to as
many rounds as make the share nearest to that (seven rounds: 14.3 %). So the number of judged genes
is the number of genes, none counts twice, and the context that a gene is judged in is as in
training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glm.data.corpus import Corpus

NEVER = -1  # the round of a gene without representative: its label is unknown


@dataclass(frozen=True)
class MaskedBatch:
    """Some subcontigs, packed, with the genes that one round masks.

    chosen: (subcontigs,) indices into the corpus. genes: (genes,) int64 into the corpus's flat
    arrays. lengths: (subcontigs,) int64. masked: (m,) int64 into `genes`.
    """

    chosen: np.ndarray
    genes: np.ndarray
    lengths: np.ndarray
    masked: np.ndarray


def ranks_in_subcontig(corpus: Corpus) -> np.ndarray:
    """Position of each gene in its subcontig, (genes,) int64, from 0."""
    lengths = np.diff(corpus.offsets)
    return np.arange(corpus.offsets[-1]) - np.repeat(corpus.offsets[:-1], lengths)


def deal_rounds(corpus: Corpus, mask_rate: float, seed: int) -> np.ndarray:
    """The round in which each gene is masked, (genes,) int64; `NEVER` without representative."""
    rounds = max(round(1 / mask_rate), 1)
    generator = np.random.default_rng(seed)
    subcontig = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))
    draws = generator.random(len(subcontig))
    present = corpus.representative >= 0
    draws[~present] = 1.0  # dealt last, so that they take no place in a round
    shuffled = np.lexsort((draws, subcontig))
    dealt = np.empty(len(subcontig), dtype=np.int64)
    # each subcontig begins with a round of its own, or the first rounds would have more genes
    first = np.repeat(generator.integers(rounds, size=len(corpus)), np.diff(corpus.offsets))
    dealt[shuffled] = (ranks_in_subcontig(corpus) + first) % rounds
    return np.where(present, dealt, NEVER)


def one_by_one(corpus: Corpus) -> np.ndarray:
    """Rounds in which each gene of a subcontig is masked alone, (genes,) int64."""
    return np.where(corpus.representative >= 0, ranks_in_subcontig(corpus), NEVER)


def masked_batches(
    corpus: Corpus, rounds: np.ndarray, subcontigs_per_batch: int
) -> Iterator[MaskedBatch]:
    """Every round of every subcontig; those in which nothing is masked are left out."""
    for start in range(0, len(corpus), subcontigs_per_batch):
        chosen = np.arange(start, min(start + subcontigs_per_batch, len(corpus)))
        of_chosen = rounds[corpus.offsets[chosen[0]] : corpus.offsets[chosen[-1] + 1]]
        for number in range(of_chosen.max(initial=NEVER) + 1):
            begins = corpus.offsets[chosen] - corpus.offsets[chosen[0]]
            any_masked = np.maximum.reduceat(of_chosen == number, begins)
            genes, lengths = corpus.genes_of(chosen[any_masked])
            masked = np.flatnonzero(rounds[genes] == number)
            if len(masked):
                yield MaskedBatch(chosen[any_masked], genes, lengths, masked)
