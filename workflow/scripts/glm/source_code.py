"""What a rule's script consists of, as a hash: another one runs the rule again.

The script and the modules of this package that it imports, directly or through others, each
without comments and docstrings, and the templates and tables beside them. So an edit of the
optimiser trains anew; a checkout that changes dates, or a corrected comment, does not.
"""

from __future__ import annotations

import ast
import atexit
import functools
import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from glm.errors import GlmError
from glm.files import writing

SCRIPTS = Path(__file__).parent.parent
CANNOT_CHANGE_A_NUMBER = {
    "glm.cluster",
    "glm.configuration",
    "glm.errors",
    "glm.files",
    "glm.logs",
    "glm.model.card",
    "glm.provenance",
    "glm.source_code",
    "glm.step",
    "glm.tables",
}
"""Left out with what only they import: errors, logs, progress, stamps, SLURM, declared columns
and keys.

A column's declaration is an agreement between steps; the code that fills it is part of the hash.
A key's declaration is its type and range; its value is a parameter of the rule.
"""
CHANGES_NUMBERS = ("glm.seeds", "glm.tables.vectors")
"""Part of every hash: what is left out reaches them."""


@functools.cache
def path_of(module: str) -> Path | None:
    """The file of a module of this package, None if it is none."""
    path = SCRIPTS.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((found for found in candidates if found.is_file()), None)


class OnlyWhatRuns(ast.NodeTransformer):
    """Takes bare strings, which document, and imports for type checkers out of a module."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """A bare string becomes `pass`."""
        return ast.Pass() if isinstance(node.value, ast.Constant) else node

    def visit_If(self, node: ast.If) -> ast.AST:
        """`if TYPE_CHECKING` becomes `pass`."""
        for_checkers = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return ast.Pass() if for_checkers else self.generic_visit(node)


def is_left_out(module: str) -> bool:
    """Whether a module cannot change a number, by its own name or its package's."""
    return any(f"{module}.".startswith(f"{name}.") for name in CANNOT_CHANGE_A_NUMBER)


def parsed_file() -> Path:
    """Where earlier starts have written what they parsed: beside Python's own byte code."""
    return SCRIPTS / "glm" / "__pycache__" / f"source_code.{sys.implementation.cache_tag}.json"


@functools.cache
def parsed() -> dict[str, Any]:
    """Of each file, a hash of what was read, and what `parse` found in it.

    To parse them all takes seconds, which each start of Snakemake, and each job of a cluster, would
    take.
    """
    with suppress(OSError, ValueError):
        return dict(json.loads(parsed_file().read_bytes()))
    return {}


@functools.cache
def save_at_exit() -> None:
    """Write what was parsed when Python ends, once."""
    atexit.register(save_parsed)


def save_parsed() -> None:
    """Write what was parsed, where byte code may be written too."""
    if not sys.dont_write_bytecode:
        with suppress(OSError, GlmError), writing(parsed_file()) as beside:
            beside.write_text(json.dumps(parsed()))


@functools.cache
def parse(path: Path) -> tuple[str, frozenset[str]]:
    """The hash of a file's code without comments and docstrings, and the modules it imports."""
    name, code = str(path.relative_to(SCRIPTS)), path.read_bytes()
    read = hashlib.sha256(code + Path(__file__).read_bytes()).hexdigest()
    if parsed().get(name, [None])[0] != read:
        parsed()[name] = [read, *parse_code(code)]
        save_at_exit()
    _, found, imported = parsed()[name]
    return found, frozenset(imported)


def parse_code(code: bytes) -> tuple[str, list[str]]:
    """As `parse`."""
    tree = OnlyWhatRuns().visit(ast.parse(code))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest(), sorted(imported)


def closure(script: Path) -> dict[str, Path]:
    """The modules of this package that a script imports, directly or not, by name."""
    found = {name: path for name in CHANGES_NUMBERS if (path := path_of(name))}
    waiting = [script, *found.values()]
    while waiting:
        for name in parse(waiting.pop())[1]:
            parents = name.split(".")
            for module in (".".join(parents[:n]) for n in range(1, len(parents) + 1)):
                if is_left_out(module) or module in found or not (path := path_of(module)):
                    continue
                found[module] = path
                waiting.append(path)
    return dict(sorted(found.items()))


def is_data(file: Path) -> bool:
    """Whether a file of the package is read by its modules: a template, a table."""
    return file.suffix in {".yaml", ".j2", ".css", ".js"}


@functools.cache
def fingerprint(script: str) -> str:
    """The hash of workflow/scripts/SCRIPT.py and of all that it reads of this package."""
    path = SCRIPTS / f"{script}.py"
    parts = [parse(path)[0]]
    imported = closure(path)
    parts += [f"{name} {parse(module)[0]}" for name, module in imported.items()]
    folders = {module.parent for module in imported.values()}
    folders |= {folder / "templates" for folder in folders}
    data = sorted(file for folder in folders for file in folder.glob("*.*") if is_data(file))
    parts += [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in data]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
