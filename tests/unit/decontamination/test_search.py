from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from tests.plant import STAMP, mutated, plant, plant_representatives, random_protein

from glm import tables
from glm.decontamination.search import KEPT_IDENTITY, search, write_best_hits
from glm.errors import GlmError
from glm.mmseqs import Search


@pytest.fixture(scope="module")
def k12(root: Path) -> list[str]:
    """Real proteins of E. coli K-12, 200 to 400 residues long."""
    file = next((root / "resources" / "demo" / "reference").glob("*_protein.faa.gz"))
    with gzip.open(file, "rt") as handle:
        records = ["".join(record.split("\n")[1:]) for record in handle.read().split(">")[1:]]
    return [sequence for sequence in records if 200 <= len(sequence) <= 400][:40]


def hits_of(
    folder: Path, queries: list[str], targets: dict[int, str], coverage: float = 0.5
) -> pd.DataFrame:
    """The best hits of these sequences, by representative."""
    output = folder / "hits.parquet"
    search(
        plant_representatives(folder / "representatives.parquet", queries),
        plant(
            folder / "proteins.parquet",
            tables.PROTEINS,
            protein=targets.keys(),
            sequence=targets.values(),
        ),
        output,
        STAMP,
        Search(2, 1e-3, KEPT_IDENTITY, coverage, threads=1, memory_mb=2000),
    )
    return tables.read(output, tables.REFERENCE_HITS).to_pandas().set_index("representative")


@pytest.mark.usefixtures("mmseqs")
def test_identity_is_what_was_planted_and_the_right_protein_is_found(
    tmp_path: Path, k12: list[str]
) -> None:
    """A domain that covers a quarter of a representative is no hit; only the table is left."""
    queries = [k12[0], mutated(k12[1], 0.2), mutated(k12[2], 0.4)]
    unrelated = random_protein(300, seed=1)
    targets = {1000 + number: sequence for number, sequence in enumerate(k12)}
    hits = hits_of(tmp_path, [*queries, unrelated, k12[0][:100] + unrelated], targets)
    assert hits.reference.to_dict() == {0: 1000, 1: 1001, 2: 1002}
    assert hits.identity[0] == 1.0
    assert hits.identity[1] == pytest.approx(0.8, abs=0.02)
    assert hits.identity[2] == pytest.approx(0.6, abs=0.02)
    assert hits.coverage.min() > 0.9
    assert hits.e_value.max() < 1e-20
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"representatives.parquet", "proteins.parquet", "hits.parquet"}


@pytest.mark.usefixtures("mmseqs")
def test_how_much_of_a_representative_a_domain_must_cover_is_configured(
    tmp_path: Path, k12: list[str]
) -> None:
    with_domain = k12[0][:100] + random_protein(300, seed=2)
    hits = hits_of(tmp_path, [with_domain], {1: k12[0]}, coverage=0.2)
    assert hits.coverage[0] == pytest.approx(0.25, abs=0.02)


def test_no_proteins_is_an_error_that_names_the_table(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"representatives.parquet: holds no protein"):
        hits_of(tmp_path, [], {1: "MKK"})


def test_the_most_identical_hit_is_kept_with_its_exact_identity(tmp_path: Path) -> None:
    rows = [  # query, target, identical, columns, coverage, e-value, bits
        (7, 1, 700, 1000, 1.0, 1e-90, 900),
        (7, 2, 7004, 10000, 0.8, 1e-50, 500),  # 0.7004, which mmseqs itself writes as 0.700
        (3, 5, 90, 100, 0.6, 1e-20, 80),
        (3, 4, 90, 100, 0.9, 1e-25, 95),
        (3, 6, 90, 100, 0.7, 1e-25, 95),
    ]
    hits = tmp_path / "hits.tsv"
    hits.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    output = tmp_path / "hits.parquet"
    assert write_best_hits(hits, output, STAMP, 200, 1) == 2
    found = tables.read(output, tables.REFERENCE_HITS).to_pandas()
    assert found.representative.tolist() == [3, 7]
    assert found.reference.tolist() == [4, 2]
    assert found.identity.tolist() == pytest.approx([0.9, 0.7004], abs=1e-6)


def test_no_hit_at_all_is_an_empty_table(tmp_path: Path) -> None:
    hits = tmp_path / "hits.tsv"
    hits.touch()
    output = tmp_path / "hits.parquet"
    assert write_best_hits(hits, output, STAMP, 200, 1) == 0
    assert len(tables.read(output, tables.REFERENCE_HITS)) == 0
