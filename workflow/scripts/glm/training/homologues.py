"""Which training proteins are alike enough to stand in for each other as an input.

Alike is a matter of the embeddings, so nothing is searched for: the nearest by the cosine of the
standardised embeddings, exactly, among those that first occur in another genome.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from glm import logs
from glm.data.corpus import Corpus, assemblies_of
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore

MOST = 8  # homologues of a protein
CHUNK = 4096  # proteins that are compared with as many at a time


@dataclass(frozen=True)
class Homologues:
    """nearest: (rows of the store, MOST) int32, nearest first; -1 where there are fewer."""

    nearest: np.ndarray

    def replace(self, rows: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
        """Rows of the store, (n,) int32, a share of them replaced by one of their homologues.

        Those that have none, and -1, stay.
        """
        among = self.nearest[rows]
        count = (among >= 0).sum(1)
        drawn = generator.random((2, len(rows)))
        chosen = among[np.arange(len(rows)), (drawn[1] * count).astype(np.int64)]
        replaced: np.ndarray = np.where(
            (drawn[0] < share) & (rows >= 0) & (count > 0), chosen, rows
        )
        return replaced


def find_homologues(
    subcontigs: Path, corpus: Corpus, store: EmbeddingStore, builder: FeatureBuilder, cosine: float
) -> Homologues:
    """The homologues of each protein of a training corpus: in another genome, above a cosine.

    The genome of a protein is that of its first gene. Time grows with the square of the proteins:
    22,000 of 192 features take seconds on a core, 600,000 of 480 half a minute on an A100.
    """
    genes = np.flatnonzero(corpus.representative >= 0)
    proteins, first = np.unique(corpus.representative[genes], return_index=True)
    subcontig = np.searchsorted(corpus.offsets, genes[first], "right") - 1
    home = torch.from_numpy(assemblies_of(subcontigs, corpus.subcontig)[subcontig])
    nearest = np.full((len(store), MOST), -1, np.int32)
    starts = range(0, len(proteins), CHUNK)
    for start in logs.progress(starts, total=len(starts), unit="chunks of training proteins"):
        part = slice(start, start + CHUNK)
        mine = directions(proteins[part], store, builder)
        best, rows = mine.new_zeros(len(mine), 0), mine.new_zeros(len(mine), 0, dtype=torch.int64)
        for other in starts:
            among = slice(other, other + CHUNK)
            likeness = mine @ directions(proteins[among], store, builder).T
            alike = home[part, None] == home[among]
            likeness.masked_fill_(alike.to(likeness.device), -1.0)
            top = likeness.topk(min(MOST, likeness.shape[1]), 1)
            best, rows = torch.cat([best, top.values], 1), torch.cat([rows, top.indices + other], 1)
            kept = best.topk(min(MOST, best.shape[1]), 1)
            best, rows = kept.values, rows.gather(1, kept.indices)
        found = np.where((best > cosine).cpu().numpy(), proteins[rows.cpu().numpy()], -1)
        nearest[proteins[part], : found.shape[1]] = found
    return Homologues(nearest)


def directions(rows: np.ndarray, store: EmbeddingStore, builder: FeatureBuilder) -> Tensor:
    """Standardised embeddings of some rows of a store at length 1, where the builder lies."""
    device = builder.mean.device
    gathered = store.gather(torch.from_numpy(rows).to(store.embeddings.device)).to(device)
    return normalize(builder.standardise(gathered))
