"""Pairs of homologous proteins to learn from: those that mmseqs found, and simulated ones.

A protein model trained on found homologues alone knows the families that it saw. A protein beside
its own copy that evolution has changed, simulated by the substitutions counted in the demo's
alignments, is a pair of whatever family there is, as far apart as one likes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glm.embedding.alphabet import TOKEN_OF_BYTE, TOKENS
from protein_model_training.release import AMINO_ACIDS, FittingSet, group_rows

FIRST_RESIDUE = TOKENS.index(AMINO_ACIDS[0])
RESIDUES = len(AMINO_ACIDS)
PADDING = TOKENS.index("<pad>")
LONGEST = 1022

FOUND_SHARE = 0.5
"""Share of the pairs that are found homologues."""
TIMES = (0.3, 2.2)
"""Substitutions a site between the two of a simulated pair, at the mean rate."""
TIME_OF_FOUND = 0.15
"""The same, at most, added to a found homologue: the same pair is never seen twice."""
RATES_SHAPE = 0.8
"""Shape of the gamma distribution of rates among sites (Yang 1993): some hardly change."""
INDELS = 0.006
"""Insertions, and as many deletions, a site of a simulated homologue; a fifth elsewhere."""
JITTER = 0.05
"""How far the windows of a pair may lie apart, in shares of what is left of a protein."""


@dataclass(frozen=True)
class Pairs:
    """Windows of homologous proteins: rows i and i + half are a pair.

    tokens: (2 pairs, length), ESM-2's; valid: what of it is protein; families: (pairs,) of the
    left and of the right protein.
    """

    tokens: Tensor
    valid: Tensor
    families: tuple[Tensor, Tensor]


def substitutions(scores: np.ndarray, frequencies: np.ndarray) -> Tensor:
    """Cumulative probabilities of what replaces an amino acid, (20, 20): never itself.

    From log-odds in half bits, (20, 20), and the frequency of each.
    """
    joint = np.outer(frequencies, frequencies) * 2 ** (scores / 2)
    np.fill_diagonal(joint, 0)
    return torch.from_numpy(joint / joint.sum(1, keepdims=True)).cumsum(1).float()


def draw(cumulative: Tensor, shape: tuple[int, ...] = ()) -> Tensor:
    """Tokens of amino acids, one from each row of cumulative probabilities."""
    chance = torch.rand(*(shape or cumulative.shape[:-1]), 1, device=cumulative.device)
    return (chance > cumulative).sum(-1).clamp(max=RESIDUES - 1) + FIRST_RESIDUE


class Evolution:
    """Draws pairs of windows, on a device, from torch's generator of random numbers."""

    def __init__(self, chosen: FittingSet, device: str) -> None:
        """Put the proteins to learn from onto the device, as tokens."""
        self.device = device
        proteins = [
            TOKEN_OF_BYTE[np.frombuffer(sequence[:LONGEST].encode(), np.uint8)]
            for sequence in chosen.fitted.values()
        ]
        padded = np.full((len(proteins), LONGEST), PADDING, np.uint8)
        for row, tokens in enumerate(proteins):
            padded[row, : len(tokens)] = tokens
        self.proteins = torch.from_numpy(padded).to(device)
        self.lengths = torch.tensor([len(tokens) for tokens in proteins], device=device)
        found = chosen.homologues
        self.pairs = torch.from_numpy(found.pairs).to(device)
        self.weights = torch.from_numpy(found.weights).to(device)
        self.families = torch.from_numpy(group_rows(found.pairs, len(proteins))).to(device)
        counts = np.bincount(padded.ravel(), minlength=256)[FIRST_RESIDUE:][:RESIDUES]
        frequencies = counts / counts.sum()
        self.substitutions = substitutions(chosen.scores, frequencies).to(device)
        self.background = torch.from_numpy(frequencies.cumsum()).float().to(device)

    def draw(self, pairs: int, length: int) -> Pairs:
        """Pairs of windows of at most `length` residues, at the same place of both proteins."""
        found = int(pairs * FOUND_SHARE)
        rows = self.pairs[torch.multinomial(self.weights, found, replacement=True)]
        rows = torch.where(self.chances(found)[:, None] < 0.5, rows.flip(1), rows)
        own = torch.randint(len(self.proteins), (pairs - found, 1), device=self.device)
        left, right = torch.cat([rows, own.expand(-1, 2)]).T
        is_found = torch.arange(pairs, device=self.device) < found
        place = self.chances(pairs)
        jitter = (self.chances(pairs) - 0.5) * 2 * JITTER
        time = TIMES[0] + (TIMES[1] - TIMES[0]) * self.chances(pairs)
        time = torch.where(is_found, TIME_OF_FOUND * self.chances(pairs), time)
        few, many = torch.full_like(place, INDELS / 5), torch.full_like(place, INDELS)
        windows = (
            self.window(left, place, length, few),
            self.window(
                right, (place + jitter).clamp(0, 1), length, torch.where(is_found, few, many)
            ),
        )
        # of a simulated pair one side alone changes: the time is that between both
        changed = torch.cat([torch.where(is_found, time, 0.0), time])
        tokens, valid = (torch.cat(parts) for parts in zip(*windows, strict=True))
        return Pairs(
            self.substitute(tokens, changed), valid, (self.families[left], self.families[right])
        )

    def chances(self, *shape: int) -> Tensor:
        """Uniform random numbers in [0, 1)."""
        return torch.rand(*shape, device=self.device)

    def window(
        self, rows: Tensor, place: Tensor, length: int, indels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Windows of proteins with insertions and deletions: tokens, and what of them is protein.

        place: share of the residues outside the window that lie before it.
        """
        lengths = self.lengths[rows]
        left_over = (lengths - length).clamp(min=0)
        start = (place * (left_over + 1)).long().clamp(max=left_over)
        chance = self.chances(len(rows), length)
        inserted, deleted = chance < indels[:, None], chance > 1 - indels[:, None]
        step = torch.ones_like(chance, dtype=torch.long).masked_fill(inserted, 0)
        step = torch.where(deleted, torch.randint(2, 6, step.shape, device=self.device), step)
        positions = start[:, None] + step.cumsum(1) - step[:, :1]
        valid = positions < lengths[:, None]
        tokens = self.proteins[rows[:, None], positions.clamp(max=LONGEST - 1)].long()
        return torch.where(inserted, draw(self.background, tokens.shape), tokens), valid

    def substitute(self, tokens: Tensor, time: Tensor) -> Tensor:
        """Amino acids replaced after a time of each protein, (proteins,), with a rate a site."""
        shape = torch.tensor(RATES_SHAPE, device=self.device)
        rates = torch.distributions.Gamma(shape, shape).sample(tokens.shape)
        changes = self.chances(*tokens.shape) < 1 - torch.exp(-rates * time[:, None])
        residue = tokens - FIRST_RESIDUE
        standard = (residue >= 0) & (residue < RESIDUES)
        replaced = draw(self.substitutions[residue.clamp(0, RESIDUES - 1)])
        return torch.where(changes & standard, replaced, tokens)
