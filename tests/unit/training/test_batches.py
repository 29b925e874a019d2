from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.conftest import REPRESENTATIVES

from glm.data.corpus import Corpus, read_corpus
from glm.errors import GlmError
from glm.training.batches import Batch, BatchSampler, MicroBatch, draw_masks, stream


@pytest.fixture(scope="module")
def corpus(inputs: dict[str, str]) -> Corpus:
    return read_corpus(Path(inputs["subcontigs"]), REPRESENTATIVES)


def many_genes(subcontigs: int, genes: int, without: float = 0.0) -> Corpus:
    """Subcontigs of equal length, a share of the genes without representative."""
    generator = np.random.default_rng(3)
    representative = np.arange(subcontigs * genes, dtype=np.int32)
    representative[generator.random(len(representative)) < without] = -1
    return Corpus(
        subcontig=np.arange(subcontigs),
        offsets=np.arange(subcontigs + 1) * genes,
        representative=representative,
        forward=np.ones(subcontigs * genes, bool),
    )


def parts(batch: Batch) -> list[list[int]]:
    return [array.tolist() for array in (batch.chosen, batch.genes, batch.lengths, batch.masked)]


def test_a_batch_is_a_function_of_seed_and_number(corpus: Corpus) -> None:
    in_order = BatchSampler(corpus, 8, 0.15, seed=5)
    made = [parts(in_order.batch(number)) for number in range(12)]
    for number in (11, 3, 7, 0):
        fresh = BatchSampler(corpus, 8, 0.15, seed=5)
        assert parts(fresh.batch(number)) == made[number]
    assert parts(BatchSampler(corpus, 8, 0.15, seed=6).batch(0)) != made[0]


def test_without_options_batches_are_what_they_were_before_there_were_any() -> None:
    """The digest is of the batches of the version before random offsets, flips and homologues."""
    sampler = BatchSampler(many_genes(40, 9, without=0.1), 16, 0.3, seed=5)
    digest = hashlib.sha256()
    for batch in [*(sampler.batch(number) for number in range(6)), sampler.held_out(20)]:
        for array in (batch.chosen, batch.genes, batch.lengths, batch.masked):
            digest.update(array.astype(np.int64).tobytes())
        for micro in sampler.micro_batches(batch, 5):
            tensors = (micro.masked, micro.representative, micro.forward)
            digest.update(str((micro.seed, *(each.tolist() for each in tensors))).encode())
            assert micro.read is None
            assert torch.equal(micro.hidden, micro.masked)
    assert digest.hexdigest().startswith("a1bf985ba89df564dbe62055fd47a7ed")


