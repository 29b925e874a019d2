"""What configures a training run: the keys of the configuration that it uses, checked and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from glm.configuration.models import Budget, SharedTraining
from glm.configuration.section import Whole
from glm.errors import GlmError


class Settings(SharedTraining, Budget):
    """Keys of the section `training` of the configuration, those of one model among them."""

    warmup_steps: Whole  # the configuration's null is filled in by then
    """Steps of linear warm-up."""

    def shaping(self) -> dict[str, Any]:
        """The settings that make another run of this one; with others changed, it is resumed.

        The size of a micro-batch, like the number of GPUs, changes only rounding and which units
        dropout drops. An option that is off is left out: a run that was begun before there was
        such an option is resumed.
        """
        off = {name for name in OPTIONS if not getattr(self, name)}
        off |= set() if self.homologue_substitution else {"homologue_cosine"}
        return self.model_dump(exclude=WITHOUT_EFFECT | off)


OPTIONS = ("predicted_unmasked", "random_offsets", "strand_flip", "homologue_substitution")


WITHOUT_EFFECT = {
    "checkpoint_every",
    "checkpoints_kept",
    "compile",
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


def read_settings(given: str) -> tuple[Settings, dict[str, Any]]:
    """Settings and the model's own keys, from a JSON file or from JSON itself.

    `given` holds {"model": section glm or bilstm, "training": what `Settings` has}. Raises
    `GlmError` for what is not such JSON, and for unknown, missing or wrong keys of "training".
    """
    try:
        sections = json.loads(given if given.lstrip().startswith("{") else Path(given).read_text())
        model, training = dict(sections["model"]), dict(sections["training"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GlmError(
            f'settings {given[:80]!r}: expected JSON with "model" and "training" ({error!r})'
        ) from error
    try:
        return Settings(**training), model
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise GlmError(
            f"settings: {faults}; known are {', '.join(Settings.model_fields)}"
        ) from None


def check_model_keys(keys: Mapping[str, Any], config_class: type) -> None:
    """Raise `GlmError` for a key that the model's configuration does not have."""
    if unknown := keys.keys() - config_class.__annotations__.keys():
        raise GlmError(
            f"settings: {config_class.__name__} has no {sorted(unknown)}; it has "
            f"{', '.join(config_class.__annotations__)}"
        )
