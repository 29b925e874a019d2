from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.evaluation.planted import genes_of, label_oracle

from glm.data.genes import Genes
from glm.evaluation.estimates import CLOSEST, MOST_LIKELY
from glm.evaluation.judging import CHANCE, judge
from glm.evaluation.masking import MaskedBatch, deal_rounds, masked_batches, one_by_one
from glm.evaluation.predictors import Predicted, copy_neighbour

COPY = partial(copy_neighbour, predictions=4)
LINE = [[float(number), 0.0] for number in range(8)]


def oracle(genes: Genes, batch: MaskedBatch) -> Predicted:
    """Predicts the label itself."""
    masked = torch.from_numpy(batch.genes[batch.masked])
    return Predicted(*label_oracle(genes.labels, masked, 4))


def third_is_right(genes: Genes, batch: MaskedBatch) -> Predicted:
    """The third prediction is the label, and the first, far from all, is held most likely."""
    predictions, likelihoods = oracle(genes, batch)[:2]
    predictions = predictions.clone()
    predictions[:, [0, 1, 3]] = -50.0
    likelihoods = likelihoods.clone()
    likelihoods[:, 0] = 1.0
    return Predicted(predictions, likelihoods)


@pytest.mark.parametrize("whole_genome", [False, True])
def test_the_label_itself_is_always_found(tmp_path: Path, whole_genome: bool) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2, -1], [3, 4, 5, 6, 7]], LINE)
    deal = one_by_one(genes.corpus) if whole_genome else deal_rounds(genes.corpus, 0.3, 1)
    scores = judge(genes, masked_batches(genes.corpus, deal, 2), {"oracle": oracle}, whole_genome)
    assert scores["oracle", MOST_LIKELY].tolist() == [1.0] * 8  # not the one without protein
    assert scores["oracle", CLOSEST].tolist() == [1.0] * 8


def test_chance_is_one_in_the_candidates(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2, -1], [3, 4, 5, 6, 7]], LINE)
    batches = list(masked_batches(genes.corpus, one_by_one(genes.corpus), 2))
    pseudo = judge(genes, batches, {}, whole_genome=False)[CHANCE, MOST_LIKELY]
    assert pseudo == pytest.approx([1 / 3] * 3 + [1 / 5] * 5)
    assert judge(genes, batches, {}, True)[CHANCE, MOST_LIKELY] == pytest.approx([1 / 8] * 8)


def test_the_two_readings_differ_when_the_likelihoods_are_wrong(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[1, 2, 3, 4, 5]], LINE)
    batches = masked_batches(genes.corpus, one_by_one(genes.corpus), 1)
    scores = judge(genes, batches, {"third": third_is_right}, whole_genome=False)
    assert scores["third", CLOSEST].tolist() == [1.0] * 5
    assert scores["third", MOST_LIKELY].sum() == 1  # the gene that lies nearest to -50


@pytest.mark.parametrize("whole_genome", [False, True])
def test_a_copied_neighbour_is_judged_by_hand(tmp_path: Path, whole_genome: bool) -> None:
    # embeddings 0, 1, 3, 7 on a line; the one before is copied, and is itself no candidate
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 3, 7]], LINE)
    batches = masked_batches(genes.corpus, one_by_one(genes.corpus), 1)
    scores = judge(genes, batches, {"copy": COPY}, whole_genome)
    # 0: copies 1, to which 0 is nearest (1 away; 3 is 2 away). 1: copies 0, 1 is nearest.
    # 3: copies 1, but 0 is nearer to it. 7: copies 3, but 1 is nearer to it.
    assert scores["copy", MOST_LIKELY].tolist() == [1, 1, 0, 0]
    # closest of the copies: 0 by 1: found; 1 by 0: found; 3 by 1: 0 is nearer; 7 by 3: 1 is nearer
    assert scores["copy", CLOSEST].tolist() == [1, 1, 0, 0]


def test_without_a_prediction_nothing_is_found(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, -1]], LINE)
    batches = masked_batches(genes.corpus, one_by_one(genes.corpus), 1)
    assert judge(genes, batches, {"copy": COPY}, False)["copy", MOST_LIKELY] == [0]


def test_a_gene_masked_twice_scores_the_mean(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2]], LINE)
    first = MaskedBatch(np.array([0]), np.arange(3), np.array([3]), np.array([0]))
    calls = []

    def sometimes(genes: Genes, batch: MaskedBatch) -> Predicted:
        calls.append(batch)
        return oracle(genes, batch) if len(calls) % 2 else third_is_right(genes, batch)

    def far(genes: Genes, batch: MaskedBatch) -> Predicted:
        predictions, likelihoods = oracle(genes, batch)[:2]
        return Predicted(predictions + (50.0 if len(calls) % 2 else 0.0), likelihoods)

    scores = judge(genes, [first, first], {"sometimes": sometimes, "far": far}, False)
    assert len(scores["far", MOST_LIKELY]) == 1
    assert scores["far", MOST_LIKELY] == [0.5]
