"""The published files that lie here, as a model directory."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from glm import files, logs, provenance, tables
from glm.application.publication import CHECKPOINT, LICENCE_IN_SHORT, NORM, OPERONS, PCA, SHA256
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile
from glm.embedding.protein_model import read_identity
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import EmbeddingRecord
from glm.errors import GlmError
from glm.model.card import write_card
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.directory import (
    FITTED,
    LABEL_COMPONENTS,
    PREDICTOR,
    PROVENANCE,
    PUBLISHED,
    STANDARDISATION,
    WEIGHTS,
    check_sizes,
    missing_pieces,
)
from glm.model.published import load_published
from glm.model.published_tables import (
    read_label_components,
    read_operon_predictor,
    read_standardisation,
)
from glm.operons.predictor import save
from glm.provenance import fingerprint

PUBLISHED_MAXIMUM_TOKENS = 12288  # the start token among them; the end token is cut off

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Artefacts:
    """The published files; what is None is not there. protein_model: a folder of ESM-2."""

    checkpoint: Path
    standardisation: Path | None
    label_components: Path | None
    operon_predictor: Path | None
    protein_model: Path | None

    def of_folder(self) -> Artefacts:
        """With what lies in the folder that is named as the checkpoint, by its published names."""
        folder = self.checkpoint
        named = {
            "standardisation": folder / NORM,
            "label_components": folder / PCA,
            "operon_predictor": folder / OPERONS,
            "protein_model": folder / "protein_model",
        }
        there = {
            key: path for key, path in named.items() if getattr(self, key) is None and path.exists()
        }
        return replace(self, checkpoint=folder / CHECKPOINT, **there)


def import_checkpoint(
    checkpoint: str,
    output: Path,
    standardisation: Path | None = None,
    label_components: Path | None = None,
    operon_predictor: Path | None = None,
    protein_model: Path | None = None,
    sha256: str | None = None,
    any_size: bool = False,
) -> Artefacts:
    """Write the published glm.bin, from a path or an address, as a model directory.

    checkpoint: or the folder that holds the files by their published names. The tables (or the
    published norm.pkl and pca.pkl, which are read without running them) and the protein model are
    what its features are made with; without them the directory loads in transformers, and embedding
    with it says what is missing. any_size: as in `load_published`. Returns what was used. Raises
    `GlmError` for a file that is not the published model, tables of another size, or an output
    folder that is in use.
    """
    refuse_used(output)
    with tempfile.TemporaryDirectory(prefix="glm-import-") as folder:
        path = fetched(checkpoint, Path(folder)) if "://" in checkpoint else Path(checkpoint)
        used = Artefacts(path, standardisation, label_components, operon_predictor, protein_model)
        used = used.of_folder() if path.is_dir() else used
        if not used.checkpoint.is_file():
            raise GlmError(f"{used.checkpoint}: no such file")
        if sha256 is not None and (found := files.sha256(used.checkpoint)) != sha256.lower():
            raise GlmError(f"{checkpoint}: SHA-256 is {found}, not {sha256}; nothing was written")
        with files.writing(output) as beside:
            write_directory(used, beside, any_size, {"source": checkpoint})
            write_card(beside, name=output.name)
    return used


def refuse_used(output: Path) -> None:
    """Raise `GlmError` for a folder that holds anything: it would be replaced."""
    if output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise GlmError(f"{output}: is there already; name a new folder for the model directory")


def write_directory(
    used: Artefacts, folder: Path, any_size: bool, about: Mapping[str, Any]
) -> None:
    """Convert the published files to a model directory, all but its card.

    about: what else its provenance is to say of where the files come from.
    """
    model = load_published(used.checkpoint, any_size)
    config: Any = model.config
    model.save_pretrained(folder)
    for source, name, declared in (
        (used.standardisation, STANDARDISATION, tables.STANDARDISATION),
        (used.label_components, LABEL_COMPONENTS, tables.LABEL_COMPONENTS),
    ):
        if source is not None:
            place(source, folder / name, declared)
    if used.operon_predictor is not None:
        size, weights = (config.layers, config.heads), files.sha256(folder / WEIGHTS)
        predictor = read_operon_predictor(used.operon_predictor, *size, weights)
        save(predictor, folder / PREDICTOR)
    write_provenance(used, folder, config, about)
    if used.protein_model is not None:
        identity = read_identity(used.protein_model)
        record = EmbeddingRecord(identity, maximum_tokens=PUBLISHED_MAXIMUM_TOKENS)
        record.write(folder / PROTEIN_MODEL)
        if not missing_pieces(folder):
            check_sizes(folder, config, record)


def verified(used: Artefacts) -> bool:
    """Whether means, deviations and components are those that were published, by their SHA-256."""
    given = {NORM: used.standardisation, PCA: used.label_components}
    return all(
        path is not None and fingerprint(path) == SHA256[name] for name, path in given.items()
    )


def write_provenance(
    used: Artefacts, folder: Path, config: GenomicLanguageModelConfig, about: Mapping[str, Any]
) -> None:
    """Say what the directory was made of: the published files, and the tables made of them."""
    sources = [used.checkpoint, used.standardisation, used.label_components, used.operon_predictor]
    made = provenance.stamp("import_checkpoint", [], config.to_dict())
    of_files = [source for source in sources if source is not None]
    of_tables = [folder / name for name in FITTED if (folder / name).is_file()]
    made["inputs"] = {path.name: fingerprint(path) for path in [*of_files, *of_tables]}
    made[PUBLISHED] = {
        "checkpoint": used.checkpoint.name,
        "sha256": made["inputs"][used.checkpoint.name],
        "verified": verified(used),
        "imported": datetime.now(UTC).date().isoformat(),
        "licence": LICENCE_IN_SHORT,
        **about,
    }
    (folder / PROVENANCE).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def place(given: Path, output: Path, declared: tables.Table) -> None:
    """Copy a table of the model's features, or make it of the published pickle."""
    if given.suffix == ".pkl":
        read = {STANDARDISATION: read_standardisation, LABEL_COMPONENTS: read_label_components}
        made = provenance.stamp("import_checkpoint")
        made["inputs"] = {given.name: fingerprint(given)}  # wherever it lies
        tables.write(read[output.name](given), output, declared, made)
    else:
        tables.open_file(given, declared).close()
        shutil.copyfile(given, output)


def fetched(address: str, folder: Path) -> Path:
    """Fetch an address (https, http, file) into a folder."""
    if address.startswith("file://"):
        return Path(httpx.URL(address).path)
    file = RemoteFile(address, CHECKPOINT, "checkpoint", md5=None)
    with streams.client() as client, logs.progress_bar(unit="B") as bar:
        return download.fetch(client, file, folder, bar)
