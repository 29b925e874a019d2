"""The environments say the same: requirements.txt, the conda files, and what is installed."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
import yaml


def pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*(?:- )?([\w.-]+)==(\S+)$", text, re.MULTILINE))


@pytest.fixture
def required(root: Path) -> dict[str, str]:
    return pins((root / "envs" / "requirements.txt").read_text())


def test_the_conda_environment_pins_the_same_packages(root: Path, required: dict[str, str]) -> None:
    declared = yaml.safe_load((root / "envs" / "glm.yaml").read_text())["dependencies"]
    by_pip = next(entry["pip"] for entry in declared if isinstance(entry, dict))
    wanted = {key: pin for key, pin in required.items() if not key.startswith("snakemake")}
    assert pins("\n".join(by_pip)) == wanted


def test_constraints_agree_with_requirements(root: Path, required: dict[str, str]) -> None:
    def normal(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    constraints = {
        normal(name): pin
        for name, pin in pins((root / "envs" / "constraints.txt").read_text()).items()
    }
    assert {n: constraints.get(normal(n)) for n in required} == required


def test_what_runs_is_what_is_pinned(required: dict[str, str]) -> None:
    found = {name: metadata.version(name).split("+")[0] for name in required}
    assert found == required


def test_the_packages_own_dependencies_are_pinned(root: Path, required: dict[str, str]) -> None:
    text = (root / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    for name in re.findall(r'"([\w.-]+)', block[1]):
        assert name in required, f"{name} is a dependency of the package but not pinned"
