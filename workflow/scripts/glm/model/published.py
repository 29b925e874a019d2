"""The published checkpoint, glm.bin, as a model of this project.

The published class nests three RoBERTa encoders and uses one: of 954,736,916 parameters (in the
paper's count) 278,867,988 are read by its forward pass. Those are taken by name; every other key
is dead weight and dropped.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from glm.data.constants import CLIP
from glm.errors import GlmError
from glm.model.base import shapes_alone
from glm.model.configuration import ORIENTATION, GenomicLanguageModelConfig
from glm.model.genomic import GenomicLanguageModel
from glm.torch_files import read_torch

logger = logging.getLogger("glm")

# as the published code makes inputs and labels: inputs are not clipped, but labels are, and ones
# for a missing gene are put in before standardising
PREPROCESSING: dict[str, Any] = {
    "input_clip": None, "label_clip": CLIP, "ones_standardised": True,
}  # fmt: skip
HOLDERS = ("model_state_dict", "state_dict", "model")  # what trainings call their weights
PARALLEL = "module."
OTHER_SIZE = "is it glm.bin? --any-size takes a model of another size than the published"
ENCODER = "roberta.roberta.encoder.layer"
OUTER = {
    "input_projection": "dense",
    "norm": "roberta.roberta.embeddings.LayerNorm",
    "prediction_head": "roberta.lm_head.dense",
    "likelihood_head": "roberta.lm_head.dense_prob",
}
IN_LAYER = {
    "attention_output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up_projection": "intermediate.dense",
    "down_projection": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}


def published_keys(layers: int) -> dict[str, list[str]]:
    """For each parameter of ours, the published keys that it is made of, stacked by rows."""
    keys = {"token_type.weight": ["roberta.roberta.embeddings.token_type_embeddings.weight"]}
    for kind in ("weight", "bias"):
        for ours, theirs in OUTER.items():
            keys[f"{ours}.{kind}"] = [f"{theirs}.{kind}"]
        for layer in range(layers):
            here, there = f"layers.{layer}", f"{ENCODER}.{layer}"
            keys[f"{here}.attention.query_key_value.{kind}"] = [
                f"{there}.attention.self.{name}.{kind}" for name in ("query", "key", "value")
            ]
            for ours, theirs in IN_LAYER.items():
                keys[f"{here}.{ours}.{kind}"] = [f"{there}.{theirs}.{kind}"]
    for layer in range(layers):
        keys[f"layers.{layer}.attention.distance.weight"] = [
            f"{ENCODER}.{layer}.attention.self.distance_embedding.weight"
        ]
    return keys


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a torch file; nothing in it is executed, and no tensor is read yet.

    Those of a checkpoint of a training are taken out of it, and the prefix that DataParallel puts
    before every key is dropped. Raises GlmError for a file that is not a dictionary of tensors.
    """
    found = read_torch(path)
    for name in HOLDERS:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            logger.info("%s: a checkpoint of a training; its %s is taken", path, name)
            found = found[name]
    if not isinstance(found, Mapping):
        raise GlmError(
            f"{path}: holds a {type(found).__name__}, not a dictionary of tensors; give the "
            "published state dictionary, glm.bin"
        )
    tensors = {str(key): value for key, value in found.items() if isinstance(value, Tensor)}
    if not tensors:
        raise GlmError(
            f"{path}: has no tensor, but {', '.join(map(str, list(found)[:5])) or 'nothing'}; give "
            "the published state dictionary, glm.bin"
        )
    prefix = PARALLEL if all(key.startswith(PARALLEL) for key in tensors) else ""
    return {key.removeprefix(prefix): value for key, value in tensors.items()}


