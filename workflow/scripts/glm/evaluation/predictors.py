"""What predicts the labels of masked genes: the models, and baselines that learn nothing.

A baseline gives as many ordered predictions as the gLM, so that both readings of the accuracy,
most likely and closest, can be had of it on equal terms.

- copy_neighbour predicts the label of the nearest gene that is not masked. That gene itself is
  taken out of the candidates (its label would be at distance zero), which is in the baseline's
  favour: it chooses from one candidate less than the models.
- nearest_context looks the context up: for each neighbour of the masked gene, the nearest gene of
  the training subcontigs in standardised embedding space, and of that one the gene at the same
  offset (mirrored, with its strand, if the two lie on opposite strands). The two genes next to the
  masked one come first, the one with the nearer match before the other; then those further off, up
  to `WINDOW`. (Letting the nearest match within five genes decide is worse: .25 instead of .31 on
  E. coli K-12 with amino-acid and dipeptide frequencies as embeddings.) Of a protein that occurs
  often in training, the first occurrence that has the offset inside its subcontig is taken, of
  `OCCURRENCES`.

The gLM is judged once more with its inputs replaced by the nearest training proteins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from glm.data.features import FeatureBuilder
from glm.data.genes import Genes
from glm.evaluation.masking import MaskedBatch
from glm.evaluation.nearest import nearest_rows
from glm.inference.reader import GeneReader

WINDOW = 3  # genes either side whose context is looked up
OCCURRENCES = 4  # of one training protein that are tried


class Predicted(NamedTuple):
    """Predictions for masked genes.

    predictions: (m, k, label size), not a number where there is none; likelihoods: (m, k);
    copied: (m, k) int64, genes that the predictions were copied from and that are therefore no
    candidates; None for anything but a copy.
    """

    predictions: Tensor
    likelihoods: Tensor
    copied: Tensor | None = None


class Predictor(Protocol):
    """Anything that predicts the labels of a batch's masked genes."""

    def __call__(self, genes: Genes, batch: MaskedBatch) -> Predicted:
        """Predictions for `batch.masked`."""


@dataclass(frozen=True)
class ModelPredictor:
    """The gLM or the biLSTM, in evaluation mode."""

    model: Any

    def __call__(self, genes: Genes, batch: MaskedBatch) -> Predicted:
        """One forward pass."""
        made = GeneReader(self.model, genes).masked(batch.genes, batch.lengths, batch.masked)
        return Predicted(made.predictions, made.likelihoods)


