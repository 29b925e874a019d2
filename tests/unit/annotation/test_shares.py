from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.plant import STAMP, plant

from glm import tables
from glm.annotation.products import WORDS, word_pattern
from glm.annotation.shares import count_reasons, merge, numbers
from glm.errors import GlmError

# product (None: no hit) and how often
PLANTED = {
    None: 10,
    "": 5,
    "Uncharacterized protein": 4,
    "putative UNCHARACTERIZED thing": 2,
    "hypothetical protein": 3,
    "DUF2 protein": 1,
    "gyrase": 74,
    "lysozyme": 1,
}


def write(path: Path, products: list[str | None], first: int = 0) -> Path:
    pattern = word_pattern(WORDS)
    return plant(
        path,
        tables.ANNOTATIONS,
        representative=range(first, first + len(products)),
        hit=[None if product is None else "R" for product in products],
        product=products,
        annotated=[bool(product) and not pattern.search(product) for product in products],
    )


def planted() -> list[str | None]:
    return [product for product, count in PLANTED.items() for _ in range(count)]


def test_every_reason_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "annotations.parquet", planted())
    shares = count_reasons(path, word_pattern(WORDS), 1000, 1).set_index("reason")
    assert shares["proteins"].to_dict() == {
        "annotated": 75,
        "unannotated": 25,
        "no hit": 10,
        "no name": 5,
        "uncharacterized": 6,
        "hypothetical": 3,
        "duf": 1,
    }
    assert shares.loc["unannotated", "share"] == 0.25
    annotated = tables.read(path, tables.ANNOTATIONS)["annotated"].to_numpy()
    assert annotated.sum() == 75  # the column and the counts say the same


def test_the_scorecard_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "annotations.parquet", planted())
    shares = count_reasons(path, word_pattern(WORDS), 1000, 1)
    searched = {"parameters": {"e_value": 1e-5}, "versions": {"diamond": "2.1.3"}}
    row, tool = numbers(shares, "UniRef100", searched, 1)
    assert json.loads(tool["value"]) == "DIAMOND 2.1.3 against UniRef100, e-value 1e-5"
    assert row["id"] == "annotation.without_annotation"
    assert json.loads(row["value"]) == 0.25
    assert row["n"] == 100
    # a share of 0.25 of 100 has a standard error of 0.043
    assert row["lower"] == pytest.approx(0.25 - 1.96 * 0.0433, abs=0.02)
    assert row["upper"] == pytest.approx(0.25 + 1.96 * 0.0433, abs=0.02)
    assert "UniRef100" in row["note"]
    mirrored = numbers(shares, "https://host/uniref100/uniref100.fasta.gz", searched, 1)
    assert mirrored[0]["obstacle"] == ""
    other = numbers(shares, "uniref100/swissprot.faa", searched, 1)[0]
    assert other["obstacle"] == "annotated by uniref100/swissprot.faa, not by UniRef100"


def test_shards_are_merged_by_representative(tmp_path: Path) -> None:
    second = write(tmp_path / "1.parquet", ["b", "c"], first=2)
    first = write(tmp_path / "0.parquet", [None, "a"])
    assert merge([second, first], tmp_path / "all.parquet", STAMP, 1000, 1) == 4
    found = tables.read(tmp_path / "all.parquet", tables.ANNOTATIONS).to_pandas()
    assert found["representative"].tolist() == [0, 1, 2, 3]
    assert found["product"].tolist()[1:] == ["a", "b", "c"]


def test_nothing_to_count(tmp_path: Path) -> None:
    path = write(tmp_path / "annotations.parquet", [])
    with pytest.raises(GlmError, match="holds no protein"):
        count_reasons(path, word_pattern(WORDS), 1000, 1)
