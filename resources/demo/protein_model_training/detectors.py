"""Layer 1 of the demo's protein model: heads that read neighbours, units that detect patterns.

The residual stream starts as a one-hot residue. Head h of the attention copies the one-hot of the
residue OFFSETS[h] places further into a block of its own; a feed-forward unit then sees a window
of residues, and scores it against a gapped pattern taken from a real protein.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EsmConfig, EsmModel

from glm.embedding.alphabet import END, START, TOKENS, encode
from glm.embedding.encoder import Run
from glm.embedding.packed import SHARE_MASKED_IN_TRAINING, PackedEncoder
from protein_model_training.release import AMINO_ACIDS

OFFSETS = (-3, -2, -1, 1, 2, 3)
FEATURES, DETECTORS = 192, 1280
ONE_HOT = 0.1
"""Size of a one-hot entry in the stream: small beside what layer 1 writes into it at its end."""

FIRST_RESIDUE = TOKENS.index(AMINO_ACIDS[0])
RESIDUES = len(AMINO_ACIDS)
SHARPNESS = 8.0
"""Attention logit that each rotary frequency adds at the right offset."""

SLOWEST_FREQUENCY = 0.05
"""Radians a residue; slower ones hardly tell neighbouring offsets apart."""

PATTERN_KINDS = ((3, 0.98), (4, 0.99))
"""Residues of a pattern, and the share of positions below its threshold; as many of each kind."""

REACH = 2
"""Patterns lie within this many residues of their centre."""

POSITIONS_BETWEEN_SAMPLES = 5


def architecture() -> EsmConfig:
    """Configuration of the model: ESM-2's, with two layers."""
    return EsmConfig(
        vocab_size=len(TOKENS),
        mask_token_id=TOKENS.index("<mask>"),
        pad_token_id=TOKENS.index("<pad>"),
        hidden_size=FEATURES,
        num_hidden_layers=2,
        num_attention_heads=len(OFFSETS),
        intermediate_size=DETECTORS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-5,
        position_embedding_type="rotary",
        token_dropout=True,
        emb_layer_norm_before=False,
    )


def empty_model() -> EsmModel:
    """A model whose linear layers and embeddings are all zero and whose norms do nothing more."""
    model: EsmModel = EsmModel(architecture(), add_pooling_layer=False).eval()
    norms = {id(p) for m in model.modules() if isinstance(m, nn.LayerNorm) for p in m.parameters()}
    for parameter in model.parameters():
        if id(parameter) not in norms:
            nn.init.zeros_(parameter)
    return model


def block(offset: int) -> slice:
    """Features of the stream that hold the one-hot residue at an offset (0: the residue itself)."""
    start = RESIDUES * ((0, *OFFSETS).index(offset))
    return slice(start, start + RESIDUES)


def normalised_one_hots(count: int) -> tuple[float, float]:
    """A set and an unset feature after a LayerNorm over `count` one-hot entries of ONE_HOT."""
    stream = torch.zeros(1, FEATURES)
    stream[0, :count] = ONE_HOT
    normed = F.layer_norm(stream, (FEATURES,), eps=1e-5)[0]
    return normed[0].item(), normed[-1].item()


@torch.no_grad()
def set_embedding(model: EsmModel) -> None:
    """Residue a becomes a one-hot of ONE_HOT at feature a; other tokens become nothing.

    Divided by what ESM-2's token dropout multiplies with when nothing is masked.
    """
    words: Any = model.embeddings.word_embeddings.weight
    for residue in range(RESIDUES):
        words[FIRST_RESIDUE + residue, residue] = ONE_HOT / (1 - SHARE_MASKED_IN_TRAINING)


@torch.no_grad()
def set_attention(model: EsmModel) -> None:
    """Head h attends to the residue OFFSETS[h] places further and writes it into its block.

    Queries and keys are biases alone. Rotation turns the pair of frequency f by f x position, so a
    query that is turned by f x offset beforehand meets the key at that offset in phase: the logit
    is SHARPNESS x sum over f of cos(f x (distance - offset)). Values are the one-hot residue again,
    freed from what the LayerNorm made of it.
    """
    layer: Any = model.encoder.layer[0].attention
    attention, output = layer.self, layer.output.dense
    size = FEATURES // len(OFFSETS)
    half = size // 2
    frequencies = 10000.0 ** (-torch.arange(half) / half)
    size_of_pair = (frequencies > SLOWEST_FREQUENCY) * math.sqrt(SHARPNESS * math.sqrt(size))
    high, low = normalised_one_hots(1)
    for head, offset in enumerate(OFFSETS):
        start = head * size
        attention.query.bias[start : start + half] = size_of_pair * torch.cos(offset * frequencies)
        attention.query.bias[start + half : start + size] = size_of_pair * torch.sin(
            offset * frequencies
        )
        attention.key.bias[start : start + half] = size_of_pair
        read = slice(start, start + RESIDUES)
        attention.value.weight[read, :RESIDUES] = torch.eye(RESIDUES) / (high - low)
        attention.value.bias[read] = -low / (high - low)
        output.weight[block(offset), read] = ONE_HOT * torch.eye(RESIDUES)