def neighbours(genes: Genes, batch: MaskedBatch, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Genes around the masked ones that can be seen: in the subcontig, not masked, and present.

    Returns their places in the corpus, (m, 2 * window) int64, nearest first and of two equally
    near the one before, and whether each can be used, (m, 2 * window) bool.
    """
    offsets = np.repeat(np.arange(1, window + 1), 2) * np.tile([-1, 1], window)
    ends = np.cumsum(batch.lengths)
    subcontig = np.searchsorted(ends, batch.masked, side="right")
    places = batch.masked[:, None] + offsets
    begins = (ends - batch.lengths)[subcontig][:, None]
    inside = (places >= begins) & (places < ends[subcontig][:, None])
    places = np.where(inside, places, 0)
    visible = genes.present[batch.genes]
    visible[batch.masked] = False
    return batch.genes[places], inside & visible[places]


def first_of(usable: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` usable columns of each row; the first again where there are fewer.

    (m, n) bool to columns, (m, count) int64, and whether a row has any, (m,) bool.
    """
    order = np.argsort(~usable, axis=1, kind="stable")[:, :count]
    order = np.pad(order, ((0, 0), (0, count - order.shape[1])), mode="edge")
    is_usable = np.take_along_axis(usable, order, axis=1)
    return np.where(is_usable, order, order[:, :1]), is_usable[:, 0]


def ranked(predictions: Tensor, any_usable: np.ndarray) -> tuple[Tensor, Tensor]:
    """Predictions (m, k, size), not a number where there is none, and likelihoods in order."""
    predictions[torch.from_numpy(~any_usable)] = torch.nan
    order = torch.arange(predictions.shape[1], 0, -1, dtype=torch.float32)
    return predictions, order.expand(len(predictions), -1)


def copy_neighbour(genes: Genes, batch: MaskedBatch, predictions: int) -> Predicted:
    """The labels of the nearest genes that are not masked, as many as there are predictions."""
    places, usable = neighbours(genes, batch, int(batch.lengths.max()) - 1)
    columns, any_usable = first_of(usable, predictions)
    copied = torch.from_numpy(np.take_along_axis(places, columns, axis=1))
    return Predicted(*ranked(genes.labels[copied], any_usable), copied)


class TrainingContexts:
    """Where each training protein occurs, and what stands beside it."""

    def __init__(self, genes: Genes) -> None:
        """Index the genes of the training subcontigs."""
        corpus = genes.corpus
        self.genes, self.corpus = genes, corpus
        self.subcontig = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))
        self.order = np.argsort(corpus.representative, kind="stable")
        self.sorted = corpus.representative[self.order]

    @classmethod
    def read(
        cls, subcontigs: Path, splits: Path | None, store: Path, builder: FeatureBuilder
    ) -> TrainingContexts:
        """Those of the training subcontigs of a run."""
        return cls(Genes.read(subcontigs, store, builder, splits=splits, split="train"))

    @property
    def proteins(self) -> np.ndarray:
        """The training proteins: rows of the store, (n,)."""
        return np.unique(self.sorted[self.sorted >= 0])

    def beside(
        self, rows: np.ndarray, forward: np.ndarray, offset: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The training gene at an offset from an occurrence of a training protein.

        rows: training proteins, forward: strand of the gene that was matched, offset: genes
        from that gene to the masked one; all of one shape. Returns the training gene, whether
        the match lies on the other strand, and whether there is such a gene.
        """
        first = np.searchsorted(self.sorted, rows)
        target = np.zeros(rows.shape, dtype=np.int64)
        mirrored = np.zeros(rows.shape, dtype=bool)
        known = np.zeros(rows.shape, dtype=bool)
        for occurrence in range(OCCURRENCES):
            index = np.minimum(first + occurrence, len(self.sorted) - 1)
            match = self.order[index]
            other = self.corpus.forward[match] != forward
            beside = match + np.where(other, -offset, offset)
            inside = (beside >= 0) & (beside < len(self.subcontig))
            beside = np.where(inside, beside, 0)
            usable = (
                inside
                & (self.sorted[index] == rows)
                & (self.subcontig[beside] == self.subcontig[match])
                & (self.corpus.representative[beside] >= 0)
                & ~known
            )
            target = np.where(usable, beside, target)
            mirrored = np.where(usable, other, mirrored)
            known |= usable
        return target, mirrored, known


class NearestContext:
    """The lookup of a masked gene's context among the training subcontigs."""

    def __init__(self, contexts: TrainingContexts, genes: Genes, predictions: int) -> None:
        """Find the nearest training protein of every protein of the genes that are judged."""
        self.contexts, self.predictions = contexts, predictions
        asked = np.unique(genes.corpus.representative[genes.present])
        queries = genes.store.gather(torch.from_numpy(asked))
        self.rows = np.zeros(len(genes.store), dtype=np.int64)
        self.distances = np.full(len(genes.store), np.inf, dtype=np.float32)
        self.rows[asked], self.distances[asked] = nearest_rows(
            queries, contexts.genes.store, contexts.proteins, genes.builder
        )

    def __call__(self, genes: Genes, batch: MaskedBatch) -> Predicted:
        """Labels of what stands beside the neighbours' matches, nearest neighbours first."""
        places, usable = neighbours(genes, batch, WINDOW)
        representative = genes.corpus.representative[places]
        offset = batch.genes[batch.masked][:, None] - places
        target, mirrored, known = self.contexts.beside(
            self.rows[representative], genes.corpus.forward[places], offset
        )
        usable &= known
        distance = np.where(usable, self.distances[representative], np.inf)
        further = np.broadcast_to(np.abs(offset), distance.shape)
        order = np.lexsort((distance, further), axis=1)
        columns, any_usable = first_of(np.take_along_axis(usable, order, axis=1), self.predictions)
        columns = np.take_along_axis(order, columns, axis=1)
        target = np.take_along_axis(target, columns, axis=1)
        labels = self.contexts.genes.labels_of(target.ravel()).cpu()
        predictions = labels.unflatten(0, target.shape).clone()
        strand = torch.from_numpy(np.take_along_axis(mirrored, columns, axis=1))
        predictions[..., -1] = torch.where(strand, -predictions[..., -1], predictions[..., -1])
        return Predicted(*ranked(predictions, any_usable))


class InputsReplaced:
    """A model that reads, in place of each gene's protein, its nearest training protein.

    What it finds more than without is what the proteins' distance to training costs it: what the
    protein model lacks, not the gLM.
    """

    def __init__(self, predict: Predictor, look_up: NearestContext, genes: Genes) -> None:
        """Replace the inputs of the genes that are judged."""
        own = genes.corpus.representative
        rows = np.where(own >= 0, look_up.rows[own], -1).astype(np.int32)
        corpus = replace(genes.corpus, representative=rows)
        self.predict = predict
        self.genes = replace(look_up.contexts.genes, corpus=corpus)

    def __call__(self, genes: Genes, batch: MaskedBatch) -> Predicted:
        """Predictions of the model for the same masked genes."""
        return self.predict(self.genes, batch)
