"""Training of the demo's protein model: homologues together, all others apart, masked residues.

The mean over a protein's residues is what the pipeline reads, so that is what is trained: of a
batch of pairs, each protein finds its homologue among all others (InfoNCE, van den Oord et al.
2018) by the distance that the retrieval test measures. Masked language modelling goes beside it.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import EsmConfig, EsmForMaskedLM

from glm.embedding.alphabet import TOKENS
from glm.embedding.checkpoints import esm_config
from protein_model_training.evolution import PADDING, Evolution, Pairs

MASK = TOKENS.index("<mask>")
FEATURES, LAYERS, HEADS, FEED_FORWARD = 192, 4, 6, 768
TEMPERATURE = 0.07
MASKED_SHARE = 0.12
"""Of the residues of every second protein."""
MASKED_WEIGHT = 0.3
WARM_UP, WEIGHT_DECAY, LARGEST_GRADIENT = 100, 0.05, 1.0
AVERAGE_EVERY, AVERAGE_DECAY = 10, 0.97
"""The weights that are written are an average over the last steps."""


@dataclass(frozen=True)
class Training:
    """How long, how much at once, and how fast: `length` residues of `pairs` pairs a step, and of
    half as many pairs twice the length every third step."""

    steps: int
    pairs: int
    length: int
    learning_rate: float


def architecture() -> EsmConfig:
    """Configuration of the model: ESM-2's, small."""
    return esm_config(LAYERS, FEATURES, HEADS, FEED_FORWARD)


def initialise(module: nn.Module) -> None:
    """Random weights of a layer: wider than ESM-2's 0.02, as the layers are narrower."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.04)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def new_model() -> EsmForMaskedLM:
    """A model to be trained, with random weights of torch's generator."""
    model = EsmForMaskedLM(architecture())
    model.apply(initialise)
    nn.init.normal_(model.esm.embeddings.word_embeddings.weight, std=0.5)
    return model


def contrast(means: Tensor, pairs: Pairs) -> Tensor:
    """InfoNCE of the means over proteins, (2 pairs, features), in both directions.

    Each feature is standardised over the batch; a logit is the negative squared distance, and
    others of the same family are neither right nor wrong.
    """
    standard = (means - means.mean(0)) / (means.std(0) + 1e-4)
    left, right = standard.chunk(2)
    squares = left.square().sum(1)[:, None] + right.square().sum(1)
    logits = -(squares - 2 * left @ right.T) / (2 * means.shape[1] * TEMPERATURE)
    count = len(left)
    kin = pairs.families[0][:, None] == pairs.families[1]
    logits = logits.masked_fill(kin.fill_diagonal_(False), -1e4)
    own = torch.arange(count, device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def hide(pairs: Pairs) -> Tensor:
    """Which residues are masked, (2 pairs, length): of half of the proteins, drawn."""
    device = pairs.tokens.device
    rate = MASKED_SHARE * (torch.rand(len(pairs.tokens), 1, device=device) < 0.5)
    return (torch.rand(pairs.tokens.shape, device=device) < rate) & pairs.valid


def read_pairs(read: Any, head: nn.Module, pairs: Pairs) -> tuple[Tensor, Tensor]:
    """The mean of each protein, (2 pairs, features), and the loss of the masked residues."""
    hidden_ones = hide(pairs)
    tokens = pairs.tokens.masked_fill(hidden_ones, MASK).masked_fill(~pairs.valid, PADDING)
    states = read(tokens, attention_mask=pairs.valid.long()).last_hidden_state
    # as many in each step, so that nothing is compiled anew
    count = int(hidden_ones.numel() * MASKED_SHARE / 2 * 0.8)
    where = torch.multinomial(hidden_ones.float().flatten() + 1e-9, count)
    predicted = head(states.flatten(0, 1)[where]).float()
    masked = F.cross_entropy(predicted, pairs.tokens.flatten()[where])
    valid = pairs.valid[..., None]
    means = (states.float() * valid).sum(1) / valid.sum(1)
    return means, masked


def optimiser_of(model: nn.Module, learning_rate: float, fused: bool) -> torch.optim.AdamW:
    """AdamW that decays matrices alone."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.98), fused=fused)


def train(evolution: Evolution, how: Training, seed: int) -> EsmForMaskedLM:
    """A trained model, on the processor."""
    torch.manual_seed(seed)
    device = torch.device(evolution.device)
    cuda = device.type == "cuda"
    model: Any = new_model()
    model.to(device)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE_DECAY))
    read = torch.compile(model.esm, dynamic=False) if cuda else model.esm
    optimiser = optimiser_of(model, how.learning_rate, cuda)
    for step in range(how.steps):
        rate = min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / how.steps))
        for group in optimiser.param_groups:
            group["lr"] = how.learning_rate * rate
        twice = step % 3 == 2
        pairs = evolution.draw(how.pairs // (1 + twice), how.length * (1 + twice))
        with torch.autocast(device.type, torch.bfloat16, enabled=cuda):
            means, masked = read_pairs(read, model.lm_head, pairs)
        contrastive = contrast(means, pairs)
        (contrastive + MASKED_WEIGHT * masked).backward()
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if (step + 1) % AVERAGE_EVERY == 0 or step + 1 == how.steps:
            average.update_parameters(model)
        if (step + 1) % 50 == 0 or step + 1 == how.steps:
            logging.info(
                "step %d of %d: contrastive loss %.3f, masked loss %.3f",
                *(step + 1, how.steps, contrastive.item(), masked.item()),
            )
    trained: EsmForMaskedLM = average.module.cpu().eval()  # type: ignore[assignment]
    return trained
