from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.corpus.small_release import read, write, write_checksums

from glm import tables
from glm.corpus import representatives, text_blocks
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


def by_length_and_hash(sequence: str) -> tuple[int, str]:
    return len(sequence), sha256(sequence.encode()).hexdigest()


def test_picks_what_is_needed_sorted_by_length_and_hash(
    collect, small_release: Path, manifest_of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", 10_000)
    manifest = manifest_of(small_release)
    everything = dict(read_sequences(manifest))
    needed = list(everything)[::7]
    found, counts = collect(manifest, [needed, needed[:50]])
    expected = sorted(needed, key=lambda protein: by_length_and_hash(everything[protein]))
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
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", 10_000)
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


def test_a_damaged_shard_is_named_with_its_line_and_the_others_work_is_kept(
    collect, small_release: Path, manifest_of, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    manifest = manifest_of(small_release)
    needed = [protein for protein, _ in read_sequences(manifest)][::5]
    expected = collect(manifest, [needed])
    first = manifest.parent / "mgy_proteins_1.fa.gz"
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        GlmError, match=r"mgy_proteins_1\.fa\.gz: line \d+: truncated or damaged .* next start: 1"
    ):
        collect(manifest, [needed])
    first.write_bytes(whole)
    with caplog.at_level("INFO"):
        assert collect(manifest, [needed]) == expected
    assert "mgy_proteins_2.fa.gz: done by an earlier start" in caplog.text
    assert not list(tmp_path.glob(".*"))


def test_kept_work_for_other_proteins_is_not_used(
    collect, small_release: Path, manifest_of, tmp_path: Path
):
    manifest = manifest_of(small_release)
    proteins = [protein for protein, _ in read_sequences(manifest)]
    first = manifest.parent / "mgy_proteins_1.fa.gz"
    whole = first.read_bytes()
    first.write_bytes(whole[:1000])
    with pytest.raises(GlmError, match="damaged"):
        collect(manifest, [proteins[:1]])
    first.write_bytes(whole)
    found, _ = collect(manifest, [proteins])
    assert {row["protein"] for row in found} == set(proteins)


def test_proteins_of_one_sequence_lie_side_by_side(
    collect, small_release: Path, manifest_of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(representatives, "ROWS_PER_GROUP", 4)
    sequences = ["MKV", "MKL", "MKW", "MKV", "MKL", "MKV", "MA"]
    lines = [text for i, s in enumerate(sequences, 1) for text in (f">MGYP{i} FL=1 CR=1", s)]
    write(small_release / "mgy_proteins_1.fa.gz", lines)
    write(small_release / "mgy_proteins_2.fa.gz", [">MGYP8", "M", "", "KV"])
    write_checksums(small_release)
    found, _ = collect(manifest_of(small_release), [list(range(1, 9))])
    expected = sorted([*sequences, "MKV"], key=by_length_and_hash)
    assert [row["sequence"] for row in found] == expected
    assert [row["protein"] for row in found if row["sequence"] == "MKV"] == [1, 4, 6, 8]


def test_row_groups_are_of_one_size(
    collect, small_release: Path, manifest_of, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(representatives, "ROWS_PER_GROUP", 100)
    manifest = manifest_of(small_release)
    collect(manifest, [[protein for protein, _ in read_sequences(manifest)]])
    metadata = pq.read_metadata(tmp_path / "representatives.parquet")
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert set(sizes[:-1]) == {100}
    assert len(sizes) > 2


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "empty, not a single record"),
        (["MKV"], "line 1: 'MKV' where a header"),
        (["", ">MGYP1", "MK", "> MGYP2", "MK"], "line 4: a header without a name"),
        ([">MGYP1", "MK", ">MGYP2 x", ">MGYP3", "M"], "line 3: record MGYP2: no sequence"),
        ([">MGYP1", "MK", ">MGYP2"], "line 3: record MGYP2: no sequence"),
        ([">MGYP1", "MK", ">MGYP2", "", ""], "line 3: record MGYP2: no sequence"),
        ([">MGYP1", "MK", ">WP_2", "MK"], "line 3: record WP_2: the accession is not MGYP"),
        ([">MGYP1", "MK", ">MGYP1x", "MK"], "line 3: record MGYP1x: the accession is not MGYP"),
        ([">MGYP1", "M*K"], r"record MGYP1: residue '\*' at 2"),
        ([">MGYP1", "*"], "record MGYP1: no residue but a stop"),
    ],
)
@pytest.mark.parametrize("size", [4, 1000])
def test_what_is_no_record_is_named(
    collect,
    small_release: Path,
    manifest_of,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[str],
    message: str,
    size: int,
):
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", size)
    write(small_release / "mgy_proteins_1.fa.gz", lines)
    write(small_release / "mgy_proteins_2.fa.gz", [">MGYP9", "MK"])  # four bytes at a time
    write_checksums(small_release)
    with pytest.raises(GlmError, match=rf"mgy_proteins_1\.fa\.gz: {message}"):
        collect(manifest_of(small_release), [[1, 2, 3]])
