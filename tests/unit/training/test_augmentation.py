"""What the options of a training change of its batches, and what they may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.plant import plant_subcontigs
from tests.random_model import random_reader

from glm.data.corpus import Corpus, read_corpus
from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore
from glm.training.augmentation import Augmentation, Runs, read_runs
from glm.training.batches import Batch, BatchSampler
from glm.training.distributed import Processes
from glm.training.homologues import Homologues, find_homologues
from glm.training.loading import TrainingData

LENGTHS = [30, 30, 17, 30, 30, 30, 22, 30]  # of subcontigs 0 to 7 as they lie in the table
GENES = sum(LENGTHS)
CONTIGS = [0, 0, 0, 1, 1, 1, 2, 2]
FIRST_RANKS = [0, 30, 60, 0, 30, 60, 0, 52]  # the last one does not follow the one before it
TRAINED_ON = np.array([0, 1, 2, 3, 5, 6, 7])  # 4 is held out


def write_table(path: Path) -> Path:
    """Subcontigs whose genes are numbered through, on three contigs of two assemblies."""
    ends = np.cumsum(LENGTHS)
    rows = [list(range(end - length, end)) for end, length in zip(ends, LENGTHS, strict=True)]
    return plant_subcontigs(
        path, rows, contig=CONTIGS, first_rank=FIRST_RANKS,
        assembly=["A" if contig < 2 else "B" for contig in CONTIGS],
        forward=[[gene % 3 > 0 for gene in row] for row in rows],
    )  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "subcontigs.parquet")


@pytest.fixture(scope="module")
def corpus(table: Path) -> Corpus:
    return read_corpus(table, GENES, named=TRAINED_ON)


def windows(batch: Batch, corpus: Corpus) -> list[np.ndarray]:
    """Representatives of each window of a batch, which here are the genes' own numbers."""
    return np.split(corpus.representative[batch.genes], np.cumsum(batch.lengths)[:-1])


def test_runs_are_what_follows_without_a_gap(table: Path, corpus: Corpus) -> None:
    runs = read_runs(table, corpus)
    assert runs.number.tolist() == [0, 0, 0, 1, 2, 3, 4]
    assert runs.first.tolist() == [0, 0, 0, 77, 107, 137, 159]
    assert runs.end.tolist() == [77, 77, 77, 107, 137, 159, 189]


def test_windows_begin_anywhere_on_a_run_and_never_leave_it(table: Path, corpus: Corpus) -> None:
    sampler = BatchSampler(corpus, 7, 0.15, 3, Augmentation(runs=read_runs(table, corpus)))
    begins: dict[int, set[int]] = {}
    for epoch in range(200):
        batch = sampler.batch(epoch)
        assert sorted(batch.chosen) == list(range(7))
        for chosen, window in zip(batch.chosen, windows(batch, corpus), strict=True):
            assert (np.diff(window) == 1).all(), "a window is not of consecutive genes"
            assert len(window) == LENGTHS[TRAINED_ON[chosen]]
            begins.setdefault(int(chosen), set()).add(int(window[0]))
    assert begins[1] == set(range(15, 45))
    assert begins[0] == set(range(15))
    assert begins[2] == set(range(45, 61))  # 17 genes, the last of the run's 77
    held_out = set(range(107, 137))
    assert [begins[alone] for alone in (3, 4, 5, 6)] == [{77}, {137}, {167}, {189}]
    assert not held_out & set().union(*begins.values())


def test_in_the_middle_of_a_run_each_gene_is_seen_once_a_pass(table: Path, corpus: Corpus) -> None:
    long = Corpus(
        np.arange(9), np.arange(10) * 10, np.arange(90, dtype=np.int32), np.ones(90, bool)
    )
    runs = Runs(np.zeros(9, int), np.zeros(9, int), np.full(9, 90))
    sampler = BatchSampler(long, 9, 0.15, 1, Augmentation(runs=runs))
    for epoch in range(50):
        seen = np.bincount(long.representative[sampler.batch(epoch).genes], minlength=90)
        assert (seen[10:80] == 1).all()
        assert seen.sum() == 90


def test_half_of_the_windows_are_read_from_the_other_strand(corpus: Corpus) -> None:
    sampler = BatchSampler(corpus, 700, 0.15, 3, Augmentation(strand_flip=True))
    batch, flipped = sampler.batch(0), 0
    strands = np.split(batch.forward, np.cumsum(batch.lengths)[:-1])
    for window, forward in zip(windows(batch, corpus), strands, strict=True):
        reverse = window[0] > window[-1]
        assert (np.diff(window) == (-1 if reverse else 1)).all()
        assert (forward == ((window % 3 > 0) ^ reverse)).all()
        flipped += reverse
    assert flipped / 700 == pytest.approx(0.5, abs=0.08)


def test_a_share_of_the_inputs_is_replaced_by_homologues_and_no_label(corpus: Corpus) -> None:
    nearest = np.full((GENES, 8), -1, np.int32)
    nearest[::2, :2] = [[218, 217]]  # of each second protein two, of the others none
    nearest[4] = -1
    augmentation = Augmentation(homologues=Homologues(nearest), substituted=0.4)
    batch = BatchSampler(corpus, 700, 0.15, 3, augmentation).batch(0)
    assert batch.read is not None
    own = corpus.representative[batch.genes]
    changed = batch.read != own
    can = (nearest[own, 0] >= 0) & (own < 217)
    assert not changed[nearest[own, 0] < 0].any()
    assert changed[can].mean() == pytest.approx(0.4, abs=0.02)
    drawn = batch.read[changed & can]
    assert set(drawn) == {217, 218}
    assert (drawn == 217).mean() == pytest.approx(0.5, abs=0.05)


