from __future__ import annotations

import ast
import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glm import source_code

NAMES = sorted(path.stem for path in source_code.SCRIPTS.glob("*.py"))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of its own, to edit."""
    ignore = shutil.ignore_patterns("__pycache__")
    scripts = shutil.copytree(source_code.SCRIPTS, tmp_path / "scripts", ignore=ignore)
    monkeypatch.setattr(source_code, "SCRIPTS", scripts)
    forget()
    yield scripts
    monkeypatch.undo()
    forget()


def forget() -> None:
    source_code.parse.cache_clear()
    source_code.fingerprint.cache_clear()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    forget()


def loaded_by(name: str) -> set[str]:
    """The package's modules that importing a script loads, seen in a process of its own."""
    read, write = os.pipe()
    if not (child := os.fork()):
        os.close(read)
        for module in [m for m in sys.modules if f"{m}.".startswith("glm.") or m == name]:
            del sys.modules[module]
        importlib.import_module(name)
        found = [m for m in sys.modules if m.startswith("glm.")]
        os.write(write, "\n".join(found).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        found = set(stream.read().split())
    os.waitpid(child, 0)
    return found


def test_a_script_depends_on_every_module_that_importing_it_loads():
    for name in NAMES:  # libraries are loaded once, and not by each of the processes
        importlib.import_module(name)
    by_infrastructure = {
        module
        for name in source_code.CANNOT_CHANGE_A_NUMBER
        if (path := source_code.path_of(name)) is not None
        for module in source_code.closure(path)
    }
    seen: set[str] = set()
    for name in NAMES:
        closure = source_code.closure(source_code.SCRIPTS / f"{name}.py").keys()
        loaded = {module for module in loaded_by(name) if not source_code.is_left_out(module)}
        assert loaded <= closure | by_infrastructure, name
        seen |= loaded
    assert len(seen) > 100


def test_no_module_imports_by_a_relative_name():
    for path in source_code.SCRIPTS.rglob("*.py"):
        imports = [
            n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.ImportFrom)
        ]
        assert not any(node.level for node in imports), path


def test_imports_inside_functions_count():
    closure = source_code.closure(source_code.SCRIPTS / "embed_proteins.py")
    assert "glm.embedding.shards" in closure


def test_what_a_training_and_a_reading_of_embeddings_depend_on():
    training = source_code.closure(source_code.SCRIPTS / "train_glm.py")
    assert {"glm.model.performance", "glm.training.trainer", "glm.model.loss"} <= training.keys()
    reading = source_code.closure(source_code.SCRIPTS / "contextualise_subcontigs.py")
    assert {"glm.model.performance", "glm.data.corpus", "glm.data.constants"} <= reading.keys()


def test_an_edit_of_the_optimiser_trains_anew_and_parses_no_genes(copied: Path):
    before = [source_code.fingerprint(name) for name in ("train_glm", "parse_genes")]
    edit(copied / "glm" / "model" / "performance.py", "import torch", "import torch\n\nX = 1")
    after = [source_code.fingerprint(name) for name in ("train_glm", "parse_genes")]
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize(
    "module", ["model/performance.py", "training/trainer.py", "logs.py", "tables/corpus.py"]
)
def test_comments_docstrings_dates_and_logs_run_nothing_again(copied: Path, module: str):
    before = source_code.fingerprint("train_glm")
    path = copied / "glm" / module
    edit(path, '"""', '"""Another word. ')
    path.write_text(f"{path.read_text()}\n# a comment\n")
    if module.startswith(("logs", "tables")):
        path.write_text(f"{path.read_text()}\nANOTHER = 1\n")
    os.utime(path)
    forget()
    assert source_code.fingerprint("train_glm") == before
