"""A model directory: all that is needed to use a trained gLM but the protein model's weights.

config.json and model.safetensors (in transformers' form), standardisation.parquet and
label_components.parquet (what its features and labels are made with), protein_model.json (which
protein model it reads, and how), provenance.json, README.md (the model card).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from glm import tables
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import EmbeddingRecord, read_record
from glm.errors import GlmError
from glm.files import sha256
from glm.model.configuration import CONFIG, GenomicLanguageModelConfig
from glm.provenance import fingerprint

WEIGHTS = "model.safetensors"
STANDARDISATION, LABEL_COMPONENTS = "standardisation.parquet", "label_components.parquet"
PROVENANCE, METRICS, CARD = "provenance.json", "metrics.parquet", "README.md"
PREDICTOR, EVIDENCE = "predictor.json", "evidence.json"
ENCODER = "protein_model"  # a folder in it
FITTED = (STANDARDISATION, LABEL_COMPONENTS)
PUBLISHED = "published"  # in the provenance of an imported model: where it is from, and when
FIXES = {
    CONFIG: "is it a model directory? The folder glm/ of a run's results is one",
    WEIGHTS: "copy the whole folder again, weights included",
    STANDARDISATION: "it holds the means and deviations that the model's input is standardised "
    "with; copy it from the run that trained the model (results/<run>/embedding)",
    LABEL_COMPONENTS: "it holds the components that the model's predictions are in; copy it from "
    "the run that trained the model (results/<run>/embedding)",
    PROTEIN_MODEL: "it says which ESM-2 the model reads; copy it from the run that trained the "
    "model (results/<run>/glm)",
}
NO_ENCODER = (
    "The protein model's weights are not in this folder: they are fetched if they were published, "
    "else named with --protein-model."
)
NO_PREDICTOR = (
    "`snakemake operons --cores all --configfile` with the configuration of its run makes one, "
    "which is found there, if that has a `reference` (adding one trains anew); any other is named "
    "with --predictor."
)


@dataclass(frozen=True)
class ModelDirectory:
    """A checked model directory.

    fingerprint: SHA-256 of the weights. standardisation: fingerprint of that table.
    """

    path: Path
    config: GenomicLanguageModelConfig
    record: EmbeddingRecord
    fingerprint: str
    standardisation: str
    provenance: dict[str, Any]

    def identity(self) -> dict[str, str]:
        """What makes two embeddings comparable: gLM, protein model and standardisation."""
        return {
            "glm": self.fingerprint,
            "protein_model": self.record.protein_model.sha256,
            "protein_model_name": self.record.protein_model.name,
            "standardisation": self.standardisation,
        }


def missing_pieces(path: Path) -> list[str]:
    """Names of the files that embedding with this model needs and that are not there."""
    return [name for name in FIXES if not (path / name).is_file()]


def lacks(path: Path) -> list[str]:
    """What a model directory does not hold, in sentences: pieces, protein model, predictor."""
    said = []
    if missing := missing_pieces(path):
        said.append(f"Not in this folder: {', '.join(missing)}.")
    beside = []
    for name, place, words in (
        (ENCODER, ENCODER, NO_ENCODER),
        (
            PREDICTOR,
            f"operons/{PREDICTOR}",
            f"No {PREDICTOR} is in this folder: {NO_PREDICTOR}",
        ),
    ):
        if (path.parent / place).exists() and not (path / name).exists():
            beside.append(place)
        elif not (path / name).exists():
            said.append(words)
    if beside:
        said.append(
            f"Beside this folder, not in it: {', '.join(beside)}; `glm export` makes a folder that "
            "holds all."
        )
    return said


def fix(name: str, provenance: dict[str, Any]) -> str:
    """What to do about a piece that is missing, or of another model."""
    if PUBLISHED in provenance:
        return "make the directory again of the published files (docs/published-model.md)"
    return FIXES[name]


def read_config(path: Path) -> GenomicLanguageModelConfig:
    """The configuration of a model directory; raises `GlmError` if it is none of a gLM."""
    if not path.is_dir():
        raise GlmError(f"{path}: no such folder; name a model directory")
    if not (path / CONFIG).is_file():
        raise GlmError(f"{path}: has no {CONFIG}: {FIXES[CONFIG]}")
    try:
        kind = json.loads((path / CONFIG).read_text())["model_type"]
        if kind != GenomicLanguageModelConfig.model_type:
            raise GlmError(f"{path / CONFIG}: is a {kind} model, not a gLM")
        return GenomicLanguageModelConfig.from_pretrained(path)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise GlmError(f"{path / CONFIG}: not the configuration of a gLM ({error})") from error


def read_provenance(path: Path) -> dict[str, Any]:
    """Where the model comes from; empty if nobody has written it down."""
    try:
        found: dict[str, Any] = json.loads((path / PROVENANCE).read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise GlmError(f"{path / PROVENANCE}: not JSON ({error})") from error
    return found


def open_directory(path: Path) -> ModelDirectory:
    """Check a model directory: every piece there, and all of one training.

    Raises `GlmError` naming what is missing, or which pieces do not belong together.
    """
    config = read_config(path)
    provenance = read_provenance(path)
    if missing := missing_pieces(path):
        raise GlmError(f"{path}: has no {missing[0]}: {fix(missing[0], provenance)}")
    record = read_record(path / PROTEIN_MODEL)
    check_sizes(path, config, record)
    check_fitted(path, provenance)
    return ModelDirectory(
        path,
        config,
        record,
        sha256(path / WEIGHTS),
        fingerprint(path / STANDARDISATION),
        provenance,
    )


def check_sizes(path: Path, config: GenomicLanguageModelConfig, record: EmbeddingRecord) -> None:
    """Raise `GlmError` if tables, protein model and gLM are of different sizes."""
    fitted = tables.open_file(path / STANDARDISATION, tables.STANDARDISATION).metadata.num_rows
    components = tables.read(path / LABEL_COMPONENTS, tables.LABEL_COMPONENTS, ["direction"])
    width = pc.list_value_length(components["direction"])[0].as_py() if len(components) else 0
    model = record.protein_model
    for name, found, wanted in (
        (PROTEIN_MODEL, model.features, f"{model.name} has {model.features} features"),
        (STANDARDISATION, fitted, f"it was fitted on {fitted} features"),
        (LABEL_COMPONENTS, width, f"its directions are over {width} features"),
    ):
        if found != config.embedding_size:
            raise GlmError(
                f"{path / name}: {wanted}, but the gLM reads {config.embedding_size}: it is of "
                "another model"
            )
    if len(components) != config.label_components:
        raise GlmError(
            f"{path / LABEL_COMPONENTS}: {len(components)} components, but the gLM predicts "
            f"{config.label_components}: it is of another model"
        )


def check_fitted(path: Path, provenance: dict[str, Any]) -> None:
    """Raise `GlmError` for a table that is not the one that the model was trained with."""
    used = {Path(name).name: digest for name, digest in provenance.get("inputs", {}).items()}
    for name in FITTED:
        if name in used and fingerprint(path / name) != used[name]:
            raise GlmError(
                f"{path / name}: not the one that this gLM was trained with "
                f"({PROVENANCE} says {used[name][:12]}, the file is "
                f"{fingerprint(path / name)[:12]}); {fix(name, provenance)}"
            )
