from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import program

from glm import tools
from glm.errors import GlmError


@pytest.fixture(autouse=True)
def _forget_versions() -> None:
    tools.version.cache_clear()


def test_a_missing_tool_is_named_with_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GlmError, match=r"diamond is not on PATH.*make environment"):
        tools.version("diamond")


@pytest.fixture
def mmseqs_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """An mmseqs of another version, or of another packaging."""
    program(tmp_path, "mmseqs", f"echo '{request.param}'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return request.param


@pytest.mark.parametrize("mmseqs_says", ["15-6f452", "140-x", "18-8cc5c"], indirect=True)
def test_another_version_is_refused(mmseqs_says: str) -> None:
    with pytest.raises(GlmError, match=rf"version {mmseqs_says}, the pipeline is pinned to 14"):
        tools.version("mmseqs")


PINNED = ["14-7e284", "14.7e284", "14-7e284+ds-1+b2"]


@pytest.mark.parametrize("mmseqs_says", PINNED, indirect=True)
def test_the_pinned_version_is_taken_however_it_is_packaged(mmseqs_says: str) -> None:
    assert tools.version("mmseqs") == mmseqs_says


def test_the_real_tools_are_of_the_pinned_versions(mmseqs: str) -> None:
    assert set(tools.versions()) == {"mmseqs", "diamond", "cd-hit"}


def test_a_failing_program_ends_with_its_last_words() -> None:
    with pytest.raises(GlmError, match=r"sh ended with status 3: no such database"):
        tools.run(["sh", "-c", "echo no such database >&2; exit 3"])