def sizes_of(checkpoint: Mapping[str, Tensor], path: Path) -> dict[str, Any]:
    """The sizes of a checkpoint's model, as keys of its configuration.

    Raises GlmError naming the key that is missing or has a shape that tells no size.
    """
    first = f"{ENCODER}.0"
    shapes = {}
    for key, axes in (
        ("dense.weight", 2),
        (f"{first}.intermediate.dense.weight", 2),
        (f"{first}.attention.self.distance_embedding.weight", 2),
        (f"{OUTER['prediction_head']}.bias", 1),
        (f"{OUTER['likelihood_head']}.bias", 1),
    ):
        if key not in checkpoint:
            raise GlmError(f"{path}: has no key {key}; is it glm.bin?")
        shapes[key] = checkpoint[key].shape
        if len(shapes[key]) != axes or not all(shapes[key]):
            raise GlmError(f"{path}: {key} has shape {list(shapes[key])}; is it glm.bin?")
    (hidden, features), (wide, _), distance, (labels,), (predictions,) = shapes.values()
    return {
        "embedding_size": features - ORIENTATION,
        "hidden_size": hidden,
        "layers": depth(checkpoint),
        "heads": max(1, hidden // distance[1]),
        "feed_forward_size": wide,
        "maximum_distance": (distance[0] + 1) // 2,
        "predictions": predictions,
        "label_components": labels // predictions - ORIENTATION,
    }


def depth(checkpoint: Mapping[str, Tensor]) -> int:
    """Layers of the encoder that forward uses."""
    numbers = (re.match(rf"{re.escape(ENCODER)}\.(\d+)\.", key) for key in checkpoint)
    return 1 + max((int(number[1]) for number in numbers if number), default=-1)


def translate(
    checkpoint: Mapping[str, Tensor], model: GenomicLanguageModel, path: Path
) -> tuple[dict[str, Tensor], list[str]]:
    """The state of `model` in float32 from the published keys, and the keys that are dead.

    Raises GlmError naming the first key that is missing, of another shape, or not finite, and for
    a checkpoint with more layers than the model.
    """
    layers = model.config.layers
    if (found := depth(checkpoint)) > layers:
        raise GlmError(
            f"{path}: has {found} layers, but the model is to have {layers}; {OTHER_SIZE}"
        )
    keys = published_keys(layers)
    state = {}
    for name, expected in model.state_dict().items():
        parts = []
        for key in keys[name]:
            if key not in checkpoint:
                raise GlmError(f"{path}: has no key {key}, which becomes {name}; is it glm.bin?")
            part = checkpoint[key]
            rows = len(expected) // len(keys[name])
            if part.shape != (rows, *expected.shape[1:]):
                wanted = [rows, *expected.shape[1:]]
                raise GlmError(
                    f"{path}: {key} has shape {list(part.shape)}, but {wanted} is expected for "
                    f"{name}; {OTHER_SIZE}"
                )
            if not bool(part.isfinite().all()):
                raise GlmError(f"{path}: {key} holds numbers that are not finite; is it damaged?")
            parts.append(part.float())
        state[name] = torch.cat(parts)
    used = {key for parts_of in keys.values() for key in parts_of}
    return state, sorted(checkpoint.keys() - used)


def load_published(path: Path, any_size: bool = False) -> GenomicLanguageModel:
    """The published model, in evaluation mode; how many dead keys were dropped is logged.

    any_size: the sizes are read off the keys; without it they must be the published ones. Raises
    GlmError as `read_checkpoint`, `sizes_of` and `translate` do.
    """
    checkpoint = read_checkpoint(path)
    sizes: dict[str, Any] = sizes_of(checkpoint, path) if any_size else {}
    with shapes_alone():
        model = GenomicLanguageModel(GenomicLanguageModelConfig(**sizes, **PREPROCESSING))
    state, dead = translate(checkpoint, model, path)
    model.load_state_dict(state, assign=True)
    logger.info(
        "%s: %d keys with %d parameters taken, %d dead keys with %d parameters dropped",
        path,
        len(checkpoint) - len(dead),
        sum(value.numel() for value in state.values()),
        len(dead),
        sum(checkpoint[key].numel() for key in dead),
    )
    return model.requires_grad_(True).eval()
