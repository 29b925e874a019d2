from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.corpus.small_release import read, write, write_checksums

from glm import tables
from glm.corpus import representatives
from glm.corpus.sequences import read_sequences
from glm.errors import GlmError


@pytest.fixture
def collect(tmp_path: Path) -> Callable[..., tuple[list[dict], dict[str, int]]]:
    """A function that collects what contigs (lists of clusters) need out of sequences."""

    def run(sequences: Path, contigs: list[list[int | None]], minimum: int = 1, maximum: int = 30):
        rows = [
            {"contig": c, "rank": r, "protein": p or 0, "cluster": p, "forward": True}
            for c, clusters in enumerate(contigs)
            for r, p in enumerate(clusters)
        ]
        mapped, output = tmp_path / "mapped_genes.parquet", tmp_path / "representatives.parquet"
        schema = tables.MAPPED_GENES.schema()
        tables.write(pa.Table.from_pylist(rows, schema), mapped, tables.MAPPED_GENES, {})
        counts = representatives.write_representatives(
            sequences, mapped, output, {},
            minimum_genes=minimum, maximum_genes=maximum, memory_mb=500, threads=1,
        )  # fmt: skip
        return tables.read(output, tables.REPRESENTATIVES).to_pylist(), counts

    return run


def test_picks_what_is_needed_sorted_by_length(
    collect, small_release: Path, manifest_of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(representatives, "RECORDS_PER_BLOCK", 100)
    manifest = manifest_of(small_release)
    everything = dict(read_sequences(manifest))
    needed = list(everything)[::7]
    found, counts = collect(manifest, [needed, needed[:50]])
    expected = sorted(needed, key=lambda protein: (len(everything[protein]), protein))
    assert [row["protein"] for row in found] == expected
    assert [row["representative"] for row in found] == list(range(len(needed)))
    for row in found:
        assert row["sequence"] == everything[row["protein"]]
        assert row["length"] == len(row["sequence"])
        assert row["sha256"] == sha256(row["sequence"].encode()).hexdigest()
    assert counts == {
        "representatives": len(needed),
        "residues": sum(len(everything[protein]) for protein in needed),
        "representatives_without_sequence": 0,
    }


def test_what_no_fasta_has_is_counted(collect, small_release: Path, manifest_of):
    manifest = manifest_of(small_release)
    known = next(read_sequences(manifest))[0]
    found, counts = collect(manifest, [[known, 999_999_999, None]])
    assert [row["protein"] for row in found] == [known]
    assert counts["representatives_without_sequence"] == 1


def test_what_only_dropped_windows_need_is_not_embedded(collect, small_release: Path, manifest_of):
    manifest = manifest_of(small_release)
    a, b, c = [protein for protein, _ in read_sequences(manifest)][:3]
    found, _ = collect(manifest, [[a, a, a, b], [c, c]], minimum=2, maximum=3)
    assert {row["protein"] for row in found} == {a, c}


@pytest.mark.parametrize("apart", [1, 500])
def test_a_duplicated_accession_is_named(
    collect, small_release: Path, manifest_of, monkeypatch: pytest.MonkeyPatch, apart: int
):
    monkeypatch.setattr(representatives, "RECORDS_PER_BLOCK", 100)
    lines = read(small_release / "mgy_proteins_1.fa.gz")
    twice = [*lines[: 2 * apart], *lines[:2], *lines[2 * apart :]]
    write(small_release / "mgy_proteins_1.fa.gz", twice)
    write_checksums(small_release)
    with pytest.raises(
        GlmError, match=rf"mgy_proteins_1\.fa\.gz: record {lines[0][1:17]}: .*stands twice"
    ):
        collect(manifest_of(small_release), [[int(lines[0][5:17])]])


def test_an_illegal_residue_is_named(collect, small_release: Path, manifest_of, tmp_path: Path):
    lines = read(small_release / "mgy_proteins_1.fa.gz")
    lines[1] = f"mk{lines[1][2:10]}*{lines[1][10:]}"
    write(small_release / "mgy_proteins_1.fa.gz", lines)
    write_checksums(small_release)
    with pytest.raises(GlmError, match=rf"record {lines[0][1:17]}: residue '\*' at 11"):
        collect(manifest_of(small_release), [[int(lines[0][5:17])]])
    assert not (tmp_path / "representatives.parquet").exists()


def test_nothing_to_embed_is_an_error(collect, small_release: Path, manifest_of):
    with pytest.raises(GlmError, match="no contig has 15 genes"):
        collect(manifest_of(small_release), [[1] * 14, [None] * 20], minimum=15)
