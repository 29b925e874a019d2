"""What a protein model must do to be embedded with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Run:
    """Proteins of equal length that lie next to one another in a batch."""

    count: int
    tokens: int
    residues: int


class ProteinEncoder(Protocol):
    """A protein model of `layers` layers, ready to embed on its device."""

    features: int
    layers: int
    device: torch.device

    def __call__(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        """Mean over each protein's residues, start and end tokens left out.

        tokens: (tokens,) integers of `glm.embedding.alphabet`, the proteins end to end in the order
        of `runs`; returns (proteins, features), float32, on the encoder's device.
        """
