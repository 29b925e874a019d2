"""The published checkpoint, glm.bin, as a model of this project.

The published class nests three RoBERTa encoders and uses one: of 954,736,916 parameters (in the
paper's count) 278,867,988 are read by its forward pass. Those are taken by name; every other key
is dead weight and dropped.
"""

from __future__ import annotations

import json
import logging
import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from glm import files, provenance
from glm.data.constants import CLIP
from glm.errors import GlmError
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.genomic import GenomicLanguageModel

logger = logging.getLogger("glm")

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

    Raises GlmError for a file that is not a dictionary of tensors.
    """
    try:
        # a file from before torch 1.6 is no archive, and cannot be mapped
        found = torch.load(
            path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
        )
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise GlmError(
            f"{path}: not a torch checkpoint of plain tensors ({error}); download glm.bin of the "
            "published record again and compare its checksum"
        ) from error
    if not isinstance(found, Mapping):
        raise GlmError(
            f"{path}: holds a {type(found).__name__}, not a dictionary of tensors; give the "
            "published state dictionary, glm.bin"
        )
    return {str(key): value for key, value in found.items() if isinstance(value, Tensor)}


def translate(
    checkpoint: Mapping[str, Tensor], model: GenomicLanguageModel, path: Path
) -> tuple[dict[str, Tensor], list[str]]:
    """The state of `model` in float32 from the published keys, and the keys that are dead.

    Raises GlmError naming the first key that is missing, of another shape, or not finite, and for
    a checkpoint with more layers than the model.
    """
    layers = model.config.layers
    numbers = (re.match(rf"{re.escape(ENCODER)}\.(\d+)\.", key) for key in checkpoint)
    deepest = max((int(number[1]) for number in numbers if number), default=-1)
    if deepest >= layers:
        raise GlmError(
            f"{path}: has {deepest + 1} layers, but the model is to have {layers}; set --layers"
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
                    f"{name}; is the model of the published size?"
                )
            if not bool(part.isfinite().all()):
                raise GlmError(f"{path}: {key} holds numbers that are not finite; is it damaged?")
            parts.append(part.float())
        state[name] = torch.cat(parts)
    used = {key for parts_of in keys.values() for key in parts_of}
    return state, sorted(checkpoint.keys() - used)


def published_configuration(layers: int = 19) -> GenomicLanguageModelConfig:
    """The published sizes, and inputs and labels as the published code makes them.

    Inputs are standardised and not clipped, ones for a missing gene before that; labels are clipped
    to +-10.
    """
    return GenomicLanguageModelConfig(
        layers=layers, input_clip=None, label_clip=CLIP, ones_standardised=True
    )


def load_published(
    path: Path, config: GenomicLanguageModelConfig | None = None
) -> GenomicLanguageModel:
    """The published model, in evaluation mode; how many dead keys were dropped is logged.

    Raises GlmError as `read_checkpoint` and `translate` do.
    """
    with torch.device("meta"):
        model = GenomicLanguageModel(config or published_configuration())
    checkpoint = read_checkpoint(path)
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


def import_published(
    path: Path, output: Path, config: GenomicLanguageModelConfig | None = None
) -> None:
    """Convert glm.bin to a model directory: config.json, model.safetensors, provenance.json."""
    model = load_published(path, config)
    stamp = provenance.stamp("import_published", [path], model.config.to_dict())
    with files.writing(output) as beside:
        model.save_pretrained(beside)
        (beside / "provenance.json").write_text(json.dumps(stamp, indent=1))
