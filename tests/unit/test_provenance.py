from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tests.plant import embeddings_table, plant

from glm import provenance, tables
from glm.seeds import derive_seed


def test_seeds_differ_by_rule_and_wildcard_and_stay() -> None:
    assert derive_seed(1, "train_glm") == 1855846594
    seeds = {
        derive_seed(seed, *names)
        for seed in (1, 2)
        for names in (("a",), ("b",), ("a", "0"), ("a", "1"))
    }
    assert len(seeds) == 8
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_fingerprint_of_a_table_follows_its_content_not_its_time(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    plant(path, tables.CLUSTERS, protein=[1])
    before = provenance.fingerprint(path)
    os.utime(path, (0, 0))
    assert provenance.fingerprint(path) == before
    plant(path, tables.CLUSTERS, protein=[2])
    assert provenance.fingerprint(path) != before


@pytest.mark.parametrize("numbers", [np.float16, np.float32])
@pytest.mark.parametrize("changed", [slice(7, 8), slice(None)])
def test_fingerprint_of_vectors_follows_each_of_them(
    numbers: type[np.floating], changed: slice, tmp_path: Path
) -> None:
    """Of long vectors Parquet's footer has neither sizes that differ nor extremes."""
    rows = np.random.default_rng(1).standard_normal((20, 2560)).astype(numbers)
    path, found = tmp_path / "t.parquet", set()
    for factor in (1, 1, 2):
        rows[changed] *= factor
        tables.write(embeddings_table(rows), path, tables.EMBEDDINGS, {})
        found.add(provenance.fingerprint(path))
    assert len(found) == 2


def test_fingerprint_of_a_directory_follows_its_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    before = provenance.fingerprint(tmp_path)
    (tmp_path / "config.json").write_text("{ }")
    assert provenance.fingerprint(tmp_path) != before


def test_parameters_hash_ignores_order() -> None:
    assert provenance.parameters_hash({"a": 1, "b": Path("x")}) == provenance.parameters_hash(
        {"b": Path("x"), "a": 1}
    )
    assert provenance.parameters_hash({"a": 1}) != provenance.parameters_hash({"a": 2})


def test_stamp_names_what_made_it(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("in")
    stamp = provenance.stamp(
        "rule", [tmp_path / "in.txt"], {"path": tmp_path}, seed=7, tools={"mmseqs": "14"}
    )
    assert stamp["producer"] == "rule"
    assert stamp["seed"] == 7
    assert stamp["versions"]["mmseqs"] == "14"
    assert stamp["versions"]["pyarrow"]
    assert list(stamp["inputs"]) == [str(tmp_path / "in.txt")]
