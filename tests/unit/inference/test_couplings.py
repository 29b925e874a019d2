from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from tests.random_model import random_reader

from glm.data.constants import MASKED
from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.inference import couplings
from glm.inference.reader import GeneReader
from glm.model.output import GenomicOutput

FEATURES, SIZE = 3, 7
COPY, ORIGINAL, UNKNOWN = 4, 1, 6  # genes of the planted subcontig


class Copyist:
    """Predicts the gene `COPY` as the gene `ORIGINAL` where it sees that, all others as nothing."""

    def __call__(
        self, features: torch.Tensor, lengths: torch.Tensor, masked: torch.Tensor
    ) -> GenomicOutput:
        copies = features.unflatten(0, (len(lengths), SIZE))
        predicted = torch.zeros_like(copies)
        seen = (copies[:, ORIGINAL] != MASKED).any(1)
        predicted[seen, COPY] = copies[seen, ORIGINAL]
        made = predicted.flatten(0, 1)[masked][:, None].expand(-1, 4, -1)
        return GenomicOutput(made[:, 0], made, torch.zeros(len(masked), 4))


@pytest.fixture(scope="module")
def planted() -> GeneReader:
    """One subcontig of forward genes; the two genes are one protein, the last is unknown."""
    zeros, ones = torch.zeros(FEATURES), torch.ones(FEATURES)
    builder = FeatureBuilder(zeros, ones, torch.eye(FEATURES), zeros, ones)
    proteins = np.random.default_rng(0).normal(size=(SIZE, FEATURES)).astype(np.float16)
    proteins[COPY] = proteins[ORIGINAL]
    number = np.arange(SIZE, dtype=np.int32)
    number[UNKNOWN] = -1
    corpus = Corpus(np.array([70]), np.array([0, SIZE]), number, np.ones(SIZE, bool))
    model: Any = Copyist()
    return GeneReader(model, Genes(corpus, EmbeddingStore.held(proteins), builder))


def test_a_gene_that_is_predicted_from_another_is_coupled_to_it_alone(planted: GeneReader) -> None:
    change = couplings.changes(planted, np.arange(SIZE))
    label = planted.genes.labels_of(np.array([COPY])).numpy()[0]
    expected = np.zeros((SIZE, SIZE))
    expected[COPY, ORIGINAL] = (label**2).sum() / 2  # from the label itself to nothing
    expected[UNKNOWN] = expected[:, UNKNOWN] = np.nan
    assert change == pytest.approx(expected, abs=1e-5, nan_ok=True)
    [found] = couplings.pairs(planted, workers=2)
    assert found.subcontig.tolist() == [70] * 21
    assert np.column_stack(found[1:3])[np.nanargmax(found.corrected)].tolist() == [ORIGINAL, COPY]
    assert np.nanmax(found.change) == np.nanmax(found.coupling)
    assert np.nanmax(found.coupling) == pytest.approx((label**2).sum() / 4)
    unknown = found.second == UNKNOWN
    assert np.isnan(found.coupling[unknown]).all()
    assert np.isfinite(found.corrected[~unknown]).all()


def test_likelihood_is_that_of_a_mixture_of_normal_distributions() -> None:
    random = np.random.default_rng(2)
    predictions, logits, labels = (random.normal(size=s) for s in ((5, 4, 3), (5, 4), (5, 3)))
    found = couplings.log_likelihood(*map(torch.from_numpy, (predictions, logits, labels)))
    for gene in range(5):
        weights = logits[gene] - logsumexp(logits[gene])
        each = [multivariate_normal(mean).logpdf(labels[gene]) for mean in predictions[gene]]
        whole = logsumexp(weights + each) + 1.5 * np.log(2 * np.pi)
        assert found[gene].item() == pytest.approx(whole)


def test_a_models_changes_are_those_of_masking_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of five copies, of which the last is not full."""
    monkeypatch.setattr(couplings, "GENES_PER_BATCH", 5 * 6)
    genes = np.arange(6)
    corpus = Corpus(np.array([0]), np.array([0, 6]), genes.astype(np.int32), genes % 2 == 0)
    reader = random_reader(corpus)
    labels = reader.genes.labels

    def masked(*which: int) -> float:
        made = reader.masked(genes, np.array([6]), np.array(sorted(which)))
        each = couplings.log_likelihood(*made[1:], labels[sorted(which)])
        return float(each[sorted(which).index(which[0])])

    change = couplings.changes(reader, genes)
    expected = [[masked(i) - masked(*{i: 0, j: 0}) for j in range(6)] for i in range(6)]
    assert np.abs(expected).max() > 0.01
    assert change == pytest.approx(np.array(expected), abs=1e-5)


def test_the_average_product_is_taken_off() -> None:
    change = np.random.default_rng(4).normal(size=(5, 5))
    np.fill_diagonal(change, 0)
    coupling, corrected = couplings.couple(change)
    size = np.abs(change)
    both = {(i, j): (size[i, j] + size[j, i]) / 2 for i in range(5) for j in range(5) if i != j}
    mean = [np.mean([both[i, j] for j in range(5) if j != i]) for i in range(5)]
    for (i, j), value in both.items():
        assert coupling[i, j] == pytest.approx(value)
        expected = value - mean[i] * mean[j] / np.mean(list(both.values()))
        assert corrected[i, j] == pytest.approx(expected)
    assert np.isnan(np.diag(corrected)).all()


@pytest.mark.parametrize("size", [1, 2])
def test_small_or_silent_windows_have_couplings_too(size: int) -> None:
    coupling, corrected = couplings.couple(np.zeros((size, size)))
    beside = ~np.eye(size, dtype=bool)
    assert (coupling[beside] == 0).all()
    assert (corrected[beside] == 0).all()
