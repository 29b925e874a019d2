"""An ESM-2's folder as it is read: the keys of config.json, and the weights by their names.

The names are those of transformers' `EsmModel`. transformers is not imported: that takes longer
than torch, and every job that embeds would wait for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import torch
from safetensors.torch import load_file
from torch import Tensor

from glm.errors import GlmError

STORED_NAMES = ((r"^esm\.", ""), (r"\.gamma$", ".weight"), (r"\.beta$", ".bias"))
"""What stored names have and what it is here: a prefix where the model has a head for masked
residues too, and TensorFlow's names, which transformers 5 writes."""
DEFAULTS: dict[str, Any] = {
    "position_embedding_type": "absolute",
    "emb_layer_norm_before": None,
    "token_dropout": False,
    "layer_norm_eps": 1e-12,
    "rope_theta": 10000.0,
}
"""What transformers takes for what a config.json does not say."""


class Esm(Protocol):
    """An ESM-2: transformers' `EsmModel`, or what `read_esm` reads of a folder."""

    config: Any

    def state_dict(self) -> Mapping[str, Tensor]:
        """The weights by their names in `EsmModel`."""


@dataclass(frozen=True)
class EsmFolder:
    """An ESM-2 as its folder has it, in float32: the keys of config.json, and the weights."""

    config: SimpleNamespace
    weights: Mapping[str, Tensor]

    def state_dict(self) -> Mapping[str, Tensor]:
        """The weights by their names in `EsmModel`."""
        return self.weights


def read_esm(config: Path, weights: Path) -> EsmFolder:
    """Read an ESM-2's config.json and model.safetensors.

    Raises `GlmError` naming keys or weights that are missing or of another shape, and
    SafetensorError for a torn file.
    """
    keys = json.loads(config.read_text(encoding="utf-8"))
    read = {}
    for name, values in load_file(weights).items():
        for stored, current in STORED_NAMES:
            name = re.sub(stored, current, name)
        read[name] = values.to(torch.float32, copy=True)  # not the file, mapped
    settings = SimpleNamespace(**{**DEFAULTS, **keys})
    try:
        shapes = weight_shapes(settings)
    except AttributeError as error:
        raise GlmError(f"{config}: has no {error.name}; it is no ESM-2's") from error
    if missing := sorted(set(shapes) - set(read)):
        raise GlmError(f"{weights}: lacks the weights {', '.join(missing[:5])}")
    for name, shape in shapes.items():
        if (found := tuple(read[name].shape)) != shape:
            raise GlmError(f"{weights}: {name} is of shape {found}; by {config.name} it is {shape}")
    return EsmFolder(settings, {name: read[name] for name in shapes})


def weight_shapes(config: Any) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the weights that an ESM-2 of this configuration embeds with."""
    features, wide = config.hidden_size, config.intermediate_size

    def linear(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}

    def norm(name: str) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": (features,), f"{name}.bias": (features,)}

    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (config.vocab_size, features)
    }
    for index in range(config.num_hidden_layers):
        layer = f"encoder.layer.{index}"
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= linear(f"{layer}.attention.{name}", features, features)
        shapes |= linear(f"{layer}.intermediate.dense", wide, features)
        shapes |= linear(f"{layer}.output.dense", features, wide)
        shapes |= norm(f"{layer}.attention.LayerNorm") | norm(f"{layer}.LayerNorm")
    return shapes | norm("encoder.emb_layer_norm_after")
