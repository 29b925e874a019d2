"""The protein language model's folder: which model it is, and loading it.

A folder has config.json and model.safetensors in transformers' form, of a model in `FAMILIES`, and
identity.json, which says what the weights are, so that no table is ever made with a model that
nobody can name. A folder as the Hugging Face hub lays it out has no identity.json: its weights are
hashed, and what they are is noted in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from glm import files
from glm.errors import GlmError

if TYPE_CHECKING:
    import torch

    from glm.embedding.encoder import ProteinEncoder

IDENTITY, CONFIG, WEIGHTS = "identity.json", "config.json", "model.safetensors"

logger = logging.getLogger("glm")


class Family(NamedTuple):
    """Protein models of one architecture: what loads a folder's weights, and what embeds with them.

    load: takes config.json and model.safetensors.
    encoder: takes the loaded model, precision, device and the hidden layer that is averaged.
    """

    name: str
    load: Callable[[Path, Path], Any]
    encoder: Callable[..., ProteinEncoder]


def load_esm(config: Path, weights: Path) -> Any:
    """The weights of an ESM-2; torch's import takes seconds, which identities spare."""
    from glm.embedding.esm import read_esm

    return read_esm(config, weights)


def packed_encoder(*arguments: Any) -> ProteinEncoder:
    """The encoder of a loaded ESM-2."""
    from glm.embedding.packed import PackedEncoder

    return PackedEncoder(*arguments)


FAMILIES = {"esm": Family("ESM-2", load_esm, packed_encoder)}
"""By the `model_type` of config.json."""


@dataclass(frozen=True)
class Identity:
    """What a protein model is: `weights` is "trained" or "random", `sha256` that of the weights."""

    name: str
    source: str
    sha256: str
    features: int
    layers: int
    is_demo: bool = False
    weights: str = "trained"
    note: str = ""

    def write(self, directory: Path) -> None:
        """Write identity.json into the model's folder."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        (directory / IDENTITY).write_text(text, encoding="utf-8")


def cache_folder() -> Path:
    """Where fetched protein models lie: $GLM_CACHE, else ~/.cache/glm."""
    return Path(os.environ.get("GLM_CACHE", Path.home() / ".cache" / "glm"))


def read_identity(directory: Path) -> Identity:
    """Read identity.json, or what the cache has of a folder without one; else hash its weights.

    Raises `GlmError` naming the file that is missing or not whole.
    """
    directory = Path(directory)
    path = directory / IDENTITY
    if not path.is_file():
        weights = existing(directory, WEIGHTS)
        found = weights.stat()
        state = f"{weights.resolve()} {found.st_size} {found.st_mtime_ns}"
        folder = cache_folder() / "identities" / hashlib.sha256(state.encode()).hexdigest()[:16]
        path = folder / IDENTITY
        if not path.is_file():
            logger.info("%s: has no %s; what it is goes to %s", directory, IDENTITY, path)
            identity = identify(directory, directory.resolve().name, str(directory.resolve()))
            try:
                with files.writing(folder) as beside:
                    beside.mkdir()
                    identity.write(beside)
            except OSError as error:  # a node whose home is read-only hashes it each time
                logger.warning("%s: cannot be written (%s); see GLM_CACHE", path, error.strerror)
            return identity
    fields = Identity.__dataclass_fields__
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Identity(**{name: value for name, value in read.items() if name in fields})
    except (json.JSONDecodeError, TypeError, AttributeError) as error:
        raise GlmError(f"{path}: is not a whole identity ({error}); correct it") from error


def read_config(directory: Path) -> tuple[Family, int, int]:
    """The family of a folder's model, its features and layers, as config.json says.

    Raises `GlmError` for a folder that holds no protein model of a known family.
    """
    path = existing(directory, CONFIG)
    known = " or ".join(family.name for family in FAMILIES.values())
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if (kind := config["model_type"]) not in FAMILIES:
            raise GlmError(f"{path}: of a {kind} model; a protein model must be {known}")
        return FAMILIES[kind], config["hidden_size"], config["num_hidden_layers"]
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        raise GlmError(f"{path}: is no configuration of {known} ({error})") from error


def identify(directory: Path, name: str, source: str) -> Identity:
    """The identity of trained weights: their hash, and the sizes that config.json says."""
    _, features, layers = read_config(directory)
    return Identity(name, source, files.sha256(existing(directory, WEIGHTS)), features, layers)


def existing(directory: Path, name: str) -> Path:
    """A file of a model's folder; raises `GlmError` if it is not there."""
    if not (directory / name).is_file():
        raise GlmError(f"{directory}: has no {name}; it is no protein model of this pipeline")
    return directory / name


def refuse_random(identity: Identity, where: Path, allowed: bool) -> None:
    """Raise `GlmError` if the weights were never trained, unless tests allow it."""
    if identity.weights != "trained" and not allowed:
        raise GlmError(
            f"{where}: {identity.name} has {identity.weights} weights, so its embeddings mean "
            "nothing; name a trained model in embedding.model (embedding.allow_random_weights is "
            "for tests of the pipeline only)"
        )


def load_model(directory: Path) -> Any:
    """Load a folder's protein model, in float32.

    Raises `GlmError` if weights that the forward pass needs are missing, or torn.
    """
    from safetensors import SafetensorError

    directory = Path(directory)
    family = read_config(directory)[0]
    weights = existing(directory, WEIGHTS)
    try:
        return family.load(directory / CONFIG, weights)
    except SafetensorError as error:
        raise GlmError(
            f"{weights}: torn ({error}). Fetch or copy it again (under results: remove it and run "
            "again)"
        ) from error


def load_encoder(
    directory: Path,
    precision: str = "fp32",
    device: torch.device | str = "cpu",
    layer: int | None = None,
    allow_random_weights: bool = False,
) -> tuple[ProteinEncoder, Identity]:
    """Load a protein model's folder, ready to embed. Random weights raise `GlmError`."""
    from glm.embedding.packed import PRECISIONS

    identity = read_identity(directory)
    refuse_random(identity, directory, allow_random_weights)
    family = read_config(Path(directory))[0]
    encoder = family.encoder(load_model(directory), PRECISIONS[precision], device, layer)
    demo = " (a small model for the demo, no substitute for ESM-2)" if identity.is_demo else ""
    logger.info(
        "protein model: %s%s, %d layers x %d features, %s on %s",
        *(identity.name, demo, identity.layers, identity.features, precision, device),
    )
    return encoder, identity
