"""Fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
# Without a GPU Triton's kernels are interpreted; that is chosen when Triton is first imported.
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, whole runs; end with what waits minutes for SLURM's clock.

    The trainings that it waits for run beside the other tests of `tests/slurm`, and `tests/faults`.
    """
    items.sort(
        key=lambda item: (
            item.path.match("slurm/test_run.py"), "workflow" not in item.path.parts
        )
    )  # fmt: skip


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


def lacking(what: str) -> NoReturn:
    """Skip for want of something; in CI, which has everything, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"required in CI: {what}")
    pytest.skip(what)


def require(program: str) -> None:
    """Skip where a real tool is missing; in CI a missing tool is a failure."""
    if shutil.which(program) is None:
        lacking(f"{program} is not on PATH; `make environment` brings it")


def program(folder: Path, name: str, script: str) -> None:
    """Put a shell script into a folder of PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@contextmanager
def mounted_disk(folder: Path, size: str) -> Iterator[Path]:
    """A real file system of its own (tmpfs) at a new folder, to fill up."""
    if os.geteuid() != 0:
        lacking("mounting a small file system takes root")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    if made.returncode:
        lacking(f"no small file system can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="session")
def mmseqs() -> str:
    """The real mmseqs."""
    require("mmseqs")
    return "mmseqs"


@pytest.fixture(scope="session")
def diamond() -> str:
    """The real DIAMOND."""
    require("diamond")
    return "diamond"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 kB."""
    with mounted_disk(tmp_path / "disk", "64k") as folder:
        yield folder
