from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.random_model import random_model
from tests.unit.evaluation.planted import corpus_of, genes_of, identity_builder, store_of

from glm.data.genes import Genes
from glm.evaluation.masking import MaskedBatch
from glm.evaluation.predictors import (
    InputsReplaced,
    ModelPredictor,
    NearestContext,
    TrainingContexts,
    copy_neighbour,
    neighbours,
)

LINE = [[float(number), 0.0] for number in range(8)]  # embeddings of representatives 0 to 7


def batch_of(lengths: list[int], masked: list[int]) -> MaskedBatch:
    """All subcontigs of a corpus, with these genes masked."""
    return MaskedBatch(
        np.arange(len(lengths)), np.arange(sum(lengths)), np.array(lengths), np.array(masked)
    )


def test_neighbours_are_near_visible_and_in_the_same_subcontig(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2], [3, -1, 5, 6]], LINE)
    places, usable = neighbours(genes, batch_of([3, 4], [3, 5]), window=3)
    seen = [place[mask].tolist() for place, mask in zip(places, usable, strict=True)]
    # gene 3 begins its subcontig, 4 has no representative and 5 is masked; 5 sees 6 and 3 not
    assert seen == [[6], [6]]


def test_the_nearest_unmasked_gene_is_copied_the_one_before_first(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2, 3, 4, 5]], LINE)
    predicted = copy_neighbour(genes, batch_of([6], [2, 3]), 4)
    assert predicted.copied is not None
    assert predicted.copied.tolist() == [[1, 0, 4, 5], [4, 1, 5, 0]]
    assert predicted.predictions[0, 0].tolist() == [1.0, 0.0, 0.5]
    assert predicted.likelihoods.argmax(1).tolist() == [0, 0]


def test_with_fewer_neighbours_than_predictions_the_first_is_repeated(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, 1, 2]], LINE)
    predicted = copy_neighbour(genes, batch_of([3], [0]), 4)
    assert predicted.copied is not None
    assert predicted.copied.tolist() == [[1, 2, 1, 1]]


def test_without_a_neighbour_there_is_no_prediction(tmp_path: Path) -> None:
    genes = genes_of(tmp_path / "s.npy", [[0, -1], [1, 2]], LINE)
    predicted = copy_neighbour(genes, batch_of([2, 2], [0, 2]), 4)
    assert predicted.predictions[0].isnan().all()
    assert predicted.predictions[1].isfinite().all()


def lookup(
    folder: Path,
    training: list[list[int]],
    judged: list[list[int]],
    masked: list[int],
    training_forward: list[list[bool]] | None = None,
    forward: list[list[bool]] | None = None,
) -> torch.Tensor:
    """First predictions of the nearest context for genes of a genome.

    The judged genes' embeddings are those of the training proteins of the same number, a little
    off; training protein 7 is a decoy far away.
    """
    store = store_of(folder / "training.npy", LINE)
    builder = identity_builder(2)
    contexts = TrainingContexts(Genes(corpus_of(training, training_forward), store, builder))
    moved = [[x + 0.125, 0.125] for x, _ in LINE]
    genes = Genes(corpus_of(judged, forward), store_of(folder / "judged.npy", moved), builder)
    predict = NearestContext(contexts, genes, 4)
    predictions: torch.Tensor = predict(
        genes, batch_of([len(found) for found in judged], masked)
    ).predictions
    return predictions


def test_what_stands_beside_the_neighbours_match_is_predicted(tmp_path: Path) -> None:
    # 4 stands between 3 and 5 in training; 4 is masked in the genome, where 3 and 5 flank it
    predictions = lookup(tmp_path, [[7, 2, 3, 4, 5, 7]], [[6, 3, 4, 5, 6]], masked=[2])
    assert predictions[0, 0].tolist() == [4.0, 0.0, 0.5]


def test_a_match_on_the_other_strand_is_read_mirrored(tmp_path: Path) -> None:
    # training holds the same region reversed, on the other strand: 5' 4' 3' with 4 forward
    predictions = lookup(
        tmp_path,
        [[7, 5, 4, 3, 0]],
        [[1, 3, 4, 5, 2]],
        masked=[2],
        training_forward=[[False, False, True, False, False]],
    )
    # beside 3 at the mirrored offset is 4, whose strand is turned round
    assert predictions[0, 0].tolist() == [4.0, 0.0, -0.5]


