"""How the proteins of a corpus were embedded: what a gLM that learned from them must be given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glm.embedding.protein_model import Identity
from glm.errors import GlmError
from glm.files import writing

FILE = "protein_model.json"


@dataclass(frozen=True)
class EmbeddingRecord:
    """The protein model and how it was used; `maximum_*` as `glm.embedding.alphabet.Truncation`."""

    protein_model: Identity
    layer: int | None = None
    maximum_residues: int | None = None
    maximum_tokens: int | None = None
    precision: str = "fp32"

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> EmbeddingRecord:
        """From the parameters in the stamp of an embeddings table; more of them may be there.

        Raises KeyError or TypeError for a stamp without a protein model.
        """
        used = {name: parameters[name] for name in cls.__dataclass_fields__ if name in parameters}
        return cls(**{**used, "protein_model": Identity(**parameters["protein_model"])})

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        with writing(path) as beside:
            beside.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n")


def read_record(path: Path) -> EmbeddingRecord:
    """Read a record; raises `GlmError` if the file is missing or not whole."""
    try:
        return EmbeddingRecord.of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise GlmError(
            f"{path}: no such file, so nobody can say which protein model the gLM was trained on"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GlmError(f"{path}: is no whole record of a protein model ({error!r})") from error
