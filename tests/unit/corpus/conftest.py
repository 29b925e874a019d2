"""Fixtures of the corpus tests: a small release of real genomes, and its tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.corpus.small_release import make_small_release

from glm import tables
from glm.corpus import download, release, streams


@pytest.fixture(scope="session")
def untouched_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_release(tmp_path_factory.mktemp("release") / "small")


@pytest.fixture
def small_release(untouched_release: Path, tmp_path: Path) -> Path:
    """A copy to spoil: S. aureus RN4220 (179 contigs) and phage lambda."""
    return Path(shutil.copytree(untouched_release, tmp_path / "source"))


@pytest.fixture
def manifest_of(tmp_path: Path):
    """A function that fetches a release folder and returns its manifest."""

    def fetch(folder: Path, clusters: str = "linclust") -> Path:
        base = release.base_address(str(folder))
        source = release.SOURCES["mgnify"]
        with streams.client() as client:
            text = streams.fetch_text(client, base + source.checksums)
            sums = release.parse_checksums(text, base)
            files = release.choose_files(source, sums, base, clusters)
            fetched = download.fetch_all(client, files, tmp_path / "fetched", 2)
        manifest = tmp_path / "fetched" / "manifest.parquet"
        tables.write(fetched, manifest, tables.MANIFEST, {})
        return manifest

    return fetch
