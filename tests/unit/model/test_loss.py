from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from glm.model import loss as losses

ALPHA = 1e-4
masked_gene_loss = partial(losses.masked_gene_loss, alpha=ALPHA)
LABELS = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
# gene 0: squared errors 2, 0.5, 8, 4.5 in the mean: the second; gene 1: the fourth, 0.25
PREDICTIONS = torch.tensor(
    [
        [[2.0, 0.0], [1.0, 0.0], [4.0, 0.0], [3.0, 0.0]],
        [[3.0, 1.0], [-1.0, 1.0], [1.0, 5.0], [1.5, 0.5]],
    ]
)
LIKELIHOODS = torch.tensor([[0.0, math.log(3), 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
MSE = (0.5 + 0.25) / 2
CROSS_ENTROPY = (math.log(2) + math.log(4)) / 2  # softmax 3/6 for gene 0, 1/4 for gene 1


def test_the_loss_of_two_genes_by_hand() -> None:
    found = masked_gene_loss(PREDICTIONS, LIKELIHOODS, LABELS)
    assert found.mse.item() == pytest.approx(MSE)
    assert found.cross_entropy.item() == pytest.approx(CROSS_ENTROPY)
    assert found.loss.item() == pytest.approx(MSE + ALPHA * CROSS_ENTROPY)


def test_alpha_weighs_the_cross_entropy() -> None:
    found = masked_gene_loss(PREDICTIONS, LIKELIHOODS, LABELS, alpha=0.5)
    assert found.loss.item() == pytest.approx(MSE + 0.5 * CROSS_ENTROPY)


def test_published_averages_over_all_positions_and_its_gradient_is_the_masked_share() -> None:
    positions = 10
    share = 2 / positions
    gradients = []
    for reduction in ("masked", "published"):
        predictions = PREDICTIONS.clone().requires_grad_()
        likelihoods = LIKELIHOODS.clone().requires_grad_()
        found = masked_gene_loss(
            predictions, likelihoods, LABELS, reduction=reduction, positions=positions
        )
        found.loss.backward()
        gradients.append((predictions.grad, likelihoods.grad))
    assert found.mse.item() == pytest.approx(share * MSE)
    assert found.cross_entropy.item() == pytest.approx(
        share * CROSS_ENTROPY + (1 - share) * math.log(4)
    )
    for masked, published in zip(*gradients, strict=True):
        assert masked.abs().sum() > 0
        torch.testing.assert_close(published, share * masked)


def test_published_is_what_zeroing_unmasked_positions_gives() -> None:
    """All ten positions written out: predictions, labels and logits zero where not masked."""
    predictions, labels = torch.zeros(10, 4, 2), torch.zeros(10, 2)
    logits, closest = torch.zeros(10, 4), torch.zeros(10, dtype=torch.int64)
    predictions[[3, 7]], labels[[3, 7]], logits[[3, 7]] = PREDICTIONS, LABELS, LIKELIHOODS
    closest[[3, 7]] = torch.tensor([1, 3])
    chosen = predictions[torch.arange(10), closest]
    expected = torch.nn.functional.mse_loss(
        chosen, labels
    ) + ALPHA * torch.nn.functional.cross_entropy(logits, closest)
    found = masked_gene_loss(PREDICTIONS, LIKELIHOODS, LABELS, reduction="published", positions=10)
    assert found.loss.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("reduction", ["masked", "published"])
def test_micro_batches_add_up_to_the_batch(reduction: str) -> None:
    def loss(genes: slice) -> torch.Tensor:
        return torch.stack(
            masked_gene_loss(
                PREDICTIONS[genes],
                LIKELIHOODS[genes],
                LABELS[genes],
                reduction=reduction,
                positions=10,
                masked_genes=2,
            )
        )

    torch.testing.assert_close(loss(slice(0, 1)) + loss(slice(1, 2)), loss(slice(0, 2)))


def test_half_precision_predictions_are_judged_in_float32() -> None:
    found = masked_gene_loss(PREDICTIONS.half(), LIKELIHOODS.half(), LABELS)
    assert found.loss.dtype == torch.float32


def test_no_masked_gene_is_no_loss_and_no_nan() -> None:
    found = masked_gene_loss(PREDICTIONS[:0], LIKELIHOODS[:0], LABELS[:0])
    assert found.loss.item() == 0


def test_a_wrong_reduction_and_missing_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="needs the number of positions"):
        masked_gene_loss(PREDICTIONS, LIKELIHOODS, LABELS, reduction="published")
    with pytest.raises(ValueError, match='not "mean"'):
        masked_gene_loss(PREDICTIONS, LIKELIHOODS, LABELS, reduction="mean")


def test_the_most_likely_prediction_ignores_the_label() -> None:
    torch.testing.assert_close(
        losses.most_likely_prediction(PREDICTIONS, LIKELIHOODS)[0], torch.tensor([1.0, 0.0])
    )
