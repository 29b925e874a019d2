"""What training may change of its subcontigs from one pass to the next.

A small corpus is learned by heart before it is understood. Windows that begin elsewhere, the other
strand, and the same gene of another species are changes under which a genome means the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glm import tables
from glm.data.corpus import Corpus
from glm.training.homologues import Homologues


@dataclass(frozen=True)
class Runs:
    """Subcontigs that follow each other without a gap on a contig, all of them trained on.

    number: (n,) int64, the run of each subcontig. first, end: (n,) int64, the genes of the corpus
    that its run has.
    """

    number: np.ndarray
    first: np.ndarray
    end: np.ndarray

    def begins(self, corpus: Corpus, generator: np.random.Generator) -> np.ndarray:
        """Where the window of each subcontig begins, (n,) int64: all of a run moved alike.

        By up to half of the longest subcontig either way, but not out of the run, so that what is
        held out or removed is never read. A run of one subcontig stays where it is.
        """
        half = corpus.longest // 2
        moved = generator.integers(-half, corpus.longest - half, self.number[-1] + 1)
        begins = corpus.offsets[:-1] + moved[self.number]
        return np.clip(begins, self.first, self.end - np.diff(corpus.offsets))


def read_runs(subcontigs: Path, corpus: Corpus) -> Runs:
    """The runs of the subcontigs of a corpus, by where subcontigs.parquet says that they lie."""
    columns = ["subcontig", "contig", "first_rank"]
    table = tables.read_where(subcontigs, tables.SUBCONTIGS, "subcontig", corpus.subcontig, columns)
    contig, rank = table["contig"].to_numpy(), table["first_rank"].to_numpy()
    follows = (np.diff(contig) == 0) & (np.diff(rank) == np.diff(corpus.offsets)[:-1])
    number = np.concatenate([[0], np.cumsum(~follows)])
    bounds = np.append(corpus.offsets[:-1][np.insert(~follows, 0, True)], corpus.offsets[-1])
    return Runs(number, bounds[number], bounds[number + 1])


@dataclass(frozen=True)
class Augmentation:
    """The options of a training run; without any of them, subcontigs are read as they are.

    runs: in which windows begin anywhere, each pass anew. strand_flip: whether half of the windows
    are read from the other strand. homologues, substituted: what an input may be replaced by, and
    the share that is. predicted_unmasked: the share of the windows whose predicted genes are read.
    """

    runs: Runs | None = None
    strand_flip: bool = False
    homologues: Homologues | None = None
    substituted: float = 0.0
    predicted_unmasked: float = 0.0


NOTHING_CHANGED = Augmentation()


def genes_of_windows(begins: np.ndarray, lengths: np.ndarray, reverse: np.ndarray) -> np.ndarray:
    """Genes of windows, (genes,) int64 into the corpus, window by window as they are read.

    begins, lengths: (windows,) int64. reverse: (windows,) bool, read from the last gene to the
    first.
    """
    rank = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    back = np.repeat(lengths - 1, lengths) - rank
    return np.repeat(begins, lengths) + np.where(np.repeat(reverse, lengths), back, rank)
