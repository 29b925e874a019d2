from __future__ import annotations

import stat
from pathlib import Path

import pytest

from glm import tools
from glm.errors import GlmError


@pytest.fixture(autouse=True)
def _forget_versions() -> None:
    tools.version.cache_clear()


def fake(folder: Path, program: str, text: str) -> None:
    path = folder / program
    path.write_text(f"#!/bin/sh\necho '{text}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_missing_tool_is_named_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GlmError, match=r"diamond is not on PATH.*make environment"):
        tools.version("diamond")


@pytest.mark.parametrize("found", ["15-6f452", "140-x", "18-8cc5c"])
def test_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    fake(tmp_path, "mmseqs", found)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(GlmError, match=rf"version {found}, the pipeline is pinned to 14"):
        tools.version("mmseqs")


@pytest.mark.parametrize("found", ["14-7e284", "14.7e284", "14-7e284+ds-1+b2"])
def test_the_pinned_version_is_taken_however_it_is_packaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    fake(tmp_path, "mmseqs", found)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert tools.version("mmseqs") == found


def test_the_real_tools_are_of_the_pinned_versions(mmseqs: str) -> None:
    assert set(tools.versions()) == {"mmseqs", "diamond", "cd-hit"}


def test_a_failing_program_ends_with_its_last_words() -> None:
    with pytest.raises(GlmError, match=r"sh ended with status 3: no such database"):
        tools.run(["sh", "-c", "echo no such database >&2; exit 3"])
