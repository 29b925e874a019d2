from __future__ import annotations

import torch
from tests.unit.evaluation.planted import label_oracle

from glm.model.accuracy import absolute_accuracy, pseudo_accuracy

# two subcontigs of three and two genes, on a line, so that distances can be read
LABELS = torch.tensor([[0.0], [10.0], [20.0], [1.0], [30.0]])
SUBCONTIG = torch.tensor([0, 0, 0, 1, 1])
MASKED = torch.tensor([0, 2, 4])
# the closest of each four to the label, in the first place for gene 0, in the second for the others
PREDICTIONS = torch.tensor(
    [
        [[2.0], [9.0], [21.0], [100.0]],
        [[40.0], [14.0], [0.0], [50.0]],
        [[3.0], [16.0], [1.0], [2.0]],
    ]
)
LIKELIHOODS = torch.tensor(
    [
        [0.0, 5.0, 0.0, 0.0],  # prefers 9: nearest is gene 1, wrong
        [7.0, 0.0, 0.0, 0.0],  # prefers 40: nearest is gene 2, right
        [0.0, 0.0, 1.0, 0.0],  # prefers 1: nearest is gene 3, wrong
    ]
)


def test_both_readings_of_pseudo_accuracy_by_hand() -> None:
    found = pseudo_accuracy(PREDICTIONS, LIKELIHOODS, LABELS, SUBCONTIG, MASKED)
    # 2 is nearest to gene 0 in its own subcontig (gene 3, at 1, is in the other); 14 is nearer to
    # gene 1 than to gene 2; 16 is nearer to gene 4, by 14 against 15
    assert found.closest_of_four.tolist() == [True, False, True]
    assert found.most_likely.tolist() == [False, True, False]


def test_absolute_accuracy_takes_all_genes_for_candidates() -> None:
    found = absolute_accuracy(PREDICTIONS, LIKELIHOODS, LABELS, MASKED)
    # now 2 is nearer to gene 3, and 16 to genes 2 and 1
    assert found.closest_of_four.tolist() == [False, False, False]
    assert found.most_likely.tolist() == [False, False, False]
    assert absolute_accuracy(LABELS[MASKED][:, None] + 0.4, LIKELIHOODS[:, :1], LABELS, MASKED)[
        0
    ].all()


def test_genes_without_representative_are_never_candidates() -> None:
    present = torch.tensor([True, False, True, True, True])
    found = pseudo_accuracy(PREDICTIONS, LIKELIHOODS, LABELS, SUBCONTIG, MASKED, present)
    assert found.closest_of_four.tolist() == [True, True, True]  # gene 1 no longer takes 14
    assert found.most_likely.tolist() == [True, True, False]
    absent = torch.tensor([False, True, True, True, True])
    found = pseudo_accuracy(PREDICTIONS, LIKELIHOODS, LABELS, SUBCONTIG, MASKED, absent)
    assert not found.closest_of_four[0]  # what has no label cannot be found
    found = absolute_accuracy(PREDICTIONS, LIKELIHOODS, LABELS, MASKED, present=absent)
    assert not found.closest_of_four[0]


def test_padding_is_never_a_candidate() -> None:
    """A label of zeros, as padding has it, would be the nearest to this prediction."""
    labels = torch.tensor([[5.0], [4.0], [9.0]])
    found = pseudo_accuracy(
        torch.tensor([[[0.0]]]),
        torch.zeros(1, 1),
        labels,
        torch.tensor([0, 1, 1]),
        torch.tensor([0]),
        longest=30,
    )
    assert found.closest_of_four.tolist() == [True]


def test_the_oracle_finds_everything() -> None:
    torch.manual_seed(1)
    lengths = torch.randint(15, 31, (40,))
    subcontig = torch.arange(40).repeat_interleave(lengths)
    labels = torch.randn(len(subcontig), 100)
    labels[50] = labels[40]  # a protein twice
    masked = torch.randperm(len(labels))
    oracle = label_oracle(labels, masked, 4)
    for found in (
        pseudo_accuracy(*oracle, labels, subcontig, masked),
        absolute_accuracy(*oracle, labels, masked),
    ):
        assert found.closest_of_four.all()
        assert found.most_likely.all()


def test_the_vectorised_count_is_that_of_a_loop() -> None:
    torch.manual_seed(2)
    lengths = [7, 1, 12, 3]
    subcontig = torch.arange(4).repeat_interleave(torch.tensor(lengths))
    labels, present = torch.randn(23, 6), torch.rand(23) < 0.8
    masked = torch.arange(23)
    predictions = labels[:, None] + torch.randn(23, 4, 6)
    likelihoods = torch.randn(23, 4)
    found = pseudo_accuracy(predictions, likelihoods, labels, subcontig, masked, present)
    for gene in range(23):
        candidates = [
            other for other in range(23) if subcontig[other] == subcontig[gene] and present[other]
        ]
        for reading, chosen in (
            (found.closest_of_four, (predictions[gene] - labels[gene]).norm(dim=1).argmin()),
            (found.most_likely, likelihoods[gene].argmax()),
        ):
            distances = [(predictions[gene, chosen] - labels[other]).norm() for other in candidates]
            nearest = candidates[int(torch.stack(distances).argmin())] if candidates else None
            assert reading[gene].item() == (nearest == gene)
    assert 0 < found.closest_of_four.float().mean() < 1


def test_a_prediction_that_is_not_a_number_finds_nothing() -> None:
    found = pseudo_accuracy(PREDICTIONS * float("nan"), LIKELIHOODS, LABELS, SUBCONTIG, MASKED)
    assert not found.closest_of_four.any()
