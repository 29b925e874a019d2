"""The published gLM by `glm fetch published` and `glm import-checkpoint`, of small artefacts."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from tests.conftest import mounted_disk
from tests.hub import NAME, Hub, ask
from tests.published import (
    FILES,
    PROTEIN_MODEL,
    Servers,
    Size,
    fitted,
    operon_predictor,
    write_protein_model,
    write_published,
)
from tests.unit.application.test_cli import glm
from tests.unit.embedding.conftest import checkpoint, fair_esm
from typer.testing import Result

from glm import files, load_model, tables
from glm.application.embedding import readable, windows_of
from glm.application.operons import neighbour_attention
from glm.application.publication import SHA256
from glm.corpus import streams
from glm.corpus.genome_tables import Genome
from glm.data.features import read_feature_builder
from glm.embedding.alphabet import Truncation
from glm.embedding.record import read_record
from glm.errors import GlmError
from glm.model.directory import read_config

LONG = np.array([12285, 12286, 12287, 40000])  # residues; the last two lose their end token
__all__ = ["checkpoint", "fair_esm"]  # fixtures
Fetch = Callable[..., Result]


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("published") / "files")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def servers(artefacts: Path, cache: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """What was published, and the checksums that these small files have."""
    for name in SHA256:
        monkeypatch.setitem(SHA256, name, files.sha256(artefacts / name))
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    with Servers(artefacts) as made:
        yield made


@pytest.fixture
def fetch(servers: Servers) -> Fetch:
    """`glm fetch published` from these servers."""

    def run(output: Path, *options: object) -> Result:
        where = ("--mirror", servers.url, "--protein-model", servers.folder / PROTEIN_MODEL)
        return glm("fetch", "published", output, *where, "--accept-licence", *options)

    return run


def test_one_command_and_the_next_two(
    fetch: Fetch, servers: Servers, artefacts: Path, tmp_path: Path, phage: Path, genome: Genome
) -> None:
    made = tmp_path / "published"
    servers.breaks_after = 300  # the first file's connection: it goes on from there
    done = fetch(made)
    assert done.exit_code == 0, done.output
    assert f"next: glm embed GENOME --model {made} --output genes.parquet" in done.output
    assert "academic, non-commercial research only" in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"published", "cache"}
    assert servers.asked == ["norm.pkl", "norm.pkl", *FILES[2:], "glm.bin"]
    assert fetch(made).exit_code == 0  # nothing is asked for again
    assert len(servers.asked) == 5

    about = glm("info", made).stdout
    assert "the published gLM (Hwang et al. 2024), imported from glm.bin" in " ".join(about.split())
    provenance = json.loads((made / "provenance.json").read_text())
    assert provenance["inputs"]["glm.bin"] == files.sha256(artefacts / "glm.bin")
    [file] = servers.state()["files"]
    stated = {"size": file["size"], "md5": file["checksum"].removeprefix("md5:")}
    assert provenance["published"]["record"] == stated

    embedded, calls = tmp_path / "genes.parquet", tmp_path / "operons.parquet"
    for command, output in (("embed", embedded), ("operons", calls)):
        done = glm(command, phage, "--model", made, "--output", output, "--threads", 1)
        assert done.exit_code == 0, done.output
    vectors = np.stack(pq.read_table(embedded)["contextual_embedding"].to_numpy())
    assert vectors.shape == (62, 40)
    assert vectors.std(0).min() > 0.05
    check_operons(made, artefacts, calls, genome)


def check_operons(made: Path, artefacts: Path, calls: Path, genome: Genome) -> None:
    """What scikit-learn says of the attention between neighbours."""
    model = load_model(made, threads=1)
    read = readable(genome)
    embeddings = model.embed_proteins(read.sequences)[read.protein]
    windows = windows_of(model, read, model.window // 2)
    attention = neighbour_attention(model.reader(read.corpus, embeddings), windows).mean
    expected = operon_predictor(Size()).predict_proba(attention[:-1])[:, 1]
    table = tables.read(calls, tables.OPERON_CALLS).to_pandas()
    by_attention = table["with_next_by_attention"].to_numpy()
    np.testing.assert_allclose(by_attention[:-1], expected, atol=1e-5)
    together = table["forward"].to_numpy()[:-1] == table["forward"].to_numpy()[1:]
    assert 0 < together.sum() < 61
    np.testing.assert_array_equal(table["with_next"][:-1], np.where(together, by_attention[:-1], 0))
    assert table["with_next_by_distance"].isna().all()


def test_what_is_there_is_not_fetched_again(fetch: Fetch, servers: Servers, tmp_path: Path) -> None:
    servers.damaged = {"glm.bin"}
    done = fetch(tmp_path / "m")
    assert "files/glm.bin: wrong checksum: MD5" in str(done.exception)
    assert not (tmp_path / "m").exists()
    servers.damaged, servers.asked = set(), []
    assert fetch(tmp_path / "m").exit_code == 0
    assert servers.asked == ["glm.bin"]


@pytest.mark.parametrize("name", SHA256)
def test_another_pickle_than_the_published_is_refused(
    fetch: Fetch, servers: Servers, tmp_path: Path, name: str
) -> None:
    servers.damaged = {name}
    assert f"data/{name}: wrong checksum: SHA-256" in str(fetch(tmp_path / "m").exception)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("files", [[], [{"key": "glm.bin", "size": 1, "checksum": "sha1:0"}]])
def test_a_record_that_states_no_checksum(
    fetch: Fetch, servers: Servers, tmp_path: Path, files: list[object]
) -> None:
    servers.record = {"id": 7855545, "files": files}
    done = fetch(tmp_path / "m")
    assert "api/records/7855545: does not state size and MD5 of glm.bin" in str(done.exception)
    assert servers.asked == []


def test_the_licence_must_be_accepted(servers: Servers, tmp_path: Path) -> None:
    done = glm("fetch", "published", tmp_path / "m", "--mirror", servers.url)
    assert "read it, and add --accept-licence" in str(done.exception)
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    command = [sys.executable, "-m", "glm.application.cli", "fetch", "published", tmp_path / "m"]
    asked = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert "Do you accept it? [y/N]" in asked.stderr
    assert "error: the licence was not accepted; nothing was fetched" in asked.stderr
    assert servers.asked == []


def test_esm2_of_another_size_is_refused(fetch: Fetch, servers: Servers, tmp_path: Path) -> None:
    write_protein_model(tmp_path / "small", Size(embedding=32))
    done = fetch(tmp_path / "m", "--protein-model", tmp_path / "small")
    assert "has 32 features (2 layers), the published gLM reads 64: name ESM-2 650M" in str(
        done.exception
    )
    assert "glm.bin" not in servers.asked  # the largest comes last
    assert fetch(tmp_path / "m").exit_code == 0


def test_esm2_from_the_hub(
    fetch: Fetch, artefacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hub(artefacts / PROTEIN_MODEL) as hub:
        ask(hub, tmp_path / "hub", monkeypatch)
        done = fetch(tmp_path / "m", "--protein-model", NAME)
    assert done.exit_code == 0, done.output
    assert load_model(tmp_path / "m").directory.record.protein_model.name == NAME


def test_esm2_as_fair_esm_publishes_it(fetch: Fetch, tmp_path: Path, checkpoint: Path) -> None:
    done = fetch(tmp_path / "m", "--protein-model", checkpoint)
    assert done.exit_code == 0, done.output
    assert load_model(tmp_path / "m").directory.record.protein_model.name == checkpoint.stem


@pytest.mark.parametrize(("size", "whole"), [("600k", False), ("900k", True)])
def test_a_full_disk(fetch: Fetch, tmp_path: Path, size: str, whole: bool) -> None:
    """While glm.bin is fetched, and while all that is fetched is converted."""
    with mounted_disk(tmp_path / "disk", size) as disk:
        done = fetch(disk / "m")
        expected = "disk/m: no space left" if whole else "glm.bin: No space left"
        assert expected in str(done.exception)
        assert {path.name for path in disk.iterdir()} == {"m.downloads"}
        assert (disk / "m.downloads" / "glm.bin").exists() == whole


def test_a_folder_that_is_in_use_is_not_replaced(fetch: Fetch, artefacts: Path) -> None:
    before = sorted(artefacts.rglob("*"))
    assert "is there already; name a new folder" in str(fetch(artefacts).exception)
    done = glm("import-checkpoint", artefacts, artefacts, "--any-size")
    assert "is there already; name a new folder" in str(done.exception)
    assert sorted(artefacts.rglob("*")) == before


def test_files_that_lie_here(artefacts: Path, cache: None, tmp_path: Path, phage: Path) -> None:
    """A folder with all of them, ESM-2 as the hub lays it out."""
    done = glm("import-checkpoint", artefacts, tmp_path / "m", "--any-size")
    assert done.exit_code == 0, done.output
    beside = f"--model {tmp_path / 'm'} --protein-model {artefacts / PROTEIN_MODEL}"
    assert f"next: glm embed GENOME {beside} --output" in done.output
    about = " ".join(glm("info", tmp_path / "m").stdout.split())
    assert "a gLM of the published form" in about
    assert "not seen to be the published one" in about
    record = read_record(tmp_path / "m" / "protein_model.json")
    cut = Truncation(record.maximum_residues, record.maximum_tokens).apply(LONG)
    assert [each.tolist() for each in cut] == [[12285, 12286, 12287, 12287], [12287, *[12288] * 3]]
    given = [phage, *beside.split(), "--output", tmp_path / "x.parquet", "--threads", 1]
    assert glm("embed", *given).exit_code == 0


@pytest.mark.parametrize("as_address", [False, True])
def test_the_checkpoint_alone(artefacts: Path, tmp_path: Path, as_address: bool) -> None:
    source = artefacts / "glm.bin"
    given = source.as_uri() if as_address else source
    done = glm("import-checkpoint", given, tmp_path / "published", "--any-size")
    assert done.exit_code == 0, done.output
    about = json.loads(glm("info", tmp_path / "published", "--json").stdout)
    assert (about["layers"], about["hidden_size"], about["trained_on_genes"]) == (2, 40, [15, 30])
    assert about["missing"] == [
        "standardisation.parquet", "label_components.parquet", "protein_model.json",
    ]  # fmt: skip
    assert (
        "standardisation.parquet, label_components.parquet"
        in glm("info", tmp_path / "published").stdout
    )
    assert "# published" in (tmp_path / "published" / "README.md").read_text()
    done = glm("embed", source, "-m", tmp_path / "published", "-o", tmp_path / "x.parquet")
    assert "has no standardisation.parquet: make the directory again" in str(done.exception)


def test_the_pickles_become_tables(artefacts: Path, tmp_path: Path) -> None:
    """As numpy and scikit-learn read them."""
    assert glm("import-checkpoint", artefacts, tmp_path / "m", "--any-size").exit_code == 0
    norm, pca = fitted(write_protein_model(tmp_path / "protein_model", Size()), Size())
    points = np.random.default_rng(0).normal(norm["mean"], norm["std"], (300, 64))
    made_of = [
        tmp_path / "m" / name for name in ("standardisation.parquet", "label_components.parquet")
    ]
    yes = torch.ones(300, dtype=torch.bool)
    builder = read_feature_builder(*made_of, read_config(tmp_path / "m").to_dict())
    made = builder.labels(torch.from_numpy(points).float(), yes, yes)
    expected = pca.transform((points - norm["mean"]) / norm["std"])
    np.testing.assert_allclose(made[:, :20], expected, atol=2e-3)
    far = torch.from_numpy(points[:1] + 99 * norm["std"]).float()
    assert builder.standardise(far, yes[:1]).max() > 99 - 5, "no input is clipped"
    assert builder.labels(far, yes[:1], yes[:1]).abs().max() == 10, "labels are"
    ones = builder.standardise(far, ~yes[:1])
    np.testing.assert_allclose(ones[0], (1 - norm["mean"]) / norm["std"], rtol=1e-4)


def test_a_checkpoint_that_is_cut_off(artefacts: Path, tmp_path: Path) -> None:
    cut = tmp_path / "glm.bin"
    cut.write_bytes((artefacts / "glm.bin").read_bytes()[:-100])
    done = glm("import-checkpoint", cut, tmp_path / "m", "--any-size")
    assert "glm.bin: not a torch checkpoint: not one of torch's files, or cut off" in str(
        done.exception
    )
    assert [path.name for path in tmp_path.iterdir()] == ["glm.bin"]


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("--standardisation", "pca.pkl", "pca.pkl: holds a PCA, not a dictionary of mean and std"),
        ("--label-components", "norm.pkl", "norm.pkl: holds a dict, not scikit-learn's PCA"),
        ("--operon-predictor", "pca.pkl", "holds a PCA, not scikit-learn's LogisticRegression"),
        ("--operon-predictor", "hostile.pkl", r"it names \w+.system, which is neither"),
        ("--standardisation", "cut.pkl", "cut.pkl: not a pickle that can be read"),
        ("--sha256", "00", "SHA-256 is"),
    ],
)
def test_files_that_are_not_what_they_should_be(
    artefacts: Path, tmp_path: Path, option: str, name: str, message: str
) -> None:
    (tmp_path / "hostile.pkl").write_bytes(b"cposix\nsystem\n(Vtouch harmed\ntR.")
    (tmp_path / "cut.pkl").write_bytes((artefacts / "norm.pkl").read_bytes()[:500])
    path = artefacts / name if (artefacts / name).exists() else tmp_path / name
    given = [artefacts, tmp_path / "m", "--any-size", option, "00" if name == "00" else path]
    with pytest.raises(GlmError, match=message):
        raise glm("import-checkpoint", *given).exception
    assert not (tmp_path / "m").exists()


def test_a_table_of_another_origin_is_refused(artefacts: Path, cache: None, tmp_path: Path) -> None:
    others = write_published(tmp_path / "others", Size(protein_layers=1))
    for output, source in (("m", artefacts), ("again", artefacts), ("other", others)):
        assert glm("import-checkpoint", source, tmp_path / output, "--any-size").exit_code == 0
    made = tmp_path / "m"
    for name in ("standardisation.parquet", "label_components.parquet"):
        shutil.copy(tmp_path / "again" / name, made)
        load_model(made)
        shutil.copy(tmp_path / "other" / name, made)
        with pytest.raises(
            GlmError, match=rf"{name}: not the one that .* make the directory again"
        ):
            load_model(made)
        shutil.copy(tmp_path / "again" / name, made)


def test_the_predictor_of_another_model_is_refused(artefacts: Path, tmp_path: Path) -> None:
    deeper = write_published(tmp_path / "files", Size(layers=3))
    predictor = artefacts / "operon_predictor.pkl"
    done = glm(
        "import-checkpoint", deeper, tmp_path / "m", "--any-size", "--operon-predictor", predictor
    )
    assert "20 coefficients, but the gLM has 3 x 10 heads" in str(done.exception)
