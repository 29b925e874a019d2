from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.plant import STAMP, plant_subcontigs
from tests.unit.training.conftest import COMPONENTS, REPRESENTATIVES, SIZE

from glm import tables
from glm.data.corpus import read_corpus
from glm.data.features import read_feature_builder
from glm.data.store import EmbeddingStore
from glm.errors import GlmError
from glm.provenance import fingerprint


def read(inputs: dict[str, str], split: str | None = None, rows: int = REPRESENTATIVES):
    splits = Path(inputs["splits"]) if split else None
    return read_corpus(Path(inputs["subcontigs"]), rows, splits, split)


def test_a_split_has_its_subcontigs_gene_by_gene(inputs: dict[str, str]) -> None:
    rows = tables.read(inputs["subcontigs"], tables.SUBCONTIGS).to_pylist()
    corpus = read(inputs, "validation")
    assert corpus.subcontig.tolist() == [122, 123, 124, 125, 126]
    assert len(read(inputs)) == 30
    for index, row in enumerate(rows[22:27]):
        genes = slice(corpus.offsets[index], corpus.offsets[index + 1])
        assert corpus.representative[genes].tolist() == row["representative"]
        assert corpus.forward[genes].tolist() == row["forward"]
    assert corpus.longest == max(len(row["forward"]) for row in rows[22:27])


def test_genes_of_chosen_subcontigs_follow_each_other(inputs: dict[str, str]) -> None:
    corpus = read(inputs)
    genes, lengths = corpus.genes_of(np.array([7, 2, 7]))
    expected = [np.arange(corpus.offsets[i], corpus.offsets[i + 1]) for i in (7, 2, 7)]
    assert genes.tolist() == np.concatenate(expected).tolist()
    assert lengths.tolist() == [len(part) for part in expected]


def test_a_representative_outside_the_store_is_named(inputs: dict[str, str]) -> None:
    with pytest.raises(GlmError, match=r"subcontig \d+ has representative 59.*40 rows"):
        read(inputs, rows=40)


def test_a_split_without_subcontigs_is_an_error(inputs: dict[str, str]) -> None:
    with pytest.raises(GlmError, match="no subcontig of split 'test'"):
        read(inputs, "test")


def test_a_subcontig_without_genes_is_named(tmp_path: Path) -> None:
    path = plant_subcontigs(tmp_path / "subcontigs.parquet", [[1], []], subcontig=[5, 6])
    with pytest.raises(GlmError, match="subcontig 6 has no genes"):
        read_corpus(path, 10)


def test_the_store_gives_rows_and_any_row_for_genes_without_one(inputs: dict[str, str]) -> None:
    store = EmbeddingStore(Path(inputs["store"]))
    written = np.load(inputs["store"])
    gathered = store.gather(torch.tensor([3, -1, 59, 3], dtype=torch.int32))
    assert (len(store), store.size) == written.shape
    assert gathered.dtype == torch.float16
    assert np.array_equal(gathered[[0, 2, 3]].numpy(), written[[3, 59, 3]])


def in_a_file(array: np.ndarray) -> bytes:
    """What np.save writes."""
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (in_a_file(np.zeros((3, 2), np.float32)), "matrix of float16, not 2 dimensions of float32"),
        (in_a_file(np.zeros(3, np.float16)), "matrix of float16, not 1 dimensions"),
        (in_a_file(np.zeros((60, 12), np.float16))[:-10], "not an embedding store"),
        (b"not numpy at all", "not an embedding store"),
        (b"", "not an embedding store"),
    ],
)
def test_another_or_a_torn_file_is_refused_as_a_store(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "store.npy"
    path.write_bytes(content)
    with pytest.raises(GlmError, match=message):
        EmbeddingStore(path)


def test_the_fingerprint_sees_other_embeddings(tmp_path: Path, inputs: dict[str, str]) -> None:
    embeddings = np.load(inputs["store"])
    found = set()
    for name, content in (
        ("same", embeddings),
        ("rounded", (embeddings + np.float16(0.01))),
        ("longer", np.concatenate([embeddings, embeddings[:1]])),
    ):
        np.save(tmp_path / f"{name}.npy", content)
        found.add(fingerprint(tmp_path / f"{name}.npy"))
    assert len(found) == 3
    assert fingerprint(Path(inputs["store"])) in found


def test_features_and_labels_come_from_the_tables(inputs: dict[str, str]) -> None:
    builder = read_feature_builder(
        Path(inputs["standardisation"]), Path(inputs["label-components"]), {}
    )
    raw = torch.full((2, SIZE), 5.0)
    present, forward = torch.tensor([True, False]), torch.tensor([True, False])
    features = builder.features(raw, present, forward)
    assert features[0].tolist() == [1.0] * SIZE + [0.5]  # (5 - 2) / 3
    assert features[1].tolist() == [1.0] * SIZE + [-0.5]
    directions = tables.read(inputs["label-components"], tables.LABEL_COMPONENTS)["direction"]
    expected = np.array(directions.to_pylist()).sum(1)
    labels = builder.labels(raw, present, forward)
    assert labels.shape == (2, COMPONENTS + 1)
    assert labels[0, :-1].numpy() == pytest.approx(expected, abs=1e-5)


def test_tables_of_other_embeddings_are_refused(tmp_path: Path, inputs: dict[str, str]) -> None:
    table = tables.read(inputs["standardisation"], tables.STANDARDISATION).slice(0, SIZE - 1)
    tables.write(table, tmp_path / "standardisation.parquet", tables.STANDARDISATION, STAMP)
    with pytest.raises(GlmError, match=r"directions over 12 features.*has 11"):
        read_feature_builder(
            tmp_path / "standardisation.parquet", Path(inputs["label-components"]), {}
        )
