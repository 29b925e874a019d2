from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.workflow import small_run

from glm import tables
from glm.corpus import text_blocks
from glm.errors import GlmError
from glm.semantics import focal, grouping

STAMP = {"producer": "test"}
SEARCH = {"e_value": 1e-5, "coverage": 0.7, "threads": 1}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real proteins of E. coli DH1 and of S. aureus N315, with IF-1 of both, and annotations."""
    folder = tmp_path_factory.mktemp("focal")
    small_run.write_metagenomes(folder, windows=2)
    found = tables.read(folder / "representatives.parquet", tables.REPRESENTATIVES).to_pandas()
    found["protein"] = found["representative"] + 500
    found.loc[3, "sequence"] = (
        "MAKEDNIEMQGTVLETLPNTMFRVELENGHVVTAHISGKMRKNYIRILTGDKVTVELTPYDLSKGRIVFRSR"
    )
    found.loc[7, "sequence"] = (
        "MAKQDVIELEGTVLDTLPNAMFKVELENGHEILAHVSGKIRMNYIRILPGDKVTVEMSPYDLTRGRITYRYK"
    )
    tables.write(found, folder / "representatives.parquet", tables.REPRESENTATIVES, STAMP)
    notes = found[["representative", "protein"]].assign(
        hit="x", product="ribosomal protein L2", evalue=0.0, identity=1.0, annotated=True
    )
    notes.loc[5, "product"] = "CRISPR-associated endonuclease CAS1, type I"
    notes.loc[6, "product"] = "Cas10 protein"
    notes.loc[8, ["product", "hit"]] = None
    tables.write(notes, folder / "annotations.parquet", tables.ANNOTATIONS, STAMP)
    return folder


def find(corpus: Path, *sets: focal.FocalSet) -> pd.DataFrame:
    return focal.find_representatives(
        sets, corpus / "representatives.parquet", corpus / "annotations.parquet", **SEARCH
    ).set_index("representative")


def test_queries_find_what_is_like_them(corpus: Path, root: Path, diamond: str) -> None:
    queries = root / "resources" / "demo" / "queries"
    found = find(
        corpus,
        focal.FocalSet("IF-1", queries=str(queries / "if1.faa")),
        focal.FocalSet("Cas1", queries=str(queries / "cas1.faa")),
    )
    assert found.index.tolist() == [3, 7]
    assert set(found["set"]) == {"IF-1"}
    assert found.loc[3, "identity"] == 1
    assert 0.6 < found.loc[7, "identity"] < 0.8
    assert set(found["found_by"]) == {"query"}


def test_words_are_whole_and_of_any_case(corpus: Path) -> None:
    found = find(corpus, focal.FocalSet("Cas1", words=["cas1"]))
    assert found.index.tolist() == [5]
    assert found.loc[5, "found_by"] == "word"


def test_accessions_are_proteins(corpus: Path) -> None:
    found = find(corpus, focal.FocalSet("two", accessions=["MGYP000000000509", "MGYP502"]))
    assert sorted(found.index) == [2, 9]
    with pytest.raises(GlmError, match="set 'bad': accession 'WP_1' is not MGYP"):
        find(corpus, focal.FocalSet("bad", accessions=["WP_1"]))


def test_a_set_that_names_nothing_is_refused() -> None:
    with pytest.raises(GlmError, match="set 'empty' has neither queries nor words"):
        focal.FocalSet("empty")


def test_every_place_is_found(corpus: Path) -> None:
    found = find(corpus, focal.FocalSet("two", accessions=["MGYP503", "MGYP535"])).reset_index()
    places = focal.occurrences(found, corpus / "subcontigs.parquet")
    assert places[["subcontig", "rank", "representative"]].to_numpy().tolist() == [
        [0, 3, 3],
        [1, 5, 35],
    ]
    rows = tables.read(corpus / "subcontigs.parquet", tables.SUBCONTIGS).to_pylist()
    assert places["protein"].tolist() == [rows[0]["protein"][3], rows[1]["protein"][5]]


def test_a_sample_is_balanced_over_sets() -> None:
    places = pd.DataFrame({"set": ["a"] * 90 + ["b"] * 10, "subcontig": range(100), "rank": 0})
    kept = focal.sample(places, 30, seed=1)
    assert kept["set"].value_counts().to_dict() == {"a": 20, "b": 10}
    assert kept["subcontig"].is_monotonic_increasing
    assert len(focal.sample(places, 1000, seed=1)) == 100


def test_small_groups_and_unknown_biomes_are_left_out_and_counted() -> None:
    genes = pd.DataFrame(
        {
            "biome": ["root:A:B:C", "root:A:B:D", "root:A:B", "root:E", None],
            "assembly": list("vwxyz"),
            "group": "g",
        }
    )
    found = grouping.group(genes, "biome", 2, biome_level=2)
    assert found.genes["group"].tolist() == ["A:B"] * 3
    assert found.left_out == {"biome not known": 1, "group E of 1, fewer than 2": 1}
    by_table = grouping.group(genes, "assembly", 2, groups={"v": "p", "w": "p", "x": "q"})
    assert by_table.genes["assembly"].tolist() == ["v", "w"]


def test_a_contigs_biome_is_that_of_all_its_proteins() -> None:
    gut, skin, human = "root:H:Gut", "root:H:Skin", "root:H"
    biomes = {1: {gut, skin}, 2: {gut}, 3: {gut, skin}, 4: {skin}, 5: {human, gut}}
    voted = grouping.vote_biomes([[1, 2, 3], [1, 4], [1, 3], [5], [9]], biomes)
    assert voted == [gut, skin, None, gut, None]


def test_biomes_of_a_release_without_a_table_of_assemblies(corpus: Path, root: Path) -> None:
    """The demo's release lists biomes by protein as MGnify does; the vote gives its assemblies'."""
    genes = pd.DataFrame({"subcontig": [0, 1, 2, 3], "biome": None})
    release = root / "resources" / "demo" / "release" / "mgy_biomes.tsv.gz"
    found = grouping.fill_biomes(genes, corpus / "subcontigs.parquet", [release])
    gut = "root:Host-associated:Human:Digestive system"
    skin = "root:Host-associated:Human:Skin"
    assert found["biome"].tolist() == [gut, gut, skin, skin]


@pytest.mark.parametrize(
    "line",
    [
        *("MGYP000000000002 3 root:B", "MGYP000000000002", "MGYP000000000002\troot:B\t3", ""),
        *("MGYP000000000002\t3\tEnvironmental:B", "MGYP000000000002\t3\trootless", "2\t3\troot:B"),
        *("MGYP000000000002\t3\t", "\troot:B"),
    ],
)
def test_a_damaged_list_of_biomes_names_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mgy_biomes.tsv"
    path.write_text(f"MGYP000000000001\t3\troot:A\n{line}\nMGYP000000000001\t3\troot:A\n")
    with pytest.raises(GlmError, match=r"mgy_biomes.tsv: line 2: .* begins with root"):
        grouping.read_protein_biomes([path], np.array([1]))


def test_a_biome_stands_in_the_last_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows as those of 2023_02 that public repositories hold: protein, count, lineage."""
    rows = [
        "MGYP000000000001\t12\troot:Host-associated:Human:Digestive system",
        "MGYP000000000001\t1\troot",
        "MGYP000000000002\t3\troot:Environmental:Aquatic",
        "MGYP001234567890\t100000\troot:Engineered",
    ]
    path = tmp_path / "mgy_biomes.tsv.gz"
    path.write_bytes(gzip.compress(("\n".join(rows) + "\n\n").encode()))
    for size in (10, 100, 1 << 20):
        monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", size)
        assert grouping.read_protein_biomes([path], np.array([1, 1234567890])) == {
            1: {"root:Host-associated:Human:Digestive system", "root"},
            1234567890: {"root:Engineered"},
        }
