"""The published checkpoint as a model directory."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

import httpx

from glm import files, logs, provenance, tables
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile
from glm.embedding.protein_model import read_identity
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import EmbeddingRecord
from glm.errors import GlmError
from glm.model.card import write_card
from glm.model.directory import LABEL_COMPONENTS, STANDARDISATION, check_sizes, missing_pieces
from glm.model.published import import_published, published_configuration
from glm.model.published_tables import read_label_components, read_standardisation

PUBLISHED_MAXIMUM_TOKENS = 12288  # the start token among them; the end token is cut off

logger = logging.getLogger("glm")


def import_checkpoint(
    checkpoint: str,
    output: Path,
    standardisation: Path | None = None,
    label_components: Path | None = None,
    protein_model: Path | None = None,
    sha256: str | None = None,
    layers: int = 19,
) -> None:
    """Write the published glm.bin, from a path or an address, as a model directory.

    The tables (or the published norm.pkl and pca.pkl, which are read without running them) and the
    protein model are what its features are made with; without them the directory loads in
    transformers, and embedding with it says what is missing. Raises `GlmError` for a file that is
    not the published model, or tables of another size.
    """
    config = published_configuration(layers)
    with tempfile.TemporaryDirectory(prefix="glm-import-") as folder:
        path = fetched(checkpoint, Path(folder)) if "://" in checkpoint else Path(checkpoint)
        if not path.is_file():
            raise GlmError(f"{checkpoint}: no such file")
        if sha256 is not None and (found := files.sha256(path)) != sha256.lower():
            raise GlmError(f"{checkpoint}: SHA-256 is {found}, not {sha256}; nothing was written")
        with files.writing(output) as beside:
            import_published(path, beside, config)
            if standardisation is not None:
                place(standardisation, beside / STANDARDISATION, tables.STANDARDISATION)
            if label_components is not None:
                place(label_components, beside / LABEL_COMPONENTS, tables.LABEL_COMPONENTS)
            if protein_model is not None:
                record = EmbeddingRecord(
                    read_identity(protein_model), maximum_tokens=PUBLISHED_MAXIMUM_TOKENS
                )
                record.write(beside / PROTEIN_MODEL)
                if not missing_pieces(beside):
                    check_sizes(beside, config, record)
            write_card(beside, name=output.name)


def place(given: Path, output: Path, declared: tables.Table) -> None:
    """Copy a table of the model's features, or make it of the published pickle."""
    if given.suffix == ".pkl":
        read = {STANDARDISATION: read_standardisation, LABEL_COMPONENTS: read_label_components}
        made = provenance.stamp("import_checkpoint", [given], {})
        tables.write(read[output.name](given), output, declared, made)
    else:
        tables.open_file(given, declared).close()
        shutil.copyfile(given, output)


def fetched(address: str, folder: Path) -> Path:
    """Fetch an address (https, http, file) into a folder."""
    if address.startswith("file://"):
        return Path(httpx.URL(address).path)
    file = RemoteFile(address, "glm.bin", "checkpoint", md5=None)
    with streams.client() as client, logs.progress_bar(unit="B") as bar:
        return download.fetch(client, file, folder, bar)