@pytest.mark.parametrize("size", [1, 7, 8, 30, 64])
def test_every_subcontig_is_seen_once_an_epoch(corpus: Corpus, size: int) -> None:
    sampler = BatchSampler(corpus, size, 0.15, seed=1)
    batches = [sampler.batch(number).chosen for number in range(-(-90 // size))]
    assert {len(batch) for batch in batches} == {size}
    seen = np.concatenate(batches)
    epochs = [seen[first : first + 30] for first in (0, 30, 60)]
    for epoch in epochs:
        assert Counter(epoch.tolist()) == Counter(range(30))
    assert epochs[0].tolist() != epochs[1].tolist()


def test_the_same_subcontig_is_masked_anew_each_epoch() -> None:
    sampler = BatchSampler(many_genes(1, 500), 1, 0.15, seed=1)
    first, second = (sampler.batch(number).masked for number in (0, 1))
    assert 0 < (first & second).sum() < min(first.sum(), second.sum())


def test_the_share_of_masked_genes_is_the_rate() -> None:
    corpus = many_genes(2000, 30)
    masked = BatchSampler(corpus, 2000, 0.15, seed=1).batch(0).masked
    # 60,000 genes: a standard error of 0.0015, and 0.8 % of subcontigs get a gene for none
    assert masked.mean() == pytest.approx(0.15, abs=0.005)
    per_rank = masked.reshape(2000, 30).mean(0)
    assert per_rank.min() > 0.12
    assert per_rank.max() < 0.18


def test_every_subcontig_has_a_masked_gene_and_none_without_representative() -> None:
    corpus = many_genes(3000, 5, without=0.3)
    batch = BatchSampler(corpus, 3000, 0.01, seed=1).batch(0)
    known = corpus.representative[batch.genes].reshape(3000, 5) >= 0
    masked = batch.masked.reshape(3000, 5)
    assert not (masked & ~known).any()
    assert (masked.any(1) == known.any(1)).all()
    assert (~known.any(1)).any(), "no subcontig was without any representative"


def test_masks_do_not_depend_on_the_corpus_order() -> None:
    corpus = many_genes(4, 6)
    genes, lengths = corpus.genes_of(np.array([2, 0]))
    drawn = [draw_masks(corpus, genes, lengths, 0.5, stream(1, 2, 3)).tolist() for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert draw_masks(corpus, genes, lengths, 0.5, stream(1, 2, 4)).tolist() != drawn[0]


def rejoin(micro_batches: list[MicroBatch]) -> list[list[int]]:
    """The batch that micro-batches were cut from: representatives, strands, masks, lengths."""
    masks = [
        torch.zeros(len(micro.forward), dtype=torch.bool).index_fill_(0, micro.masked, True)
        for micro in micro_batches
    ]
    return [
        torch.cat(kind).tolist()
        for kind in (
            [micro.representative for micro in micro_batches],
            [micro.forward for micro in micro_batches],
            masks,
            [micro.lengths for micro in micro_batches],
        )
    ]


@pytest.mark.parametrize(("size", "world"), [(8, 1), (3, 1), (3, 2), (2, 4), (1, 3), (100, 5)])
def test_ranks_and_micro_batches_share_the_batch_out(corpus: Corpus, size: int, world: int) -> None:
    sampler = BatchSampler(corpus, 8, 0.15, seed=5)
    batch = sampler.batch(2)
    shares = [sampler.micro_batches(batch, size, rank, world) for rank in range(world)]
    assert all(share for share in shares), "a rank has nothing to do"
    longest = max(map(len, shares))
    dealt = [share[turn] for turn in range(longest) for share in shares if turn < len(share)]
    assert max(len(micro.lengths) for micro in dealt) <= size
    assert rejoin(dealt) == [
        corpus.representative[batch.genes].tolist(),
        corpus.forward[batch.genes].tolist(),
        batch.masked.tolist(),
        batch.lengths.tolist(),
    ]


def test_dropout_is_seeded_by_step_and_piece_not_by_rank(corpus: Corpus) -> None:
    sampler = BatchSampler(corpus, 8, 0.15, seed=5)

    def seeds(number: int, rank: int = 0, world: int = 1) -> list[int]:
        batch = sampler.batch(number)
        return [micro.seed for micro in sampler.micro_batches(batch, 2, rank, world)]

    one = seeds(3)
    assert len(set(one)) == 4
    assert [seeds(3, rank, 2) for rank in (0, 1)] == [one[0::2], one[1::2]]
    assert not set(one) & set(seeds(4))
    assert all(0 <= seed < 2**63 for seed in one)


def test_more_processes_than_subcontigs_are_refused(corpus: Corpus) -> None:
    sampler = BatchSampler(corpus, 3, 0.15, seed=5)
    with pytest.raises(GlmError, match="3 subcontigs cannot be shared by 4"):
        sampler.micro_batches(sampler.batch(0), 1, 0, 4)


def test_validation_is_always_the_same_and_without_repeats(corpus: Corpus) -> None:
    held_out = [BatchSampler(corpus, size, 0.15, seed=5).held_out(12) for size in (4, 8)]
    assert parts(held_out[0]) == parts(held_out[1])
    assert len(set(held_out[0].chosen.tolist())) == 12
    assert len(BatchSampler(corpus, 4, 0.15, seed=5).held_out(1000).chosen) == 30
