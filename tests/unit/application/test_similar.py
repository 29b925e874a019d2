from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.unit.application.test_cli import glm

from glm import tables
from glm.application import similar
from glm.application.output import OPTIONAL, vectors, without
from glm.application.similar import similar_genes
from glm.errors import GlmError
from glm.tables import GENE_COLUMNS

IDENTITY = {"glm": "g", "protein_model": "p", "protein_model_name": "n", "standardisation": "s"}


def write(path: Path, name: str, points: np.ndarray, **identity: str) -> Path:
    """An embedded genome of these embeddings; gene i is called NAMEi, protein embeddings are -1."""
    count = len(points)
    genes = pd.DataFrame(
        {
            "genome": name, "contig": "c", "gene": [f"{name}{i}" for i in range(count)],
            "rank": range(count), "start": 1, "end": 9, "forward": True, "partial": "00",
            "symbol": "", "locus_tag": "", "product": "", "window_genes": 30,
            "outside_training": False,
        }
    )  # fmt: skip
    columns = {column: pa.array(genes[column], GENE_COLUMNS[column][0]) for column in genes}
    columns["protein_embedding"] = vectors(-points.astype(np.float16))
    columns["contextual_embedding"] = vectors(points.astype(np.float32))
    declared = without(tables.EMBEDDED_GENES, [n for names in OPTIONAL.values() for n in names])
    stamp = {"parameters": {"model": {**IDENTITY, **identity}}}
    tables.write(pa.table(columns), path, declared, stamp, row_group_size=7)
    return path


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(40, 5)).astype(np.float32)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_neighbours_are_the_nearest_of_all_row_groups(
    tmp_path: Path, points: np.ndarray, metric: similar.Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "ROWS_AT_A_TIME", 5)
    queries = write(tmp_path / "q.parquet", "q", points[:6] + 0.01)
    reference = write(tmp_path / "r.parquet", "r", points)
    found = similar_genes(queries, reference, 4, metric=metric)
    one, other = points[:6] + 0.01, points
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    if metric == "cosine":
        length = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
        apart = 1 - one @ other.T / length
    expected = np.argsort(apart, axis=1)[:, :4]
    assert found["gene"].tolist() == [f"r{i}" for i in expected.ravel()]
    assert found["place"].tolist() == [1, 2, 3, 4] * 6
    assert found["query_gene"].tolist() == [f"q{i}" for i in range(6) for _ in range(4)]
    distance = np.take_along_axis(apart, expected, 1).ravel()
    assert found["distance"].to_numpy(float) == pytest.approx(distance, abs=1e-5)


def test_a_gene_is_not_its_own_neighbour(tmp_path: Path, points: np.ndarray) -> None:
    path = write(tmp_path / "r.parquet", "r", points)
    found = similar_genes(path, path, 3, genes=["r7"])
    assert len(found) == 3
    assert "r7" not in found["gene"].tolist()


def test_fewer_genes_than_neighbours(tmp_path: Path, points: np.ndarray) -> None:
    path = write(tmp_path / "r.parquet", "r", points[:3])
    assert len(similar_genes(path, path, 10)) == 6


def test_tables_of_two_models_are_refused(tmp_path: Path, points: np.ndarray) -> None:
    one = write(tmp_path / "a.parquet", "a", points)
    for part, words in (("glm", "another gLM"), ("standardisation", "another standardisation")):
        other = write(tmp_path / "b.parquet", "b", points, **{part: "x"})
        with pytest.raises(GlmError, match=words):
            similar_genes(one, other)
        assert len(similar_genes(one, other, 1, by="protein_embedding")) == 40  # the same ESM-2
    other = write(tmp_path / "b.parquet", "b", points, protein_model="x")
    with pytest.raises(GlmError, match=r"another protein model \(ESM-2\)"):
        similar_genes(one, other, by="protein_embedding")


def test_what_is_missing_is_named(tmp_path: Path, points: np.ndarray) -> None:
    path = write(tmp_path / "a.parquet", "a", points)
    with pytest.raises(GlmError, match="no gene is called x"):
        similar_genes(path, path, genes=["x"])
    with pytest.raises(GlmError, match="has no column context_only_embedding"):
        similar_genes(path, path, by="context_only_embedding")
    (tmp_path / "x.parquet").write_text("no table")
    with pytest.raises(GlmError, match="not a whole Parquet file"):
        similar_genes(tmp_path / "x.parquet", path)


def test_the_command_prints_or_writes(tmp_path: Path, points: np.ndarray) -> None:
    path = write(tmp_path / "a.parquet", "a", points)
    shown = glm("similar", path, "-r", path, "--gene", "a3", "-k", 2, "--json")
    assert [row["query_gene"] for row in json.loads(shown.stdout)] == ["a3", "a3"]
    assert "a3" in glm("similar", path, "-r", path, "-g", "a3").stdout
    done = glm("similar", path, "-r", path, "-k", 2, "-o", tmp_path / "s.parquet")
    assert done.exit_code == 0, done.output
    assert len(tables.read(tmp_path / "s.parquet", tables.SIMILAR_GENES)) == 80


def test_long_names_are_shown_whole_on_a_narrow_screen(
    tmp_path: Path, points: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    path = write(tmp_path / "a.parquet", "a_name_of_forty_letters_as_databases_give", points)
    gene = "a_name_of_forty_letters_as_databases_give3"
    shown = glm("similar", path, "-r", path, "-g", gene, "-k", 1).stdout
    assert "…" not in shown
    rows = [line.split("│") for line in shown.splitlines() if line.startswith("│")]
    assert "".join(row[1].strip() for row in rows) == gene
