"""The numbers that make a model (Methods; Extended Data 2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Self

from glm.data.constants import CLIP
from glm.errors import GlmError

CONFIG = "config.json"
ORIENTATION = 1  # one feature, and one entry of a label, says which strand a gene is on


class Configuration:
    """What both configurations are: numbers that config.json holds, in transformers' form."""

    model_type: ClassVar[str]
    embedding_size: int
    label_components: int

    @property
    def features(self) -> int:
        """Features of one gene as the model sees it: the embedding and the orientation."""
        return self.embedding_size + ORIENTATION

    @property
    def label_size(self) -> int:
        """Entries of a label, and of each prediction: the components and the orientation."""
        return self.label_components + ORIENTATION

    def to_dict(self) -> dict[str, Any]:
        """Every key, and the kind of model."""
        return {**asdict(self), "model_type": self.model_type}  # type: ignore[call-overload]

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Self:
        """Read a folder's config.json; keys that are not of this model are passed over.

        Raises OSError, ValueError or TypeError for what is none, `GlmError` for bad numbers.
        """
        keys = json.loads((Path(folder) / CONFIG).read_text(encoding="utf-8"))
        if keys.get("model_type") != cls.model_type:
            raise ValueError(f"model_type is {keys.get('model_type')}, not {cls.model_type}")
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: keys[name] for name in known & keys.keys()})

    def save_pretrained(self, folder: Path | str, **about: Any) -> None:
        """Write config.json into a folder, which is made if need be; about: keys of the model."""
        keys = {**self.to_dict(), **about, "transformers_version": metadata.version("transformers")}
        Path(folder).mkdir(parents=True, exist_ok=True)
        text = json.dumps(keys, indent=2, sort_keys=True) + "\n"
        (Path(folder) / CONFIG).write_text(text, encoding="utf-8")


@dataclass(kw_only=True)
class GenomicLanguageModelConfig(Configuration):
    """A gLM of the published size.

    Sizes are in features: a gene enters as `embedding_size` features and its orientation, and
    its label is `label_components` whitened principal components and its orientation.
    Weights start from a normal distribution of standard deviation `initializer_range`, the tables
    of relative distances from one of `distance_initializer_range`: with the latter at 1, heads look
    at different distances from the first step on, which spares a small model its long plateau.
    `maximum_distance` is one more than the furthest two genes can be apart: each layer's table of
    relative distances has 2 * maximum_distance - 1 rows (1,023, as the published model kept 512
    although no subcontig is longer than 30). `dropout` holds for hidden states and attention.
    `minimum_genes` and `maximum_genes` are those of the subcontigs that it was trained on: what is
    shorter or longer is outside of what it has seen. `input_clip`, `label_clip` and
    `ones_standardised` say how its inputs and labels are made (`glm.data.features.Preprocessing`).
    """

    model_type = "glm-genomic"

    embedding_size: int = 1280
    hidden_size: int = 1280
    layers: int = 19
    heads: int = 10
    feed_forward_size: int = 3072
    maximum_distance: int = 512
    predictions: int = 4
    label_components: int = 99
    dropout: float = 0.1
    layer_norm_eps: float = 1e-12
    initializer_range: float = 0.02
    distance_initializer_range: float = 0.02
    minimum_genes: int = 15
    maximum_genes: int = 30
    input_clip: float | None = CLIP
    label_clip: float | None = None
    ones_standardised: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes and limits that no model can have."""
        for name in ("input_clip", "label_clip"):
            limit = getattr(self, name)
            if limit is not None and limit <= 0:
                raise GlmError(f"{name} {limit} must be above 0; null for no clipping")
        if self.hidden_size % self.heads:
            raise GlmError(
                f"hidden_size {self.hidden_size} cannot be shared by {self.heads} heads; "
                "choose a hidden_size that is a multiple of heads"
            )


@dataclass(kw_only=True)
class BidirectionalLSTMConfig(Configuration):
    """The paper's baseline (Extended Data 2).

    The projection has the size of the label, so there is no head. The paper's table has one
    prediction; no dropout is mentioned.
    """

    model_type = "glm-genomic-bilstm"

    embedding_size: int
    hidden_size: int
    layers: int
    label_components: int
    predictions: int = 1
    dropout: float = 0.0
    initializer_range: float = 0.02
