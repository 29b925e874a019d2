"""The genes of a corpus with their embeddings: features and labels of any of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glm.data.corpus import Corpus, read_corpus
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore

GENES_PER_CHUNK = 8192


@dataclass(frozen=True)
class Genes:
    """A corpus, the store of its embeddings, and what makes features and labels of both.

    Genes are named by their place in the corpus, (n,) int64. Features and labels lie where the
    builder does; the store may lie elsewhere.
    """

    corpus: Corpus
    store: EmbeddingStore
    builder: FeatureBuilder

    @classmethod
    def read(
        cls, subcontigs: Path, store: Path | EmbeddingStore, builder: FeatureBuilder, **which: Any
    ) -> Genes:
        """Those of a run's files; which: of the subcontigs, as `read_corpus` takes it."""
        rows = EmbeddingStore(store) if isinstance(store, Path) else store
        return cls(read_corpus(subcontigs, len(rows), **which), rows, builder)

    @classmethod
    def of_proteins(cls, store: EmbeddingStore, builder: FeatureBuilder) -> Genes:
        """Each protein of a store as a gene on the forward strand, alone in its subcontig."""
        number = np.arange(len(store) + 1)
        alone = number[:-1].astype(np.int32)
        return cls(Corpus(number[:-1], number, alone, alone >= 0), store, builder)

    @property
    def device(self) -> torch.device:
        """Where features and labels are made."""
        return self.builder.mean.device

    @property
    def present(self) -> np.ndarray:
        """Whether each gene has a representative, (genes,) bool."""
        present: np.ndarray = self.corpus.representative >= 0
        return present

    def gather(self, genes: np.ndarray) -> Tensor:
        """Raw embeddings of some genes, (n, D) float16, where the store lies."""
        rows = torch.from_numpy(self.corpus.representative[genes])
        return self.store.gather(rows.to(self.store.embeddings.device))

    def raw(
        self, genes: np.ndarray, gathered: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Raw embeddings, presence and strand of some genes, where the builder lies."""
        embeddings = self.gather(genes) if gathered is None else gathered
        representative = torch.from_numpy(self.corpus.representative[genes])
        return (
            embeddings.to(self.device, non_blocking=True),
            (representative >= 0).to(self.device),
            torch.from_numpy(self.corpus.forward[genes]).to(self.device),
        )

    def features(
        self,
        genes: np.ndarray,
        masked: np.ndarray | None = None,
        gathered: Tensor | None = None,
    ) -> Tensor:
        """The model's input for some genes, (n, D + 1) float32.

        masked: (m,) int64 into `genes`. gathered: what `gather` made of them, if a thread did so
        ahead.
        """
        hidden = None
        if masked is not None:
            hidden = torch.zeros(len(genes), dtype=torch.bool)
            hidden[torch.from_numpy(masked)] = True
            hidden = hidden.to(self.device)
        return self.builder.features(*self.raw(genes, gathered), hidden)

    def standardised(self, genes: np.ndarray) -> Tensor:
        """Standardised embeddings of some genes, ones without representative, (n, D) float32."""
        return self.builder.standardise(*self.raw(genes)[:2])

    def labels_of(self, genes: np.ndarray) -> Tensor:
        """Labels of some genes, (n, components + 1) float32."""
        return self.builder.labels(*self.raw(genes))

    @cached_property
    def labels(self) -> Tensor:
        """Labels of all genes, on the processor, computed a chunk at a time."""
        every = np.arange(self.corpus.offsets[-1])
        starts = range(0, len(every), GENES_PER_CHUNK)
        chunks = (every[start : start + GENES_PER_CHUNK] for start in starts)
        return torch.cat([self.labels_of(chunk) for chunk in chunks]).cpu()
