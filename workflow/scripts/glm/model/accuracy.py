"""Pseudo-accuracy and absolute accuracy (Methods, "Performance metric").

A prediction is right when the label that it is closest to is that of the masked gene itself,
among the genes of its subcontig (pseudo) or of a whole genome (absolute). The paper does not say
which of the four predictions is judged; both readings are reported:

- closest of four: the one closest to the true label, so the label is looked at. The published
  code's, and the paper's number.
- most likely of four: the one with the highest likelihood, all that a user of the model has.

Padding and genes without representative are never candidates. Equal labels (the same protein
twice, on the same strand) cannot be told apart: a tie with the gene's own label is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from glm.model.loss import closest_prediction, take


class Accuracy(NamedTuple):
    """For each masked gene, (m,) bool, whether it was found."""

    closest_of_four: Tensor
    most_likely: Tensor


@torch.no_grad()
def pseudo_accuracy(
    predictions: Tensor,
    likelihoods: Tensor,
    labels: Tensor,
    subcontig: Tensor,
    masked: Tensor,
    present: Tensor | None = None,
    longest: int | None = None,
    copied: Tensor | None = None,
) -> Accuracy:
    """Whether each masked gene is found among the genes of its subcontig.

    predictions: (m, predictions, size); likelihoods: (m, predictions); labels: (genes, size) of
    all packed genes; subcontig: (genes,) which one each gene is of, any numbers that do not
    decrease; masked: (m,) int64 into the packed genes; present: (genes,) bool, false for genes
    without representative. longest: genes of the longest subcontig; without it, it is counted,
    and an accelerator waited for. copied: (m, predictions) int64 into the packed genes, what each
    prediction was copied from, which is therefore no candidate.
    """
    if longest is None:
        longest = int(torch.unique_consecutive(subcontig, return_counts=True)[1].max())
    own = subcontig[masked]
    start = torch.searchsorted(subcontig, own)
    candidates = start[:, None] + torch.arange(longest, device=masked.device)
    inside = candidates < len(labels)
    candidates = candidates.clamp(max=len(labels) - 1)
    allowed = inside & (subcontig[candidates] == own[:, None])
    if present is not None:
        allowed &= present[candidates]
    target = masked - start
    of_candidates = labels[candidates].float()

    def found(chosen: Tensor, source: Tensor | int) -> Tensor:
        distance = distances(chosen[:, None], of_candidates).squeeze(1)
        return nearest_is(distance, allowed & (candidates != source), target)

    return _both_readings(predictions, likelihoods, labels[masked], copied, found)


@torch.no_grad()
def absolute_accuracy(
    predictions: Tensor,
    likelihoods: Tensor,
    labels: Tensor,
    masked: Tensor,
    present: Tensor | None = None,
    copied: Tensor | None = None,
) -> Accuracy:
    """Whether each masked gene is found among all genes of a genome.

    As `pseudo_accuracy`, with `labels` (genes of the genome, size).
    """
    of_candidates = labels.float()
    allowed = torch.ones_like(labels[:, 0], dtype=torch.bool) if present is None else present
    candidates = torch.arange(len(labels), device=labels.device)

    def found(chosen: Tensor, source: Tensor | int) -> Tensor:
        of_each = (allowed & (candidates != source)).expand(len(chosen), -1)
        return nearest_is(distances(chosen, of_candidates), of_each, masked)

    return _both_readings(predictions, likelihoods, labels[masked], copied, found)


def distances(chosen: Tensor, candidates: Tensor) -> Tensor:
    """Euclidean distances, (..., m, size) and (..., n, size) to (..., m, n).

    Never as |a|^2 - 2ab + |b|^2, which rounds: equal labels must come out at equal distances.
    """
    return torch.cdist(chosen, candidates, compute_mode="donot_use_mm_for_euclid_dist")


def nearest_is(distance: Tensor, allowed: Tensor, target: Tensor) -> Tensor:
    """Whether no allowed candidate is closer than the target: (m, n), (m, n), (m,) to (m,).

    False where the target itself is not allowed, or a distance is not a number.
    """
    distance = distance.masked_fill(~allowed, torch.inf)
    own = distance.gather(1, target[:, None]).squeeze(1)
    return (own <= distance.amin(1)) & allowed.gather(1, target[:, None]).squeeze(1)


def _both_readings(
    predictions: Tensor,
    likelihoods: Tensor,
    labels: Tensor,
    copied: Tensor | None,
    found: Callable[[Tensor, Tensor | int], Tensor],
) -> Accuracy:
    """Judge the prediction closest to the label, and the one with the highest likelihood."""
    predictions = predictions.float()
    _, closest = closest_prediction(predictions, labels.float())

    def judge(index: Tensor) -> Tensor:
        source = -1 if copied is None else copied.gather(1, index[:, None])
        return found(take(predictions, index), source)

    return Accuracy(closest_of_four=judge(closest), most_likely=judge(likelihoods.argmax(1)))
