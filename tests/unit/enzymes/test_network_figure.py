from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from glm.configuration.analyses import Perceptron
from glm.enzymes import network_figure


def test_the_network_of_the_paper_is_drawn_as_it_is_built() -> None:
    settings = Perceptron.model_construct(
        hidden_sizes=[2048, 1024, 514], dropout=0.2, protocol="paper"
    )
    widths = {"context_free": [np.empty((0, 1280))], "trained": [np.empty((0, 1280))]}
    figure, caption = network_figure.draw(widths, 2637, settings)
    plt.close(figure)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert [word for word in words if word[:1].isdigit()] == [
        "2,560", "2,048", "1,024", "514", "2,637",
    ]  # fmt: skip
    steps = ["linear", "batch normalisation", "ReLU", "dropout 0.2"]
    assert "\n".join(["layer 3", *steps]) in words
    assert "classes\nlinear\nsoftmax" in words
    weights = 2560 * 2048 + 2048 * 1024 + 1024 * 514 + 514 * 2637
    others = 3 * (2048 + 1024 + 514) + 2637  # a bias, and two of batch normalisation
    assert f"{weights + others:,} parameters with the gLM's" in caption
