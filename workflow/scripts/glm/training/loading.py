"""From batch numbers to what a forward pass takes, prepared ahead of the step that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from glm.data.ahead import run_ahead
from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore
from glm.model.layout import Layout
from glm.training.batches import Batch, BatchSampler, MicroBatch
from glm.training.distributed import Processes


class Share(NamedTuple):
    """One process's share of a batch, and the numbers of the whole batch that scale its loss.

    masked_genes: genes that are predicted, at least 1; hidden_genes: those of them that are not
    read, the same. positions: places in the padded grid.
    """

    batch: Batch
    micro_batches: list[MicroBatch]
    masked_genes: int
    hidden_genes: int
    positions: int


class Inputs(NamedTuple):
    """Tensors on the device: what the model takes, and what its predictions are judged by.

    features: (genes, D + 1). masked: (m,), the genes that are predicted; hidden: (m,) bool, those
    of them that are not read. masked_labels: (m, components + 1). labels: (genes, components + 1),
    only where accuracies are asked for. present: (genes,) bool.
    """

    features: Tensor
    layout: Layout
    masked: Tensor
    hidden: Tensor
    masked_labels: Tensor
    present: Tensor
    labels: Tensor | None


@dataclass(frozen=True)
class TrainingData:
    """A corpus, its embedding store, and the module that makes features of both."""

    corpus: Corpus
    store: EmbeddingStore
    builder: FeatureBuilder
    sampler: BatchSampler
    processes: Processes
    subcontigs_per_device: int

    def share(self, batch: Batch, gather: bool = True) -> Share:
        """This process's share of a batch.

        gather: also gather its embeddings now, unless they lie on the device.
        """
        micro_batches = self.sampler.micro_batches(
            batch, self.subcontigs_per_device, self.processes.rank, self.processes.world
        )
        if gather and not self.store.resident:
            micro_batches = [self.gathered(micro) for micro in micro_batches]
        positions = len(batch.chosen) * self.corpus.longest
        counts = max(batch.masked_genes, 1), max(batch.hidden_genes, 1)
        return Share(batch, micro_batches, *counts, positions)

    def gathered(self, micro: MicroBatch) -> MicroBatch:
        """A micro-batch with its embeddings, under way to a GPU on a stream of their own."""
        embeddings = self.store.gather(micro.rows)
        if self.copies is None:
            return replace(micro, embeddings=embeddings)
        with torch.cuda.stream(self.copies):
            on_device = send(embeddings, self.processes.device)
            arrived = torch.cuda.Event()
            arrived.record()
        return replace(micro, embeddings=on_device, arrived=arrived)

    @cached_property
    def copies(self) -> torch.cuda.Stream | None:
        """The stream on which embeddings are copied while the step before is computed."""
        device = self.processes.device
        return torch.cuda.Stream(device) if device.type == "cuda" else None

    def shares(self, first: int, last: int, workers: int) -> Iterator[Share]:
        """The shares of batches first … last - 1, made ahead by threads."""
        yield from run_ahead(
            lambda number: self.share(self.sampler.batch(number)), range(first, last), workers
        )

    def inputs(self, micro: MicroBatch, all_labels: bool) -> Inputs:
        """Move indices (or embeddings) to the device and make features and labels there."""
        device = self.processes.device
        representative = send(micro.representative, device)
        forward, masked = send(micro.forward, device), send(micro.masked, device)
        if self.store.resident:
            embeddings = self.store.gather(send(micro.rows, device))
        elif micro.embeddings is None:
            embeddings = send(self.store.gather(micro.rows), device)
        else:
            embeddings = micro.embeddings
            if micro.arrived is not None:
                torch.cuda.current_stream().wait_event(micro.arrived)
                embeddings.record_stream(torch.cuda.current_stream())
        read, own = embeddings[: len(representative)], embeddings[-len(representative) :]
        present = representative >= 0
        hidden = torch.zeros_like(present).index_fill_(0, send(micro.hidden, device), True)
        # the masked genes' labels are computed apart even where all are: a matrix product of
        # another shape may differ in the last bit, and looking must not change the run
        of_masked = (values.index_select(0, masked) for values in (own, present, forward))
        return Inputs(
            features=self.builder.features(read, present, forward, hidden),
            layout=Layout.of(micro.lengths, device),
            masked=masked,
            hidden=hidden.index_select(0, masked),
            masked_labels=self.builder.labels(*of_masked),
            present=present,
            labels=self.builder.labels(own, present, forward) if all_labels else None,
        )


def send(tensor: Tensor, device: torch.device) -> Tensor:
    """A host tensor on the device, without waiting for the copy."""
    if device.type == "cuda" and not tensor.is_pinned():
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
