from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from tests.plant import STAMP, mutated, random_protein
from tests.workflow.small_run import genes_of, sequences, write_representatives

from glm import tables
from glm.annotation import search
from glm.annotation.products import WORDS, word_pattern
from glm.annotation.search import annotate, block_size, build_database, check_database
from glm.errors import GlmError

REAL = [sequences()[protein] for protein, _ in genes_of("ERZ000012")[100:108]]
UNLIKE_ANY = random_protein(200, seed=7)
NAMES = ["DNA gyrase subunit A", "Uncharacterized protein", "DUF1 protein", ""]


@pytest.fixture(scope="module")
def database(diamond: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four real proteins with names, and a far relative of the first that is called otherwise."""
    folder = tmp_path_factory.mktemp("reference")
    records = [
        f">R{n} {name} n=1 Tax=x\n{s}\n"
        for n, (name, s) in enumerate(zip(NAMES, REAL[:4], strict=True))
    ]
    records.append(f">far another name n=2 Tax=y\n{mutated(REAL[0], 0.3)}\n")
    with gzip.open(folder / "reference.faa.gz", "wt") as handle:
        handle.write("".join(records))
    build_database(folder / "reference.faa.gz", folder / "reference.dmnd", 1)
    return folder / "reference.dmnd"


def annotated(
    folder: Path, database: Path, queries: list[str], shard: int = 0, shards: int = 1
) -> pd.DataFrame:
    write_representatives(folder, queries)
    output = folder / f"{shard}.parquet"
    annotate(
        folder / "representatives.parquet", database, output, STAMP,
        shard=shard, shards=shards, e_value=1e-5, pattern=word_pattern(WORDS),
        threads=1, memory_mb=1000,
    )  # fmt: skip
    return tables.read(output, tables.ANNOTATIONS).to_pandas().set_index("representative")


def test_best_hits_names_and_identities(database: Path, tmp_path: Path) -> None:
    queries = [mutated(REAL[0], 0.2, 3), REAL[1], REAL[2], REAL[3], UNLIKE_ANY]
    found = annotated(tmp_path, database, queries)
    assert found["hit"].tolist()[:4] == ["R0", "R1", "R2", "R3"]  # R0 is nearer than its relative
    assert found["product"].tolist()[:4] == NAMES
    assert found["annotated"].tolist() == [True, False, False, False, False]
    assert found.loc[0, "identity"] == pytest.approx(0.8, abs=0.06)
    assert found.loc[1, "identity"] == 1
    assert (found["evalue"][:4] < 1e-5).all()
    assert found.loc[4, ["hit", "product", "evalue", "identity"]].isna().all()
    counts = tables.read_counts(tmp_path / "0.parquet")
    assert counts == {"proteins": 5, "with_a_hit": 4, "annotated": 1}


def test_shards_make_the_whole(database: Path, tmp_path: Path) -> None:
    queries = [REAL[0], UNLIKE_ANY, REAL[1], REAL[2], UNLIKE_ANY[:150]]
    whole = annotated(tmp_path, database, queries)
    parts = [annotated(tmp_path, database, queries, shard, 3) for shard in range(3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index()[["hit"]], whole[["hit"]])


def test_more_shards_than_proteins(database: Path, tmp_path: Path) -> None:
    assert annotated(tmp_path, database, REAL[:1], 1, 2).empty


def test_a_reference_of_nucleotides_is_refused(diamond: str, tmp_path: Path) -> None:
    (tmp_path / "genome.fna").write_text(">contig\nACGTNACGT\n>other\nacgtacgt\n")
    with pytest.raises(GlmError, match=r"genome.fna: the first 2 records are nucleotides"):
        build_database(tmp_path / "genome.fna", tmp_path / "r.dmnd", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["genome.fna"]


def test_an_empty_and_a_torn_reference_are_named(diamond: str, tmp_path: Path) -> None:
    (tmp_path / "empty.faa").write_text("")
    with pytest.raises(GlmError, match=r"empty.faa: empty"):
        build_database(tmp_path / "empty.faa", tmp_path / "r.dmnd", 1)
    whole = gzip.compress("".join(f">R{n} x\n{s}\n" for n, s in enumerate(REAL)).encode())
    (tmp_path / "torn.faa.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GlmError, match=r"torn.faa.gz: line \d+: truncated or damaged"):
        build_database(tmp_path / "torn.faa.gz", tmp_path / "r.dmnd", 1)


def test_a_database_of_another_program_is_refused(diamond: str, tmp_path: Path) -> None:
    (tmp_path / "mmseqs.dmnd").write_bytes(b"\0\1\2 not DIAMOND's" * 100)
    with pytest.raises(GlmError, match=r"mmseqs.dmnd: not a database of this DIAMOND"):
        check_database(tmp_path / "mmseqs.dmnd")
    with pytest.raises(GlmError, match="no such file"):
        check_database(tmp_path / "missing.dmnd")


def test_no_protein_at_all(database: Path, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="holds no protein"):
        annotated(tmp_path, database, [])
    assert not (tmp_path / "0.parquet").exists()


@pytest.mark.parametrize(
    ("memory", "block"), [(64000, 8.0), (8000, 1.0), (100, 0.05), (10**6, 20.0)]
)
def test_the_block_grows_with_the_memory(memory: int, block: float) -> None:
    assert block_size(memory) == block


def test_the_block_fits_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "machine_memory", lambda: 4000)
    command = [str(x) for x in search.diamond_command(tmp_path, tmp_path, 1e-5, 1, 64000)]
    assert command[command.index("--block-size") + 1] == "0.5"
