"""The folder that a hub takes, made of a run or a model directory."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from glm import files, tables
from glm.application.importing import refuse_used
from glm.application.loading import fetchable, find_protein_model
from glm.application.operons import find_predictor
from glm.errors import GlmError
from glm.model.card import write_card
from glm.model.directory import (
    ENCODER,
    EVIDENCE,
    FIXES,
    LABEL_COMPONENTS,
    METRICS,
    PREDICTOR,
    PROVENANCE,
    PUBLISHED,
    STANDARDISATION,
    ModelDirectory,
    open_directory,
)
from glm.model.evidence import gather
from glm.model.exported import ENCODER_FILES, write_sums
from glm.provenance import fingerprint

TABLES = {
    STANDARDISATION: tables.STANDARDISATION,
    LABEL_COMPONENTS: tables.LABEL_COMPONENTS,
    METRICS: tables.METRICS,
}
FOLDERS = re.compile(r"(?<![\w:/.-])(?:file://)?(?:/[^/\s,;\"']+)+/(?=[^/\s])")


def export_model(
    source: Path, output: Path, licence: str, name: str, protein_model: Path | None = None
) -> list[str]:
    """Make the folder `output` of a run (results/<run>) or its model directory; names of its files.

    licence: of the weights, an SPDX identifier. name: by which it will be found, OWNER/MODEL. The
    protein model goes along unless it can be fetched from where it was published. Raises `GlmError`
    if the gLM is not whole, or may not be passed on.
    """
    try:
        canonicalize_license_expression(licence)
    except InvalidLicenseExpression:
        raise GlmError(
            f"--licence {licence!r} is no SPDX identifier, such as cc-by-4.0 or apache-2.0"
        ) from None
    opened = open_directory(source / "glm" if (source / "glm").is_dir() else source)
    if PUBLISHED in opened.provenance:
        raise GlmError(
            f"{opened.path}: is of the published weights, whose licence forbids to pass them on"
        )
    refuse_used(output)
    with files.writing(output) as beside:
        beside.mkdir()
        copy_pieces(opened, beside)
        if (predictor := find_predictor(opened)) is not None:
            write_json(json.loads(predictor.read_text()), beside / PREDICTOR)
        if fetchable(opened.record.protein_model) is None:
            copy_encoder(find_protein_model(opened, protein_model), beside)
        if evidence := gather(opened.path.resolve().parent):
            write_json(evidence, beside / EVIDENCE)
        write_card(beside, name, licence)
        open_directory(beside)
        write_sums(beside)
    return sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())


def copy_pieces(opened: ModelDirectory, folder: Path) -> None:
    """Copy what embedding needs and where it comes from, without folders of this machine.

    A table whose stamp names one is written anew; the provenance has its new fingerprint then.
    """
    provenance = without_folders(opened.provenance)
    for name in (*FIXES, METRICS):
        path, copy = opened.path / name, folder / name
        if path.suffix == ".json":
            write_json(json.loads(path.read_text(encoding="utf-8")), copy)
        elif name in TABLES and path.is_file() and has_folders(tables.read_stamp(path)):
            stamp = without_folders(tables.read_stamp(path))
            tables.write(tables.read(path, TABLES[name]), copy, TABLES[name], stamp)
            for key in provenance.get("inputs", {}):
                if Path(key).name == name:
                    provenance["inputs"][key] = fingerprint(copy)
        elif path.is_file():
            shutil.copyfile(path, copy)
    write_json(provenance, folder / PROVENANCE)


def copy_encoder(encoder: Path, folder: Path) -> None:
    """Copy the protein model, configuration and safetensors alone."""
    (folder / ENCODER).mkdir()
    for name in ENCODER_FILES:
        path = encoder / Path(name).name
        if path.suffix == ".json" and path.is_file():
            write_json(json.loads(path.read_text(encoding="utf-8")), folder / name)
        elif path.is_file():
            shutil.copyfile(path, folder / name)


def write_json(value: Any, path: Path) -> None:
    """Write JSON without folders of this machine."""
    text = json.dumps(without_folders(value), indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def without_folders(value: Any) -> Any:
    """The same with absolute paths cut down to the names of their files."""
    if isinstance(value, Mapping):
        return {without_folders(key): without_folders(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_folders(each) for each in value]
    return FOLDERS.sub("", value) if isinstance(value, str) else value


def has_folders(value: Any) -> bool:
    """Whether there is an absolute path in it."""
    return bool(without_folders(value) != value)
