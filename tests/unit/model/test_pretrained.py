from __future__ import annotations

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from tests.published import PROTEIN_MODEL, write_published
from tests.servers import LocalServer

from glm import files
from glm.application.importing import import_checkpoint
from glm.errors import GlmError
from glm.model.directory import open_directory
from glm.model.pretrained import EmbeddingSettings, take_pretrained

SETTINGS = EmbeddingSettings(layer=None, maximum_residues=None, maximum_tokens=12288)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory of published artefacts, its protein model inside."""
    folder = tmp_path_factory.mktemp("pretrained")
    given = write_published(folder / "given")
    import_checkpoint(str(given), folder / "model", any_size=True)
    (given / PROTEIN_MODEL).rename(folder / "model" / PROTEIN_MODEL)
    return folder / "model"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "embedding").mkdir()
    return tmp_path


@pytest.mark.parametrize("by", ["folder", "address"])
def test_a_folder_or_an_address_becomes_the_run_s_model(
    directory: Path, run: Path, by: str
) -> None:
    with LocalServer(partial(SimpleHTTPRequestHandler, directory=directory)) as server:
        source = str(directory) if by == "folder" else server.url
        take_pretrained(source, run / "glm", run / "embedding", directory / PROTEIN_MODEL, SETTINGS)
    assert open_directory(run / "glm").fingerprint == open_directory(directory).fingerprint
    for name in ("standardisation.parquet", "label_components.parquet"):
        assert files.sha256(run / "embedding" / name) == files.sha256(directory / name)
    assert not list((run / "embedding").glob(".*"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            SETTINGS._replace(maximum_tokens=99),
            r"maximum_tokens: 12288 \(here 99\); set",
        ),
        (SETTINGS._replace(layer=3), r"trained with embedding\.layer: null \(here 3\)"),
    ],
)
def test_proteins_that_are_embedded_otherwise_are_refused(
    directory: Path, run: Path, settings: EmbeddingSettings, message: str
) -> None:
    given = str(directory), run / "glm", run / "embedding", directory / PROTEIN_MODEL
    with pytest.raises(GlmError, match=message):
        take_pretrained(*given, settings)
    assert not (run / "glm").exists()


def test_another_protein_model_is_refused(root: Path, directory: Path, run: Path) -> None:
    other = root / "resources/demo/protein_model"
    with pytest.raises(GlmError, match=r"embedding\.model is .*; name the gLM's own there"):
        take_pretrained(str(directory), run / "glm", run / "embedding", other, SETTINGS)


@pytest.mark.parametrize("name", ["label_components.parquet", "protein_model.json"])
def test_a_directory_that_lacks_something_is_named(
    directory: Path, run: Path, tmp_path: Path, name: str
) -> None:
    copied = shutil.copytree(directory, tmp_path / "copy")
    (copied / name).unlink()
    with LocalServer(partial(SimpleHTTPRequestHandler, directory=copied)) as server:
        for source in (str(copied), server.url):
            with pytest.raises(GlmError, match=f"has no {name}"):
                take_pretrained(
                    source, run / "glm", run / "embedding", directory / PROTEIN_MODEL, SETTINGS
                )
