"""Extended Data 3: the perceptron for enzyme classes, layer by layer, as it is built."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import nn

from glm import figures
from glm.configuration.analyses import Perceptron
from glm.enzymes.perceptron import build
from glm.figures import BLUE, GREEN, GREY, ORANGE, Drawn
from glm.inference.replicates import Replicates

NAMES = {nn.Linear: "linear", nn.BatchNorm1d: "batch normalisation", nn.ReLU: "ReLU"}
WIDE = 0.56  # a box; the next one begins at 1


def draw(embeddings: Mapping[str, Replicates], classes: int, settings: Perceptron) -> Drawn:
    """Features, hidden layers and classes as boxes as high as they are large.

    embeddings: draws of `ENZYME_FEATURES`, for their widths.
    """
    protein, context = (embeddings[name][0].shape[1] for name in ("context_free", "trained"))
    with torch.device("meta"):  # shapes alone
        network = build(protein + context, classes, settings)
        alone = build(protein, classes, settings)
    layers = layers_of(network)
    figure, axes_of = figures.page("A", 2.9)
    axes = axes_of["A"]
    words = ["features", f"gLM {context:,}", f"protein model {protein:,}"]
    draw_layer(axes, 0, protein + context, BLUE, words)
    axes.add_patch(Rectangle((0, 0), WIDE, protein, facecolor=ORANGE, edgecolor="black"))
    for place, (size, steps) in enumerate(layers, 1):
        last = place == len(layers)
        words = ["classes" if last else f"layer {place}", *steps]
        draw_layer(axes, place, size, GREEN if last else GREY, words)
    tallest = max(protein + context, *(size for size, _ in layers))
    axes.set(xlim=(-0.3, len(layers) + WIDE + 0.3), ylim=(-0.62 * tallest, 1.12 * tallest))
    axes.axis("off")
    return figure, (
        f"The network that tells n = {classes:,} enzyme classes apart, as it is built from the "
        f"configuration: {parameters(network):,} parameters with the gLM's features (blue) upon "
        f"the protein model's (orange), {parameters(alone):,} with the protein model's alone. "
        "Numbers: features, and units of each layer."
    )


def draw_layer(axes: Axes, place: int, size: int, colour: str, words: list[str]) -> None:
    """A box with its size above it, its name and steps below, and the arrow that leads to it."""
    axes.add_patch(Rectangle((place, 0), WIDE, size, facecolor=colour, edgecolor="black"))
    middle = place + WIDE / 2
    for word, height, away, side in (
        (f"{size:,}", size, 3, "bottom"),
        ("\n".join(words), 0, -5, "top"),
    ):
        axes.annotate(
            word, (middle, height), (0, away), textcoords="offset points", ha="center", va=side
        )
    if place:
        arrow = {"arrowstyle": "->", "linewidth": 1, "shrinkA": 4, "shrinkB": 4}
        axes.annotate("", (place, 0), (place - 1 + WIDE, 0), arrowprops=arrow)


def layers_of(network: nn.Sequential) -> list[tuple[int, list[str]]]:
    """Size of each layer that has weights, and what is done in it; softmax ends the last."""
    layers: list[tuple[int, list[str]]] = []
    for module in network:
        if isinstance(module, nn.Linear):
            layers.append((module.out_features, []))
        dropped = isinstance(module, nn.Dropout)
        layers[-1][1].append(f"dropout {module.p:g}" if dropped else NAMES[type(module)])
    layers[-1][1].append("softmax")
    return layers


def parameters(network: nn.Module) -> int:
    """How many numbers are trained."""
    return sum(each.numel() for each in network.parameters())
