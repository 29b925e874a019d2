"""The training loss (Methods): the closest of four predictions, and knowing which one it is."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Loss(NamedTuple):
    """The loss and its two parts, each a scalar; `loss` is mse + alpha * cross_entropy."""

    loss: Tensor
    mse: Tensor
    cross_entropy: Tensor


def closest_prediction(predictions: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean squared error of the best prediction of each gene, and which one it is.

    predictions: (m, predictions, label size); labels: (m, label size). Returns (m,) and (m,).
    """
    errors = (predictions - labels[:, None]).square().mean(2)
    error, index = errors.min(1)
    return error, index


def masked_gene_loss(
    predictions: Tensor,
    likelihoods: Tensor,
    labels: Tensor,
    alpha: float,
    reduction: Literal["masked", "published"] = "masked",
    positions: int | Tensor | None = None,
    masked_genes: int | Tensor | None = None,
) -> Loss:
    """MSE(closest prediction, label) + alpha * CrossEntropy(likelihoods, closest prediction).

    predictions: (m, predictions, label size), likelihoods: (m, predictions) logits, labels:
    (m, label size), all of the masked genes.

    reduction "masked" averages over the masked genes. "published" averages over all `positions`
    of the batch, padding included, as the published code does: a position that is not masked
    adds no squared error, and ln(predictions) of cross-entropy for four equal likelihoods. With
    f the masked share, the gradient is exactly f times that of "masked".

    masked_genes: the count to average over instead of m, for one of several micro-batches whose
    losses (and gradients) are to sum to that of the whole batch. With "published", `positions`
    then counts the whole batch's, and the constant of the unmasked positions is shared out by m.
    """
    predictions, likelihoods = predictions.float(), likelihoods.float()
    error, index = closest_prediction(predictions, labels.float())
    mse = error.sum()
    cross_entropy = F.cross_entropy(likelihoods, index, reduction="sum")
    masked = max(len(labels), 1) if masked_genes is None else masked_genes
    if reduction == "masked":
        mse, cross_entropy = mse / masked, cross_entropy / masked
    elif reduction == "published":
        if positions is None:
            raise ValueError('reduction "published" needs the number of positions of the batch')
        unmasked = (positions - masked) * (len(labels) / masked)
        uniform = math.log(likelihoods.shape[1])
        mse = mse / positions
        cross_entropy = (cross_entropy + unmasked * uniform) / positions
    else:
        raise ValueError(f'reduction is "masked" or "published", not "{reduction}"')
    return Loss(mse + alpha * cross_entropy, mse, cross_entropy)


def most_likely_prediction(predictions: Tensor, likelihoods: Tensor) -> Tensor:
    """The prediction that the model itself prefers, (m, label size)."""
    return take(predictions, likelihoods.argmax(1))


def take(predictions: Tensor, index: Tensor) -> Tensor:
    """Prediction index[i] of gene i: (m, predictions, size) and (m,) to (m, size)."""
    return torch.take_along_dim(predictions, index[:, None, None], 1).squeeze(1)
