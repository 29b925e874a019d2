from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from glm import preflight
from glm.files import is_missing_folder


@pytest.mark.parametrize("name", ["./esm", "/esm/650M", "~/esm", "a/b/c", "models/esm", "esm/"])
def test_a_name_that_can_only_be_a_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    assert is_missing_folder(name)


@pytest.mark.parametrize(
    "name", ["facebook/esm2_t33_650M_UR50D", "esm2_t33_650M_UR50D.pt", "https://a.org/b/c", "."]
)
def test_a_name_that_may_be_another(name: str) -> None:
    assert not is_missing_folder(name)


@pytest.fixture
def config(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


def test_missing_folders_are_named_if_a_job_needs_them(config: dict[str, Any]) -> None:
    assert preflight.faults(config, {"download_protein_model", "parse_reference_genome"}) == []
    config["embedding"]["model"] = "./esm"
    config["reference"]["address"] = "k12"
    assert preflight.faults(config, {"train_glm"}) == []
    assert preflight.faults(config, {"download_protein_model", "parse_reference_genome"}) == [
        "embedding.model: ./esm: no such folder",
        "reference.address: k12/: no such folder",
    ]


def test_what_is_fetched_is_named_once(tmp_path: Path) -> None:
    jobs = [
        ("download_release", {"address": "https://a.org/release"}),
        ("download_release", {"address": str(tmp_path)}),
        ("download_protein_model", {"model": "facebook/esm2_t6_8M_UR50D"}),
        ("choose_genomes", {"refseq": "https://b.org"}),
        ("choose_genomes", {"refseq": "https://b.org"}),
        ("train_glm", {"model": "x"}),
    ]
    assert preflight.downloads(jobs) == [
        "facebook/esm2_t6_8M_UR50D", "https://a.org/release", "https://b.org",
    ]  # fmt: skip
