"""What configures a training run: the keys of config.yaml that it uses, checked and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from glm.data.store import Placement
from glm.errors import GlmError

Reduction = Literal["masked", "published"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Keys of the sections `training` and `glm` (or `bilstm`) of the configuration.

    config/schema.yaml says what each means. The defaults are the paper's.
    """

    steps: int
    batch_size: int = 3000
    learning_rate: float = 1e-4
    warmup_steps: int = 5000
    mask_rate: float = 0.15
    alpha: float = 1e-4
    loss_reduction: Reduction = "masked"
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    weight_decay: float = 0.01
    epsilon: float = 1e-8
    gradient_clip: float | None = None
    precision: Literal["fp32", "bf16", "fp16"] = "bf16"
    compile: bool = True
    subcontigs_per_device: int = 750
    gpus: int = 1
    store: Placement = "auto"
    workers: int = 4
    log_every: int = 100
    validate_every: int = 2000
    validation_subcontigs: int = 10000
    checkpoint_every: int = 1000
    checkpoints_kept: int = 3
    spike_deviations: float | None = 50.0
    spike_window: int = 1000
    tensorboard: bool = False

    def shaping(self) -> dict[str, Any]:
        """The settings that make another run of this one; with others changed, it goes on.

        The size of a micro-batch, like the number of GPUs, changes only rounding and which units
        dropout drops.
        """
        return {key: value for key, value in asdict(self).items() if key not in WITHOUT_EFFECT}


WITHOUT_EFFECT = frozenset(
    {
        "checkpoint_every",
        "checkpoints_kept",
        "compile",
        "gpus",
        "log_every",
        "spike_deviations",
        "spike_window",
        "store",
        "subcontigs_per_device",
        "tensorboard",
        "validate_every",
        "validation_subcontigs",
        "workers",
    }
)
OF_THE_LAUNCH = frozenset({"nodes", "wall_time"})  # read by the rule


def read_settings(given: str) -> tuple[Settings, dict[str, Any]]:
    """Settings and the model's own keys, from a JSON file or from JSON itself.

    `given` holds {"model": section glm or bilstm, "training": section training}. What of "model"
    is no setting of the training belongs to the model's configuration. Raises `GlmError` for
    what is not such JSON, and for unknown or missing keys of "training".
    """
    try:
        sections = json.loads(given if given.lstrip().startswith("{") else Path(given).read_text())
        model, training = dict(sections["model"]), dict(sections["training"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GlmError(
            f'settings {given[:80]!r}: expected JSON with "model" and "training" ({error!r})'
        ) from error
    known = {field.name: field for field in fields(Settings)}
    of_training = {key: model.pop(key) for key in list(model) if key in known}
    of_training |= {key: training[key] for key in training if key not in OF_THE_LAUNCH}
    unknown = of_training.keys() - known.keys()
    missing = {n for n, f in known.items() if f.default is MISSING} - of_training.keys()
    if unknown or missing:
        raise GlmError(
            f"settings: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}; "
            f"known are {', '.join(known)}"
        )
    return Settings(**of_training), model


def check_model_keys(keys: Mapping[str, Any], config_class: type) -> None:
    """Raise `GlmError` for a key that the model's configuration does not have."""
    if unknown := keys.keys() - config_class.__annotations__.keys():
        raise GlmError(
            f"settings: {config_class.__name__} has no {sorted(unknown)}; it has "
            f"{', '.join(config_class.__annotations__)}"
        )