def test_of_a_share_of_the_windows_nothing_is_hidden(corpus: Corpus) -> None:
    """What is read as the analyses read it is predicted in windows that they might read."""
    plain = BatchSampler(corpus, 700, 0.3, 3).batch(2)
    batch = BatchSampler(corpus, 700, 0.3, 3, Augmentation(predicted_unmasked=0.2)).batch(2)
    assert (batch.masked == plain.masked).all()
    begins = np.cumsum(batch.lengths) - batch.lengths
    hidden = np.add.reduceat(batch.hidden, begins, dtype=int)
    masked = np.add.reduceat(batch.masked, begins, dtype=int)
    assert ((hidden == masked) | (hidden == 0)).all()
    assert (hidden == 0).mean() == pytest.approx(0.2, abs=0.04)
    assert plain.hidden_genes == plain.masked_genes


@pytest.fixture(scope="module")
def every_option(table: Path, corpus: Corpus) -> Augmentation:
    nearest = np.random.default_rng(1).integers(0, GENES, (GENES, 8)).astype(np.int32)
    return Augmentation(read_runs(table, corpus), True, Homologues(nearest), 0.4, 0.15)


def parts(batch: Batch) -> list[list[int]]:
    assert batch.read is not None
    return [
        each.tolist()
        for each in (batch.chosen, batch.genes, batch.forward, batch.read, batch.hidden)
    ]


def test_a_batch_is_a_function_of_seed_and_number(
    corpus: Corpus, every_option: Augmentation
) -> None:
    in_order = BatchSampler(corpus, 4, 0.15, 5, every_option)
    made = [parts(in_order.batch(number)) for number in range(12)]
    for number in (11, 3, 7, 0):
        assert parts(BatchSampler(corpus, 4, 0.15, 5, every_option).batch(number)) == made[number]
    others = parts(BatchSampler(corpus, 4, 0.15, 6, every_option).batch(0))
    assert all(one != other for one, other in zip(others, made[0], strict=True))


def test_what_is_validated_on_is_left_as_it_is(corpus: Corpus, every_option: Augmentation) -> None:
    plain = BatchSampler(corpus, 4, 0.15, 5).held_out(5)
    varied = BatchSampler(corpus, 4, 0.15, 5, every_option).held_out(5)
    assert varied.read is None
    for name in ("chosen", "genes", "forward", "masked", "hidden"):
        assert (getattr(varied, name) == getattr(plain, name)).all()


def test_inputs_are_of_homologues_and_labels_of_the_genes(
    corpus: Corpus, every_option: Augmentation
) -> None:
    embeddings = np.random.default_rng(2).normal(size=(GENES, 6)).astype(np.float16)
    zeros, ones = torch.zeros(6), torch.ones(6)
    builder = FeatureBuilder(zeros, ones, torch.eye(6)[:3], zeros[:3], ones[:3])
    sampler = BatchSampler(corpus, 5, 0.3, 5, every_option)
    alone = Processes(0, 1, torch.device("cpu"))
    data = TrainingData(corpus, EmbeddingStore.held(embeddings), builder, sampler, alone, 9)
    share = data.share(sampler.batch(1))
    [micro], batch = share.micro_batches, share.batch
    inputs = data.inputs(micro, all_labels=True)
    assert batch.read is not None
    expected = torch.from_numpy(embeddings[batch.read]).float()
    expected[torch.from_numpy(batch.hidden)] = -1
    torch.testing.assert_close(inputs.features[:, :6], expected)
    own = torch.from_numpy(embeddings[corpus.representative[batch.genes]]).float()
    assert inputs.labels is not None
    torch.testing.assert_close(inputs.labels[:, :3], own[:, :3])
    torch.testing.assert_close(inputs.masked_labels, inputs.labels[inputs.masked])
    assert inputs.hidden.sum() == share.hidden_genes < share.masked_genes


def test_homologues_are_the_nearest_of_another_genome(
    table: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pairs of proteins of the two assemblies in planted directions, and one pair of the same."""
    rng = np.random.default_rng(3)
    embeddings = rng.normal(size=(GENES, 40))
    embeddings[170] = 3 * embeddings[10] + 0.1 * rng.normal(size=40)
    embeddings[171] = embeddings[10] + 0.4 * rng.normal(size=40)
    embeddings[11] = embeddings[10]  # of the same genome
    embeddings[120] = embeddings[10]  # held out, of no training subcontig
    store = EmbeddingStore.held(embeddings.astype(np.float16))
    builder = random_reader(corpus, 40).genes.builder
    for chunk in (4096, 50):
        monkeypatch.setattr("glm.training.homologues.CHUNK", chunk)
        found = find_homologues(table, corpus, store, builder, 0.7).nearest
        assert found[10].tolist() == found[11].tolist() == [170, 171, *[-1] * 6]
        assert found[170, :2].tolist() in ([10, 11], [11, 10])
        assert (found[120] == -1).all()
        assert (found[:, 0] >= 0).sum() == 4
