"""The command line as a person or a program calls it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from glm import __version__, embed_genome, tables
from glm.application.cli import app, main
from glm.application.loading import TrainedModel
from glm.application.output import check_same_model, open_embedded
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError


def glm(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_help_names_every_command_and_needs_no_torch() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from glm.application.cli import app\n"
        "print(CliRunner().invoke(app, ['--help']).stdout, 'torch' in sys.modules)"
    )
    scripts = Path(sys.modules["glm"].__file__ or "").parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=scripts, check=True
    )
    assert done.stdout.strip().endswith("False")
    for command in ("embed", "import-checkpoint", "info"):
        assert command in done.stdout
    assert glm("--version").stdout == f"glm {__version__}\n"


def test_the_installed_command_is_this_one(root: Path) -> None:
    scripts = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["glm"].partition(":")
    assert getattr(importlib.import_module(module), function) is main


@pytest.fixture(scope="module")
def embedded(
    phage: Path, model_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("embedded")
    (folder / "bad.gbk").write_text("")
    done = glm(
        "embed", phage, folder / "bad.gbk", "--model", model_directory, "--output",
        folder / "genes.parquet", "--contigs", folder / "contigs.parquet", "--context-only",
        "--candidates", "--threads", 1, "--json",
    )  # fmt: skip
    assert done.exit_code == 3, done.output  # one of the two could not be read
    return folder / "genes.parquet", folder / "contigs.parquet", json.loads(done.stdout)


def test_small_genomes_share_a_row_group(
    phage: Path, model_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [tmp_path / f"copy_{number}.fna.gz" for number in range(5)]
    for name in names:
        name.symlink_to(phage)
    monkeypatch.setattr("glm.application.output.ROWS_PER_GROUP", 150)
    monkeypatch.setattr("glm.application.output.TABLES_PENDING", 2)  # merged before the third
    path = tmp_path / "genes.parquet"
    done = glm("embed", *names, "--model", model_directory, "--output", path, "--threads", 1)
    assert done.exit_code == 0, done.output
    file = pq.ParquetFile(path)
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert groups == [186, 124]
    genomes = file.read(["genome"])["genome"].to_pylist()
    assert genomes == [f"copy_{number}" for number in range(5) for _ in range(62)]


def test_embed_writes_what_the_interface_gives(
    embedded: tuple[Path, Path, dict[str, object]], model: TrainedModel, genome: Genome
) -> None:
    path, contigs, _ = embedded
    expected = embed_genome(model, genome, context_only=True, candidates=True)
    table = tables.read(path, tables.EMBEDDED_GENES)
    for column, values in (
        ("protein_embedding", expected.protein_embeddings),
        ("contextual_embedding", expected.contextual_embeddings),
        ("context_only_embedding", expected.context_only_embeddings),
    ):
        assert values is not None
        assert np.stack(table[column].to_numpy()) == pytest.approx(values, abs=1e-5)
    assert expected.candidates is not None
    names = expected.genes["gene"].to_numpy()
    assert table["candidate_gene"].to_pylist() == names[expected.candidates.gene].tolist()
    assert table["gene"].to_pylist() == names.tolist()
    assert set(table["genome"].to_pylist()) == {"lambda_phage"}
    [row] = tables.read(contigs, tables.EMBEDDED_CONTIGS).to_pylist()
    assert (row["genes"], row["outside_training"]) == (62, False)
    means = expected.contextual_embeddings.mean(0)
    assert row["contextual_embedding"] == pytest.approx(means, abs=1e-5)


def test_embed_tells_what_was_done_and_what_was_not(
    embedded: tuple[Path, Path, dict[str, object]], model: TrainedModel
) -> None:
    path, _, summary = embedded
    assert {k: summary[k] for k in ("genomes", "contigs", "genes", "outside_training")} == {
        "genomes": 1, "contigs": 1, "genes": 62, "outside_training": 2,
    }  # fmt: skip
    [reason] = summary["failed"].values()  # type: ignore[attr-defined]
    assert reason.endswith("bad.gbk: empty, not a single record")
    assert tables.read_counts(path)["failed"] == 1
    assert tables.read_stamp(path)["parameters"]["model"] == model.directory.identity()


def test_nothing_is_left_where_no_file_could_be_used(tmp_path: Path, model_directory: Path) -> None:
    (tmp_path / "a.fna").write_text("")
    done = glm("embed", tmp_path, "-m", model_directory, "-o", tmp_path / "out.parquet")
    assert isinstance(done.exception, GlmError)
    assert "no file could be used" in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["a.fna"]


def test_an_error_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["glm", "info", str(tmp_path / "nowhere")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_columns_that_were_not_asked_for_are_not_there(
    phage: Path, model_directory: Path, tmp_path: Path
) -> None:
    done = glm("embed", phage, "-m", model_directory, "-o", tmp_path / "x.parquet", "--threads", 1)
    assert done.exit_code == 0
    names = pq.read_schema(tmp_path / "x.parquet").names
    assert names[-2:] == ["protein_embedding", "contextual_embedding"]
    open_embedded(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("glm", "another gLM"),
        ("protein_model", r"another protein model \(ESM-2\) than a \(x and x\)"),
        ("standardisation", "another standardisation"),
    ],
)
def test_embeddings_of_another_model_are_refused(part: str, words: str) -> None:
    names = ("glm", "protein_model", "standardisation", "protein_model_name")
    one = dict.fromkeys(names, "x")
    check_same_model(Path("a"), one, Path("b"), one)
    with pytest.raises(GlmError, match=f"b: of {words}"):
        check_same_model(Path("a"), one, Path("b"), {**one, part: "y"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--model", "nowhere", "--output", "x.parquet"), "nowhere: no such folder"),
        (
            ("--model", ".", "--output", "x.csv"),
            "x.csv: tables are written as Parquet; name it x",
        ),
        (("--model", ".", "--output", "slip/x.parquet"), "slip: no such folder; make it"),
    ],
)
def test_what_cannot_work_is_refused_before_torch_is_imported(
    options: tuple[str, ...], message: str
) -> None:
    code = "import sys; from glm.application.cli import main; sys.argv[0] = 'glm'\n"
    code += "try: main()\nfinally: print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "embed", "x.fa", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "False\n")
    assert message in done.stderr


def test_a_stride_of_nothing_is_refused() -> None:
    done = glm("embed", "x.fa", "--model", ".", "--output", "x.parquet", "--stride", 0)
    assert done.exit_code == 2


def test_the_module_lists_its_interface() -> None:
    assert set(dir(importlib.import_module("glm"))) >= {"load_model", "read_genomes"}


def test_info_tells_a_person_and_a_program(model_directory: Path) -> None:
    short, whole = (glm("info", model_directory, *option).stdout for option in ((), ("--all",)))
    assert "demo-encoder" in short
    assert model_directory.parent.name in short, "the name of the run"
    assert "inputs: " in whole
    assert "inputs: " not in short
    about = json.loads(glm("info", model_directory, "--json").stdout)
    assert about["trained_on_genes"] == [15, 30]
    assert about["protein_model"]["protein_model"]["features"] == 192
    assert about["fitted_on_proteins"] == {"standardisation": 62, "label_components": 62}
