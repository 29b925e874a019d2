"""A gLM that is there already, taken into a run in place of a trained one."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from glm import files, logs
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile
from glm.embedding.protein_model import read_identity
from glm.errors import GlmError
from glm.model.directory import (
    CARD,
    FITTED,
    FIXES,
    PROVENANCE,
    ModelDirectory,
    open_directory,
)

logger = logging.getLogger("glm")


class EmbeddingSettings(NamedTuple):
    """How a run embeds proteins, as the keys of `embedding`."""

    layer: int | None
    maximum_residues: int | None
    maximum_tokens: int | None


def take_pretrained(
    source: str, output: Path, fitted: Path, protein_model: Path, settings: EmbeddingSettings
) -> None:
    """Copy a model directory, a folder or an address, into the folder `output` of a run.

    fitted: folder for its tables of features and labels. protein_model: folder of the run's, which
    must be the one that the gLM reads, used as `settings` say. Raises `GlmError` naming what is
    missing in the directory, what in it does not belong together, and every key of `embedding`
    that is not as in the gLM's training.
    """
    with tempfile.TemporaryDirectory(dir=fitted.parent, prefix=".pretrained-") as folder:
        path = fetch(source, Path(folder)) if "://" in source else Path(source)
        opened = open_directory(path)
        check_embedding(opened, source, protein_model, settings)
        for name in (*FIXES, PROVENANCE, CARD):
            if (path / name).is_file():
                for target in (output, fitted) if name in FITTED else (output,):
                    with files.writing(target / name) as beside:
                        shutil.copyfile(path / name, beside)
    about = opened.config
    logger.info(
        "%s: %d layers of %d features, reads %s",
        *(source, about.layers, about.hidden_size, opened.record.protein_model.name),
    )


def fetch(address: str, folder: Path) -> Path:
    """The files of a model directory from its address; `PROVENANCE` and card where it has them."""
    with streams.client() as client, logs.progress_bar(unit="B") as bar:
        for name in (*FIXES, PROVENANCE, CARD):
            file = RemoteFile(f"{address.rstrip('/')}/{name}", name, "model", md5=None)
            try:
                download.fetch(client, file, folder, bar)
            except streams.NotFoundError:
                logger.info("%s: not there", file.url)
    return folder


def check_embedding(
    opened: ModelDirectory, source: str, protein_model: Path, settings: EmbeddingSettings
) -> None:
    """Raise `GlmError` unless a run embeds proteins as those that the gLM was trained on were."""
    record = opened.record
    found, wanted = read_identity(protein_model), record.protein_model
    if found.sha256 != wanted.sha256:
        raise GlmError(
            f"{source}: reads embeddings of {wanted.name} ({wanted.source}, SHA-256 "
            f"{wanted.sha256[:12]}…), but embedding.model is {found.name} (SHA-256 "
            f"{found.sha256[:12]}…); name the gLM's own there"
        )
    kept = EmbeddingSettings(record.layer, record.maximum_residues, record.maximum_tokens)
    differing = [
        f"embedding.{key}: {value!r} (here {here!r})".replace("None", "null")
        for key, value, here in zip(kept._fields, kept, settings, strict=True)
        if value != here
    ]
    if differing:
        raise GlmError(f"{source}: was trained with {', '.join(differing)}; set these keys so")
