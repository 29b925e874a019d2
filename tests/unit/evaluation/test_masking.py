from __future__ import annotations

import numpy as np
import pytest
from tests.unit.evaluation.planted import corpus_of

from glm.evaluation.masking import NEVER, deal_rounds, masked_batches, one_by_one


def test_every_gene_is_masked_exactly_once_and_the_share_is_that_of_training() -> None:
    corpus = corpus_of([list(range(30))] * 40)
    rounds = deal_rounds(corpus, 0.15, seed=1)
    assert set(rounds) == set(range(7))  # 1 / 7 = 14.3 % is nearest to 15 %
    per_round = np.stack([np.bincount(part, minlength=7) for part in rounds.reshape(40, 30)])
    assert per_round.min() == 4
    assert per_round.max() == 5
    assert per_round.mean(0) == pytest.approx(30 / 7, abs=0.5)


def test_the_deal_depends_on_the_seed_only() -> None:
    corpus = corpus_of([list(range(20))] * 3)
    assert (deal_rounds(corpus, 0.15, 1) == deal_rounds(corpus, 0.15, 1)).all()
    assert (deal_rounds(corpus, 0.15, 1) != deal_rounds(corpus, 0.15, 2)).any()


def test_a_gene_without_representative_is_never_masked() -> None:
    corpus = corpus_of([[0, -1, 1, 2, -1, 3, 4]])
    for rounds in (deal_rounds(corpus, 0.5, 1), one_by_one(corpus)):
        assert rounds[[1, 4]].tolist() == [NEVER, NEVER]
        assert (rounds[[0, 2, 3, 5, 6]] != NEVER).all()


def test_batches_mask_what_was_dealt() -> None:
    corpus = corpus_of([list(range(17)), [0, -1, 2], list(range(30)), [5] * 16])
    rounds = deal_rounds(corpus, 0.15, seed=3)
    seen = []
    for batch in masked_batches(corpus, rounds, subcontigs_per_batch=2):
        masked = batch.genes[batch.masked]
        assert len(set(rounds[masked])) == 1
        assert batch.lengths.sum() == len(batch.genes)
        assert len(batch.chosen) <= 2
        # all other genes of this round in these subcontigs are masked, too
        assert (rounds[batch.genes] == rounds[masked[0]]).sum() == len(masked)
        seen += masked.tolist()
    assert sorted(seen) == np.flatnonzero(corpus.representative >= 0).tolist()


def test_alone_means_one_masked_gene_in_a_subcontig() -> None:
    corpus = corpus_of([list(range(5)), list(range(3))])
    batches = list(masked_batches(corpus, one_by_one(corpus), 10))
    assert [len(batch.masked) for batch in batches] == [2, 2, 2, 1, 1]
    assert [len(batch.chosen) for batch in batches] == [2, 2, 2, 1, 1]
