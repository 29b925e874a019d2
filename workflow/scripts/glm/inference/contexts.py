"""Which genes stand beside each other in what a model reads: their own neighbours, or others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glm.data.corpus import Corpus
from glm.errors import GlmError
from glm.inference.names import Variant


@dataclass(frozen=True)
class Windows:
    """Genes that are read together, window after window.

    chosen: (windows,) int64, the subcontigs that they are of, indices into the corpus. genes:
    (genes,) int64 into the corpus. lengths: (windows,) int64. order: (genes,) int64; place k of
    the input holds genes[order[k]].
    """

    chosen: np.ndarray
    genes: np.ndarray
    lengths: np.ndarray
    order: np.ndarray

    @property
    def as_read(self) -> np.ndarray:
        """The genes as they stand in the input, (genes,) int64."""
        read: np.ndarray = self.genes[self.order]
        return read

    def in_parts(self, most: int) -> Iterator[Windows]:
        """At most so many windows at a time; their genes stand as they are."""
        first = 0
        for start in range(0, len(self.lengths), most):
            lengths = self.lengths[start : start + most]
            genes = self.as_read[first : first + lengths.sum()]
            first += len(genes)
            yield Windows(self.chosen[start : start + most], genes, lengths, np.arange(len(genes)))


def random_order(seed: int, subcontig: int, length: int) -> np.ndarray:
    """An order of a subcontig's genes, (length,) int64: place k of the input holds gene order[k].

    It depends on the seed and the subcontig's name alone.
    """
    return np.random.default_rng([seed, subcontig]).permutation(length)


def arrange(corpus: Corpus, chosen: np.ndarray, variant: Variant, seed: int) -> Windows:
    """Some subcontigs, (m,) indices into the corpus, as a variant reads their genes.

    The random orders depend on the seed and on the subcontigs'
    names alone.
    """
    genes, lengths = corpus.genes_of(chosen)
    names = corpus.subcontig[chosen].tolist()
    order = np.arange(len(genes))
    if variant == "reordered":
        before = np.cumsum(lengths) - lengths
        each = zip(names, lengths.tolist(), before.tolist(), strict=True)
        order = np.concatenate([random_order(seed, *of) + offset for *of, offset in each])
    elif variant == "shuffled":
        order = random_order(seed, names[0], len(genes))
    return Windows(chosen, genes, lengths, order)


def reading_order(count: int, variant: Variant, seed: int) -> np.ndarray:
    """The order in which `count` subcontigs are read, (count,) int64.

    That of the table; a random one where contexts are shuffled, since the genes of a batch are
    then mixed and neighbours in the table are neighbours in a genome.
    """
    if variant == "shuffled":
        return np.random.default_rng(seed).permutation(count)
    return np.arange(count)


def in_batches(corpus: Corpus, per_batch: int, variant: Variant, seed: int) -> Iterator[Windows]:
    """All subcontigs of a corpus as a variant reads them, at most `per_batch` at a time."""
    order = reading_order(len(corpus), variant, seed)
    for start in range(0, len(order), per_batch):
        yield arrange(corpus, order[start : start + per_batch], variant, seed)


def check_finite(
    finite: np.ndarray, lengths: np.ndarray, subcontigs: np.ndarray, remedy: str
) -> None:
    """Raise `GlmError` naming the first subcontig of which a gene has a number that is not finite.

    finite: (genes,) bool, subcontig by subcontig. lengths, subcontigs: (m,), their genes and their
    names. remedy: what to do, or what may be wrong.
    """
    if not finite.all():
        index = np.searchsorted(lengths.cumsum(), int(np.argmin(finite)), "right")
        raise GlmError(
            f"the embedding of a gene of subcontig {subcontigs[index]} is not finite: {remedy}"
        )
