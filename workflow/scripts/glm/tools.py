"""The outside programs: which versions are expected, which are there, and how they are run."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from glm.errors import GlmError

INSTALL_HINT = (
    "run `make environment`, or use `snakemake --sdm conda`, which takes it from envs/glm.yaml"
)


@dataclass(frozen=True)
class Tool:
    """A program: how it tells its version, and the version that the pipeline was tested with."""

    program: str
    version_arguments: tuple[str, ...]
    version_pattern: str
    expected: str


TOOLS = {
    tool.program: tool
    for tool in (
        Tool("mmseqs", ("version",), r"^(\S+)", "14"),
        Tool("diamond", ("version",), r"version (\S+)", "2.1"),
        Tool("cd-hit", ("-h",), r"version (\S+)", "4.8.1"),
    )
}


@cache
def version(program: str) -> str:
    """Version of a program on PATH, checked against the pinned one.

    Raises `GlmError` if it is missing, or of another version: results would change silently
    (MMseqs2, for one, made linclust2 its default in 2026).
    """
    tool = TOOLS[program]
    if shutil.which(program) is None:
        raise GlmError(f"{program} is not on PATH (version {tool.expected} wanted): {INSTALL_HINT}")
    run_of = subprocess.run(
        [program, *tool.version_arguments], capture_output=True, text=True, check=False
    )
    found = re.search(tool.version_pattern, run_of.stdout + run_of.stderr, re.MULTILINE)
    if found is None:
        raise GlmError(f"{program} does not tell its version as {tool.version_pattern!r}")
    if re.match(rf"{re.escape(tool.expected)}(\W|$)", found[1]) is None:
        raise GlmError(
            f"{program} on PATH is version {found[1]}, the pipeline is pinned to {tool.expected} "
            f"(envs/glm.yaml): {INSTALL_HINT}"
        )
    return found[1]


def versions(programs: Sequence[str] = tuple(TOOLS)) -> dict[str, str]:
    """Checked versions of several programs, for the stamp of an artefact."""
    return {program: version(program) for program in programs}


def run(arguments: Sequence[str | Path]) -> None:
    """Run a program, its output going to the log line by line.

    Raises `GlmError` with the program's last lines if it fails.
    """
    command = [str(argument) for argument in arguments]
    logging.info("%s", " ".join(command), extra={"file_only": True})
    last: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line := line.rstrip():
                logging.info(line, extra={"file_only": True})
                last = [*last[-4:], line]
    if process.returncode:
        raise GlmError(
            f"{command[0]} ended with status {process.returncode}: "
            f"{' | '.join(last) or 'no output'}"
        )
