"""The three-layer perceptron of Extended Data 3, and the linear probe beside it.

The published code trains it otherwise than the paper says (docs/paper-and-code.md): that is the
protocol `published`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from glm.configuration.analyses import Perceptron

PUBLISHED = {"batch_size": 5000, "maximum_epochs": 88, "patience": 88}


class Fit(NamedTuple):
    """What a classifier says of the test proteins, (n, classes), and when it was best.

    scores: probabilities, or logits by the published protocol. best_epoch: nan where nothing is
    trained. validated: (validation proteins,) 1 where the likeliest class is right, else 0.
    """

    scores: np.ndarray
    best_epoch: float
    validated: np.ndarray


def by_protocol(settings: Perceptron) -> Perceptron:
    """The settings as they are, or with the published code's numbers in their place."""
    return settings.model_copy(update=PUBLISHED) if is_published(settings) else settings


def is_published(settings: Perceptron) -> bool:
    """Whether it trains as the published code does."""
    return settings.protocol == "published"


def build(features: int, classes: int, settings: Perceptron) -> nn.Sequential:
    """Linear, batch normalisation, ReLU and dropout for each hidden size, then a linear layer.

    The published protocol has no dropout after the first.
    """
    layers: list[nn.Module] = []
    width = features
    for size in settings.hidden_sizes:
        dropped = bool(layers) or not is_published(settings)
        layers += [nn.Linear(width, size), nn.BatchNorm1d(size), nn.ReLU()]
        layers += [nn.Dropout(settings.dropout)] if dropped else []
        width = size
    return nn.Sequential(*layers, nn.Linear(width, classes))


def fit(
    standard: np.ndarray,
    labels: np.ndarray,
    parts: np.ndarray,
    settings: Perceptron,
    seed: int,
    device: torch.device | str = "cpu",
) -> Fit:
    """Train on the rows of part `train`, stop by `validation`, and judge those of `test`.

    standard: (n, features) float32, as `standardised` makes them. labels: (n,) int64 from 0. parts:
    (n,) names. Stops when the accuracy on the validation proteins has not risen for `patience`
    epochs (of equal accuracies the smaller loss counts), and goes back to the best.
    """
    values = torch.from_numpy(standard).to(device)
    truth = torch.from_numpy(labels).to(device)
    train, validation, test = (
        torch.from_numpy(np.flatnonzero(parts == name)).to(device)
        for name in ("train", "validation", "test")
    )
    # a class's share of the drawn rows, and of the loss, by the published protocol
    rarity = 1 / torch.bincount(truth[train], minlength=int(labels.max()) + 1).clamp(min=1)
    weight = rarity if is_published(settings) else None
    with torch.random.fork_rng(devices=[device] if str(device).startswith("cuda") else []):
        torch.manual_seed(seed)
        network = build(values.shape[1], int(labels.max()) + 1, settings).to(device)
        optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, fused=True)
        best = (-1.0, float("inf"))
        best_epoch, best_state = 0, copy.deepcopy(network.state_dict())
        for epoch in range(1, settings.maximum_epochs + 1):
            rows = order(train, None if weight is None else weight[truth[train]])
            run_epoch(network, optimiser, values, truth, rows.split(settings.batch_size), weight)
            accuracy, loss = judge(network, values[validation], truth[validation])
            if (accuracy, -loss) > (best[0], -best[1]):
                best, best_epoch = (accuracy, loss), epoch
                best_state = copy.deepcopy(network.state_dict())
            if epoch - best_epoch >= settings.patience:
                break
        network.load_state_dict(best_state)
    called = predict(network, values[validation], probabilities=False).argmax(1)
    validated = (called == labels[parts == "validation"]).astype(float)
    return Fit(predict(network, values[test], not is_published(settings)), best_epoch, validated)


def order(rows: Tensor, weight: Tensor | None) -> Tensor:
    """The rows in a random order, or as many drawn by their (n,) weight, some of them again."""
    if weight is None:
        return rows[torch.randperm(len(rows)).to(rows.device)]
    return rows[torch.multinomial(weight, len(rows), replacement=True)]


def run_epoch(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    values: Tensor,
    truth: Tensor,
    batches: Iterable[Tensor],
    weight: Tensor | None,
) -> None:
    """One pass over the batches of rows; weight: (classes,) of the loss."""
    network.train()
    for rows in batches:
        if len(rows) < 2:  # of one row there is no batch normalisation
            continue
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(values[rows]), truth[rows], weight).backward()
        optimiser.step()


@torch.no_grad()
def judge(network: nn.Module, values: Tensor, truth: Tensor) -> tuple[float, float]:
    """Accuracy and loss on some rows."""
    network.eval()
    scores = network(values)
    right = (scores.argmax(1) == truth).float().mean()
    return float(right), float(nn.functional.cross_entropy(scores, truth))


@torch.no_grad()
def predict(network: nn.Module, values: Tensor, probabilities: bool) -> np.ndarray:
    """Probabilities of the classes, or else logits, (rows, classes) float32."""
    network.eval()
    logits = network(values)
    return np.asarray((logits.softmax(1) if probabilities else logits).cpu().numpy(), np.float32)
