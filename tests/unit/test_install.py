"""envs/install.sh: tools from PATH, else conda, else apt as root, else a message that helps."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import program

COREUTILS = ("bash", "cat", "cut", "dirname", "env", "ln", "mkdir", "sed", "sha256sum", "chmod")
TOOLS = {"mmseqs": "14-7e284", "diamond": "diamond version 2.1.9", "cd-hit": "CD-HIT version 4.8.1"}


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout whose Python packages are in, on a machine with nothing but core programs."""
    for part in ("envs", "workflow/scripts/glm"):
        shutil.copytree(root / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    program(tmp_path / ".venv/bin", "python", f'exec {sys.executable} "$@"')
    program(tmp_path / ".venv/bin", "glm", "true")
    wanted = "cat envs/requirements*.txt envs/constraints.txt | sha256sum | cut -d' ' -f1"
    subprocess.run(f"{wanted} > .venv/.installed", shell=True, cwd=tmp_path, check=True)
    (tmp_path / "bin").mkdir()
    for name in COREUTILS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    program(tmp_path / "bin", "id", "echo 1000")
    return tmp_path


def install(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["envs/install.sh"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_tools_on_path_are_taken(checkout: Path) -> None:
    for name, text in TOOLS.items():
        program(checkout / "bin", name, f"echo '{text}'")
    done = install(checkout)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_conda_brings_what_is_missing_or_of_another_version(checkout: Path) -> None:
    for name, text in TOOLS.items():
        program(checkout / "bin", name, f"echo '{text}'")
    program(checkout / "bin", "mmseqs", "echo 17-b804f")
    program(
        checkout / "bin",
        "micromamba",
        'while [ "$1" != --prefix ]; do shift; done; mkdir -p "$2/bin"\n'
        'echo "#!/bin/sh\necho 14-7e284" > "$2/bin/mmseqs"; chmod +x "$2/bin/mmseqs"',
    )
    done = install(checkout)
    assert done.returncode == 0, done.stderr
    assert "mmseqs by micromamba" in done.stdout
    assert (checkout / ".venv/bin/mmseqs").resolve() == checkout / ".tools/mmseqs/bin/mmseqs"


def test_apt_as_root_brings_it(checkout: Path) -> None:
    for name in ("diamond", "cd-hit"):
        program(checkout / "bin", name, f"echo '{TOOLS[name]}'")
    program(checkout / "bin", "id", "echo 0")
    program(
        checkout / "bin",
        "apt-get",
        'case "$*" in *install*mmseqs2*) '
        f'echo "#!/bin/sh\necho 14-7e284" > {checkout}/bin/mmseqs; chmod +x {checkout}/bin/mmseqs;;'
        " esac",
    )
    done = install(checkout)
    assert done.returncode == 0, done.stderr
    assert "mmseqs by apt" in done.stdout


def test_without_any_of_them_the_message_says_how(checkout: Path) -> None:
    done = install(checkout)
    assert done.returncode == 1
    assert "conda install -c bioconda mmseqs2=14.7e284" in done.stderr
    assert "snakemake --sdm conda" in done.stderr