def sample_patterns(
    proteins: list[str], scores: np.ndarray, generator: np.random.Generator
) -> Tensor:
    """Weights of all detectors on the stream's features, (DETECTORS, FEATURES).

    A detector takes a window of a random protein and, at some of its places, gives each residue
    its substitution score with the protein's own: close relatives of the window score high.
    """
    weights = torch.zeros(DETECTORS, FEATURES)
    table = torch.from_numpy(scores).float()
    places = np.arange(-REACH, REACH + 1)
    for detector in range(DETECTORS):
        residues, _ = kind_of(detector)
        protein = proteins[generator.integers(len(proteins))]
        centre = generator.integers(REACH, len(protein) - REACH)
        for offset in generator.choice(places, residues, replace=False).tolist():
            residue = AMINO_ACIDS.find(protein[centre + offset])
            if residue >= 0:
                weights[detector, block(offset)] = table[residue]
    return weights


def kind_of(detector: int) -> tuple[int, float]:
    """Residues of a detector's pattern, and the share of positions below its threshold."""
    return PATTERN_KINDS[detector * len(PATTERN_KINDS) // DETECTORS]


class DetectorEncoder(PackedEncoder):
    """Layer 1 up to its detectors: `encoder(tokens, runs)` gives their mean activations.

    (proteins, DETECTORS), the mean over a protein's residues of GELU(score - threshold).
    """

    def __init__(self, model: EsmModel, device: torch.device | str = "cpu") -> None:
        """Take over a model's first layer, in single precision."""
        super().__init__(model, torch.float32, device, layer=1)
        self.reader = PackedEncoder(model, torch.float32, device, layer=1)
        self.features = DETECTORS

    def scores(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        """Scores less thresholds of packed tokens, (tokens,) -> (tokens, DETECTORS)."""
        reader, layer, shape = self.reader, self.stack[0], (FEATURES,)
        positions = torch.cat(
            [torch.arange(run.tokens, device=self.device).repeat(run.count) for run in runs]
        )
        phases = positions[:, None] * self.frequencies
        state = F.embedding(tokens, self.words)
        normed = F.layer_norm(state, shape, *layer.attention_norm, self.epsilon)
        mixed = F.linear(normed, *layer.query_key_value)
        reader._rotate(mixed[:, : 2 * FEATURES], torch.polar(torch.ones_like(phases), phases))
        state += F.linear(reader._attend(mixed, runs, None), *layer.attention_output)
        normed = F.layer_norm(state, shape, *layer.feed_forward_norm, self.epsilon)
        return F.linear(normed, *layer.up)

    def hidden(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        """Activations of packed tokens, (tokens,) -> (tokens, DETECTORS)."""
        return F.gelu(self.scores(tokens, runs))


@torch.inference_mode()
def sample_scores(model: EsmModel, proteins: list[str], device: torch.device | str) -> Tensor:
    """Scores of all detectors at every fifth residue of some proteins, (positions, DETECTORS)."""
    encoder = DetectorEncoder(model, device)
    sampled = []
    for protein in proteins:
        residues = encode([protein], str).tokens.astype(np.int64)
        tokens = torch.from_numpy(np.concatenate([[START], residues, [END]])).to(device)
        scores = encoder.scores(tokens, [Run(1, len(tokens), len(residues))])
        sampled.append(scores[1 : 1 + len(residues) : POSITIONS_BETWEEN_SAMPLES].cpu())
    return torch.cat(sampled)


def build_detectors(
    proteins: list[str],
    threshold_proteins: list[str],
    scores: np.ndarray,
    seed: int,
    device: torch.device | str = "cpu",
) -> EsmModel:
    """A model with its first layer done: embedding, attention, patterns and thresholds.

    `proteins` lend their windows; a pattern's threshold is the score that 98 % or 99 % of the
    positions of `threshold_proteins` stay below.
    """
    model = empty_model()
    set_embedding(model)
    set_attention(model)
    high, low = normalised_one_hots(1 + len(OFFSETS))
    patterns = sample_patterns(proteins, scores, np.random.default_rng(seed))
    first: Any = model.encoder.layer[0]
    dense = first.intermediate.dense
    with torch.no_grad():
        # The scores as they are, whatever the LayerNorm makes of the one-hots before.
        dense.weight.copy_(patterns / (high - low))
        dense.bias.copy_(-low / (high - low) * patterns.sum(1))
        below = torch.tensor([kind_of(detector)[1] for detector in range(DETECTORS)])
        sampled = sample_scores(model, threshold_proteins, device).sort(0).values
        rank = (below * (len(sampled) - 1)).round().long()
        dense.bias -= sampled.gather(0, rank[None])[0]
    return model
