from __future__ import annotations

import ast
import builtins
import importlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glm import source_code

NAMES = sorted(path.stem for path in source_code.SCRIPTS.glob("*.py"))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of its own, to edit."""
    ignore = shutil.ignore_patterns("*.pyc")
    scripts = shutil.copytree(source_code.SCRIPTS, tmp_path / "scripts", ignore=ignore)
    monkeypatch.setattr(source_code, "SCRIPTS", scripts)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    forget()
    yield scripts
    forget()
    monkeypatch.undo()


def forget() -> None:
    """As the next start of Snakemake, which has what this one writes as it ends."""
    source_code.save_parsed()
    for kept in (
        source_code.path_of,
        source_code.parsed,
        source_code.parse,
        source_code.fingerprint,
    ):
        kept.cache_clear()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    forget()


def imports_as_they_happen() -> dict[str, set[str]]:
    """What each module of the package imports of it while all scripts are imported, by name."""
    for name in [m for m in sys.modules if f"{m}.".startswith("glm.") or m in NAMES]:
        del sys.modules[name]
    found: dict[str, set[str]] = {}
    original = builtins.__import__

    def seen(
        name: str, scope: Any = None, local: Any = None, names: Any = (), level: int = 0
    ) -> Any:
        module = original(name, scope, local, names, level)
        if name.split(".")[0] == "glm":
            importer = found.setdefault((scope or {}).get("__name__", ""), set())
            importer.update({name}, {f"{name}.{each}" for each in names or ()} & sys.modules.keys())
        return module

    builtins.__import__ = seen
    try:
        for name in NAMES:
            importlib.import_module(name)
    finally:
        builtins.__import__ = original
    return found


def test_a_module_depends_on_every_module_that_it_imports():
    """Seen in a process of its own, where the modules are loaded anew."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply(imports_as_they_happen)
    for importer, imported in found.items():
        path = source_code.path_of(importer)
        assert path is not None
        known = source_code.parse(path)[1]
        assert imported <= known, importer
    assert len(set().union(*found.values())) > 100


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


@pytest.mark.parametrize("damage", [None, "", "[1", "nothing may be written"])
def test_the_next_start_parses_what_was_edited_alone(
    copied: Path, monkeypatch: pytest.MonkeyPatch, damage: str | None
):
    if damage == "nothing may be written":
        source_code.parsed_file().unlink(missing_ok=True)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    source_code.fingerprint("train_glm")
    edit(copied / "glm" / "seeds.py", '"""', '"""Another word. ')
    if damage in ("", "[1"):
        source_code.parsed_file().write_text(damage)
    anew = []

    def parse_code(code: bytes) -> tuple[str, list[str]]:
        anew.append(code)
        return original(code)

    original = source_code.parse_code
    monkeypatch.setattr(source_code, "parse_code", parse_code)
    source_code.fingerprint("train_glm")
    if damage is None:
        assert len(anew) == 1
        assert anew[0].startswith(b'"""Another word.')
    else:
        assert len(anew) > 40


@pytest.mark.parametrize("module", ["model/performance.py", "training/trainer.py"])
def test_comments_docstrings_and_dates_run_nothing_again(copied: Path, module: str):
    before = source_code.fingerprint("train_glm")
    path = copied / "glm" / module
    edit(path, '"""', '"""Another word. ')
    path.write_text(f"{path.read_text()}\n# a comment\n")
    os.utime(path)
    forget()
    assert source_code.fingerprint("train_glm") == before


@pytest.mark.parametrize(
    "module",
    ["logs.py", "cluster.py", "tables/corpus.py", "configuration/analyses.py"],
)
def test_logs_slurm_and_new_columns_and_keys_run_nothing_again(copied: Path, module: str):
    before = [source_code.fingerprint(name) for name in NAMES]
    path = copied / "glm" / module
    path.write_text(f"{path.read_text()}\nANOTHER = 1\n")
    forget()
    assert [source_code.fingerprint(name) for name in NAMES] == before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [("seeds.py", '"little"', '"big"'), ("tables/vectors.py", '"<f2"', '"<f4"')],
)
def test_seeds_and_how_vectors_are_written_run_everything_again(
    copied: Path, module: str, old: str, new: str
):
    before = [source_code.fingerprint(name) for name in NAMES]
    edit(copied / "glm" / module, old, new)
    after = [source_code.fingerprint(name) for name in NAMES]
    assert all(mine != theirs for mine, theirs in zip(before, after, strict=True))
