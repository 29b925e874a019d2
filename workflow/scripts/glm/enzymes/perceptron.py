"""The three-layer perceptron of Extended Data 3, and the linear probe beside it."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from glm.configuration.analyses import Perceptron


class Fit(NamedTuple):
    """A trained classifier's probabilities on the test proteins, and when it was best."""

    probabilities: np.ndarray
    best_epoch: int
    validation_accuracy: float


def build(features: int, classes: int, settings: Perceptron) -> nn.Sequential:
    """Linear, batch normalisation, ReLU and dropout for each hidden size, then a linear layer."""
    layers: list[nn.Module] = []
    width = features
    for size in settings.hidden_sizes:
        layers += [
            nn.Linear(width, size), nn.BatchNorm1d(size), nn.ReLU(), nn.Dropout(settings.dropout)
        ]  # fmt: skip
        width = size
    return nn.Sequential(*layers, nn.Linear(width, classes))


def standardised(features: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Features with mean 0 and deviation 1 over the training rows, (n, features) float32."""
    values = features.astype(np.float32)
    deviation = values[train].std(0)
    return (values - values[train].mean(0)) / np.where(deviation > 0, deviation, 1)


def fit(
    features: np.ndarray,
    labels: np.ndarray,
    parts: np.ndarray,
    settings: Perceptron,
    seed: int,
    device: torch.device | str = "cpu",
) -> Fit:
    """Train on the rows of part `train`, stop by `validation`, and judge those of `test`.

    features: (n, features). labels: (n,) int64 from 0. parts: (n,) names. Stops when the accuracy
    on the validation proteins has not risen for `patience` epochs (of equal accuracies the smaller
    loss counts), and goes back to the best. Returns (test, classes) float32 probabilities.
    """
    values = torch.from_numpy(standardised(features, parts == "train")).to(device)
    truth = torch.from_numpy(labels).to(device)
    train, validation, test = (
        torch.from_numpy(np.flatnonzero(parts == name)).to(device)
        for name in ("train", "validation", "test")
    )
    with torch.random.fork_rng(devices=[device] if str(device).startswith("cuda") else []):
        torch.manual_seed(seed)
        network = build(values.shape[1], int(labels.max()) + 1, settings).to(device)
        optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
        best = (-1.0, float("inf"))
        best_epoch, best_state = 0, copy.deepcopy(network.state_dict())
        for epoch in range(1, settings.maximum_epochs + 1):
            run_epoch(network, optimiser, values, truth, train, settings.batch_size)
            accuracy, loss = judge(network, values[validation], truth[validation])
            if (accuracy, -loss) > (best[0], -best[1]):
                best, best_epoch = (accuracy, loss), epoch
                best_state = copy.deepcopy(network.state_dict())
            if epoch - best_epoch >= settings.patience:
                break
        network.load_state_dict(best_state)
    return Fit(predict(network, values[test]), best_epoch, best[0])


def run_epoch(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    values: Tensor,
    truth: Tensor,
    train: Tensor,
    batch_size: int,
) -> None:
    """One pass over the training rows in a random order."""
    network.train()
    for rows in train[torch.randperm(len(train)).to(train.device)].split(batch_size):
        if len(rows) < 2:  # of one row there is no batch normalisation
            continue
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(values[rows]), truth[rows]).backward()
        optimiser.step()


@torch.no_grad()
def judge(network: nn.Module, values: Tensor, truth: Tensor) -> tuple[float, float]:
    """Accuracy and loss on some rows."""
    network.eval()
    scores = network(values)
    right = (scores.argmax(1) == truth).float().mean()
    return float(right), float(nn.functional.cross_entropy(scores, truth))


@torch.no_grad()
def predict(network: nn.Module, values: Tensor) -> np.ndarray:
    """Probabilities of the classes, (rows, classes) float32."""
    network.eval()
    return np.asarray(network(values).softmax(1).cpu().numpy(), np.float32)