def test_the_nearer_match_decides(tmp_path: Path) -> None:
    store = store_of(tmp_path / "training.npy", LINE)
    builder = identity_builder(2)
    contexts = TrainingContexts(Genes(corpus_of([[1, 2, 7], [7, 4, 5]]), store, builder))
    embeddings = [[1.5, 0.0], [9.0, 9.0], [5.0, 0.25]]  # .5 from 1 (or 2), .25 from 5
    genes = Genes(corpus_of([[0, 1, 2]]), store_of(tmp_path / "judged.npy", embeddings), builder)
    predicted = NearestContext(contexts, genes, 4)(genes, batch_of([3], [1]))
    assert predicted.predictions[0, 0].tolist() == [4.0, 0.0, 0.5]  # before 5 stands 4
    assert predicted.predictions[0, 1].tolist() == [2.0, 0.0, 0.5]  # after 1 stands 2


def test_an_occurrence_that_has_the_offset_in_its_subcontig_is_taken(tmp_path: Path) -> None:
    # 3 ends its first subcontig, so its second occurrence says what follows it
    predictions = lookup(tmp_path, [[7, 7, 3], [3, 6, 7]], [[3, 4]], masked=[1])
    assert predictions[0, 0].tolist() == [6.0, 0.0, 0.5]


def test_a_subcontigs_edge_is_not_crossed(tmp_path: Path) -> None:
    predictions = lookup(tmp_path, [[7, 3], [6, 5]], [[3, 4]], masked=[1])
    assert predictions[0].isnan().all()


def test_a_model_sees_its_masked_genes_as_minus_one_only(tmp_path: Path) -> None:
    predict = ModelPredictor(random_model(features=2, components=2))
    genes = genes_of(tmp_path / "a.npy", [[0, 1, 2, 3], [4, 5, 6]], LINE)
    other = genes_of(tmp_path / "b.npy", [[0, 7, 2, 3], [4, 5, 7]], LINE)
    batch = batch_of([4, 3], [1, 6])
    assert predict(genes, batch).predictions.shape == (2, 4, 3)
    assert torch.equal(predict(genes, batch).predictions, predict(other, batch).predictions)
    seen = batch_of([4, 3], [2, 6])
    assert not torch.equal(predict(genes, seen).predictions, predict(other, seen).predictions)


def test_inputs_are_replaced_by_the_nearest_training_proteins(tmp_path: Path) -> None:
    """The judged proteins are a little off those of training; gene 1 has no representative."""
    store, builder = store_of(tmp_path / "training.npy", LINE), identity_builder(2)
    contexts = TrainingContexts(Genes(corpus_of([[1, 2, 3, 4, 6]]), store, builder))
    moved = store_of(tmp_path / "judged.npy", [[x + 0.125, 0.125] for x, _ in LINE])
    genes = Genes(corpus_of([[2, -1, 4, 3, 7]]), moved, builder)
    model = ModelPredictor(random_model(features=2, components=2))
    replaced = InputsReplaced(model, NearestContext(contexts, genes, 4), genes)
    batch = batch_of([5], [3])
    # 7 is not of training, where 6 is the nearest to it
    expected = model(Genes(corpus_of([[2, -1, 4, 3, 6]]), store, builder), batch)
    assert torch.equal(replaced(genes, batch).predictions, expected.predictions)
    assert not torch.equal(model(genes, batch).predictions, expected.predictions)


@pytest.mark.parametrize("subcontigs", [[[0, 1, -1]], [[2, 2, 2], [3, 4, 5]]])
def test_labels_are_the_embedding_and_the_strand(
    tmp_path: Path, subcontigs: list[list[int]]
) -> None:
    genes = genes_of(tmp_path / "s.npy", subcontigs, LINE)
    flat = np.concatenate(subcontigs)
    present = torch.from_numpy(genes.present)
    assert genes.labels[present, 0].tolist() == flat[flat >= 0].tolist()
    assert set(genes.labels[:, 2].tolist()) == {0.5}
