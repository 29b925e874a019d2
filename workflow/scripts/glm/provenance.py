"""Where an artefact comes from: its inputs, its parameters, the versions and the seed."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from glm import __version__
from glm.files import sha256

PACKAGES = ("torch", "transformers", "pyarrow", "duckdb", "numpy", "scikit-learn", "pyrodigal")
SAMPLED = {".npy", ".dmnd"}
SAMPLES, SAMPLE_BYTES = 256, 4096
PARQUET_TAIL = 8  # length of the footer (4 bytes, little endian) and the magic "PAR1"


def fingerprint(path: Path | str) -> str:
    """A hash that changes when a file's content does.

    A Parquet file is hashed by its footer, which holds its stamp, the statistics and offsets of
    every column chunk and a checksum of its vectors (`glm.tables.vectors`): a table of any size
    costs a few kilobytes to read. So do an embedding store and a database of DIAMOND, of which the
    size and 256 pages are hashed: other content changes all of them. A directory is the hash of its
    files' names and hashes.
    """
    path = Path(path)
    if path.suffix in SAMPLED:
        return sampled(path)
    if path.is_dir():
        parts = [f"{file.name} {sha256(file)}" for file in sorted(path.iterdir()) if file.is_file()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if path.suffix == ".parquet":
        with path.open("rb") as handle:
            handle.seek(-PARQUET_TAIL, 2)
            length = int.from_bytes(handle.read(4), "little")
            handle.seek(-PARQUET_TAIL - length, 2)
            return hashlib.sha256(handle.read(length)).hexdigest()
    return sha256(path)


def sampled(path: Path) -> str:
    """A hash of the size of a file and of 256 evenly spaced pages of 4 KiB."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as handle:
        for position in np.linspace(0, max(size - SAMPLE_BYTES, 0), SAMPLES, dtype=np.int64):
            handle.seek(int(position))
            digest.update(handle.read(SAMPLE_BYTES))
    return digest.hexdigest()


def parameters_hash(parameters: Mapping[str, Any]) -> str:
    """SHA-256 of the parameters written as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True, default=str).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that shape the numbers."""
    found = {"glm": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def stamp(
    producer: str,
    inputs: Iterable[Path | str] = (),
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    tools: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What every artefact carries: producer, versions, parameters and their hash, inputs, seed.

    `inputs` are files or directories (their fingerprints are kept, by name); `tools` are versions
    of outside programs that took part.
    """
    parameters = dict(parameters or {})
    return {
        "producer": producer,
        "versions": {**versions(), **(tools or {})},
        "parameters": json.loads(json.dumps(parameters, default=str)),
        "config_hash": parameters_hash(parameters),
        "seed": seed,
        "inputs": {str(path): fingerprint(path) for path in inputs},
    }
