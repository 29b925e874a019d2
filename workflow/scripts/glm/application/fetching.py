"""The published gLM in one command: fetched from where it was published, checked, converted."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from pathlib import Path
from typing import Any

import httpx

from glm import files, logs
from glm.application.importing import Artefacts, refuse_used, write_directory
from glm.application.publication import (
    CHECKPOINT,
    ESM2,
    NORM,
    OPERONS,
    PCA,
    RECORD_OF_FILES,
    SHA256,
    address,
)
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile
from glm.embedding.checkpoints import fetch_protein_model
from glm.embedding.protein_model import IDENTITY, read_identity
from glm.errors import GlmError
from glm.model.card import write_card
from glm.model.directory import PUBLISHED, open_directory, read_provenance
from glm.model.published_tables import read_standardisation

PROTEIN_MODEL = "protein_model"

logger = logging.getLogger("glm")


def fetch_published(output: Path, protein_model: str, mirror: str | None) -> bool:
    """Make a model directory of the published gLM, ESM-2 in it; false if it is there already.

    protein_model: a name on the hub, a folder as the hub lays it out, or fair-esm's checkpoint.
    mirror: address of a server that has what Zenodo and GitHub have, under the same paths. What is
    fetched lies in the folder OUTPUT.downloads until all of it is there and converted, so that the
    same command resumes. Raises `GlmError` naming the file that cannot be fetched, is not what was
    published, or does not fit the others.
    """
    if is_published(output):
        return False
    refuse_used(output)
    downloads = output.with_name(f"{output.name}.downloads")
    downloads.mkdir(parents=True, exist_ok=True)
    with streams.client() as client:
        stated = stated_by_record(client, mirror)
        norm, pca, operons = (
            fetch_file(client, downloads, name, mirror) for name in (NORM, PCA, OPERONS)
        )
        encoder = fetch_encoder(protein_model, downloads, len(read_standardisation(norm)))
        checkpoint = fetch_file(client, downloads, CHECKPOINT, mirror, **stated)
    about = {"source": address(CHECKPOINT, mirror), "record": stated}
    with files.writing(output) as beside:
        used = Artefacts(checkpoint, norm, pca, operons, encoder)
        write_directory(used, beside, any_size=True, about=about)
        write_card(beside, name=output.name)
        os.replace(encoder, beside / PROTEIN_MODEL)
    shutil.rmtree(downloads)
    return True


def is_published(path: Path) -> bool:
    """Whether a folder is the published gLM, whole; raises `GlmError` if its pieces do not fit."""
    if not path.is_dir() or PUBLISHED not in read_provenance(path):
        return False
    opened = open_directory(path)
    identity = path / PROTEIN_MODEL / IDENTITY
    return identity.is_file() and read_identity(identity.parent) == opened.record.protein_model


def stated_by_record(client: httpx.Client, mirror: str | None) -> dict[str, Any]:
    """Size and MD5 of glm.bin, as its record on Zenodo states them."""
    record = address(RECORD_OF_FILES, mirror)
    try:
        listed = json.loads(streams.fetch_text(client, record))["files"]
        [found] = [file for file in listed if file["key"] == CHECKPOINT]
        kind, _, md5 = found["checksum"].partition(":")
        if kind != "md5":
            raise ValueError(f"its checksum is {found['checksum']}")
        return {"size": int(found["size"]), "md5": md5}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise GlmError(
            f"{record}: does not state size and MD5 of {CHECKPOINT} ({error!r}); is it Zenodo's? "
            "`glm import-checkpoint` takes a file that was fetched by other means"
        ) from error


def fetch_file(
    client: httpx.Client,
    folder: Path,
    name: str,
    mirror: str | None,
    size: int | None = None,
    md5: str | None = None,
) -> Path:
    """Fetch one published file, resumed, unless it is there already with the right checksum."""
    partial = folder / f".{name}.partial"
    held = partial.stat().st_size if partial.exists() else 0
    file = RemoteFile(address(name, mirror), name, "published", md5, SHA256.get(name))
    with logs.progress_bar(size, "B", desc=name, initial=held) as bar:
        return download.fetch(client, file, folder, bar)


def fetch_encoder(protein_model: str, downloads: Path, features: int) -> Path:
    """The folder of the protein model, fetched unless an earlier run did.

    Raises `GlmError` if it has not as many features as the gLM reads.
    """
    folder = downloads / re.sub(r"\W+", "_", protein_model)
    if not (folder / IDENTITY).is_file():
        logger.info("fetching the protein model %s", protein_model)
        fetch_protein_model(protein_model, folder)
    identity = read_identity(folder)
    if identity.features != features:
        raise GlmError(
            f"{protein_model}: has {identity.features} features ({identity.layers} layers), the "
            f"published gLM reads {features}: name ESM-2 650M ({ESM2})"
        )
    return folder
