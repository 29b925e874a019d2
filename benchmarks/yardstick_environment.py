"""The yardstick's environment: transformers 4.57.6, the last with relative positions in RoBERTa.

transformers 5 removed `relative_key_query`, and ignores the setting without a word, so it cannot
live in the project's own environment. `python benchmarks/yardstick_environment.py` makes
`.venv-yardstick` beside the README (some seconds); its torch is the project's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".venv-yardstick"
REQUIREMENTS = ("transformers==4.57.6", "safetensors==0.8.0")
COMPLETE = "requirements.txt"


def python() -> Path | None:
    """The yardstick's interpreter, or None where its environment has not been made."""
    complete = FOLDER / COMPLETE
    if complete.is_file() and complete.read_text().split() == list(REQUIREMENTS):
        return FOLDER / "bin" / "python"
    return None


def ensure() -> Path:
    """The yardstick's interpreter, its environment made first if need be."""
    found = python()
    if found is None:
        print(f"making {FOLDER} with {' '.join(REQUIREMENTS)}", file=sys.stderr)
        venv.create(FOLDER, clear=True)
        found = FOLDER / "bin" / "python"
        # -E: with a PYTHONPATH, pip would take, or even replace, packages of another environment
        pip = [sys.executable, "-E", "-m", "pip", "--python", str(found)]
        # byte code of what is imported is enough
        subprocess.run([*pip, "install", "--quiet", "--no-compile", *REQUIREMENTS], check=True)
        [packages] = FOLDER.glob("lib/python*/site-packages")
        # what is not found here, torch, is the project's
        (packages / "project.pth").write_text(sysconfig.get_path("purelib"))
        (FOLDER / COMPLETE).write_text("\n".join(REQUIREMENTS) + "\n")
    return found


def wanted() -> bool:
    """Whether a test should make the environment: in continuous integration, yes."""
    return bool(os.environ.get("CI"))


if __name__ == "__main__":
    print(ensure())
