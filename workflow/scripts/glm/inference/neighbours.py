"""Single genes among their neighbours, and what those are in the mean: context without a model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glm.data.corpus import Corpus
from glm.data.genes import Genes
from glm.inference.contexts import Windows

WINDOWS_PER_BATCH = 64


class FocalWindows(NamedTuple):
    """Genes around focal genes; place: (windows,) int64, where in `windows.genes` each one is."""

    windows: Windows
    place: np.ndarray

    @property
    def focal(self) -> np.ndarray:
        """The focal genes, (windows,) int64 into the corpus."""
        found: np.ndarray = self.windows.genes[self.place]
        return found


def windows_around(corpus: Corpus, genes: np.ndarray, each_side: int | None = None) -> FocalWindows:
    """The windows of focal genes: their subcontig, cut to `each_side` genes before and after.

    genes: (n,) int64 into the corpus.
    """
    index = np.searchsorted(corpus.offsets, genes, "right") - 1
    begin, end = corpus.offsets[index], corpus.offsets[index + 1]
    if each_side is not None:
        begin, end = np.maximum(begin, genes - each_side), np.minimum(end, genes + each_side + 1)
    lengths = end - begin
    before = np.cumsum(lengths) - lengths
    members = np.repeat(begin - before, lengths) + np.arange(lengths.sum())
    windows = Windows(index, members, lengths, np.arange(len(members)))
    return FocalWindows(windows, genes - begin + before)


def mean_of_neighbours(genes: Genes, around: FocalWindows) -> np.ndarray:
    """Mean standardised embedding of each window's other genes, (windows, D) float32.

    What the neighbours' identity alone tells. Genes without representative count as the vector of
    ones that the model reads; a gene without neighbours gets zeros.
    """
    found = np.empty((len(around.place), genes.store.size), np.float32)
    window = gene = 0
    for part in around.windows.in_parts(WINDOWS_PER_BATCH):
        of_part = slice(window, window + len(part.lengths))
        rows = genes.standardised(part.genes).cpu().numpy()
        sums = np.add.reduceat(rows, np.cumsum(part.lengths) - part.lengths, axis=0)
        others = np.maximum(part.lengths - 1, 1)[:, None]
        found[of_part] = (sums - rows[around.place[of_part] - gene]) / others
        window, gene = of_part.stop, gene + len(rows)
    return found
