from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.conftest import REPRESENTATIVES, SIZE

from glm.data.ahead import run_ahead
from glm.data.corpus import read_corpus
from glm.data.features import read_feature_builder
from glm.data.store import EmbeddingStore
from glm.training.batches import BatchSampler
from glm.training.distributed import Processes
from glm.training.loading import TrainingData


@pytest.fixture(scope="module")
def source(inputs: dict[str, str]) -> TrainingData:
    corpus = read_corpus(Path(inputs["subcontigs"]), REPRESENTATIVES)
    return TrainingData(
        corpus=corpus,
        store=EmbeddingStore(Path(inputs["store"])),
        builder=read_feature_builder(
            Path(inputs["standardisation"]), Path(inputs["label-components"]), {}
        ),
        sampler=BatchSampler(corpus, 8, 0.15, seed=2),
        processes=Processes(0, 1, torch.device("cpu")),
        subcontigs_per_device=3,
    )


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_items_are_made_in_order(workers: int) -> None:
    assert list(run_ahead(lambda item: item**2, range(20), workers)) == [n**2 for n in range(20)]


def test_only_a_few_items_are_made_ahead() -> None:
    made: list[int] = []
    ready = threading.Event()

    def make(item: int) -> int:
        made.append(item)
        if item == 3:
            ready.set()
        return item

    items = run_ahead(make, range(1000), 2)
    assert next(items) == 0
    assert ready.wait(10), "nothing was made ahead of the first item"
    items.close()  # type: ignore[attr-defined]
    assert max(made) <= 5


def test_a_fault_in_a_thread_arrives() -> None:
    def make(item: int) -> int:
        return 1 // (item - 2)

    items = run_ahead(make, range(9), 2)
    assert [next(items), next(items)] == [-1, -1]
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_inputs_are_those_of_the_genes_one_by_one(source: TrainingData) -> None:
    share = source.share(source.sampler.batch(4))
    embeddings = source.store.embeddings.float().numpy()
    batch, corpus, first = share.batch, source.corpus, 0
    assert len(share.micro_batches) == 3
    for micro in share.micro_batches:
        inputs = source.inputs(micro, all_labels=True)
        genes = batch.genes[first : first + len(micro.forward)]
        masked = batch.masked[first : first + len(micro.forward)]
        assert inputs.masked.tolist() == np.flatnonzero(masked).tolist()
        for row, gene in enumerate(genes):
            representative = corpus.representative[gene]
            expected = np.clip((embeddings[representative] - 2) / 3, -10, 10)
            if representative < 0:
                expected = np.ones(SIZE)
            expected = np.append(expected, 0.5 if corpus.forward[gene] else -0.5)
            if masked[row]:
                expected = np.full(SIZE + 1, -1)
            assert inputs.features[row].numpy() == pytest.approx(expected, abs=1e-6)
            assert bool(inputs.present[row]) == (representative >= 0)
        assert inputs.labels is not None
        torch.testing.assert_close(inputs.labels[inputs.masked], inputs.masked_labels)
        first += len(micro.forward)
    assert first == len(batch.genes)


def test_gathering_ahead_or_in_place_is_the_same(source: TrainingData) -> None:
    batch = source.sampler.batch(1)
    pairs = zip(
        source.share(batch).micro_batches,
        source.share(batch, gather=False).micro_batches,
        strict=True,
    )
    for ahead, later in pairs:
        assert ahead.embeddings is not None
        assert later.embeddings is None
        one, other = source.inputs(ahead, False), source.inputs(later, False)
        assert torch.equal(one.features, other.features)
        assert torch.equal(one.masked_labels, other.masked_labels)
        assert one.labels is None


def test_the_whole_batch_scales_the_loss(source: TrainingData) -> None:
    batch = source.sampler.batch(1)
    share = source.share(batch)
    assert share.masked_genes == batch.masked.sum()
    assert sum(len(micro.masked) for micro in share.micro_batches) == share.masked_genes
    assert share.positions == 8 * source.corpus.longest


def test_shares_are_the_batches_in_order(source: TrainingData) -> None:
    shares = list(source.shares(3, 6, workers=2))
    assert [share.batch.number for share in shares] == [3, 4, 5]
    assert shares[1].batch.chosen.tolist() == source.sampler.batch(4).chosen.tolist()
