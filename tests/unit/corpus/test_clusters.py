from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest
from tests.unit.corpus.small_release import DEMO, read, write, write_checksums

from glm import tables
from glm.corpus import clusters, text_blocks
from glm.corpus.sequences import read_sequences
from glm.errors import GlmError


def pairs(path: Path) -> dict[int, int]:
    table = tables.read(path, tables.CLUSTERS)
    return dict(zip(table["protein"].to_pylist(), table["cluster"].to_pylist(), strict=True))


def linclust(sequences: Path, output: Path, threads: int = 1) -> dict[str, int]:
    return clusters.write_linclust_clusters(
        sequences, output, {}, identity=0.9, coverage=0.9, threads=threads
    )


@pytest.mark.usefixtures("mmseqs")
def test_linclust_joins_what_is_alike_and_nothing_else(
    small_release: Path, manifest_of, tmp_path: Path
):
    """A copy that differs by one residue in hundred joins; a half of a protein does not."""
    lines = read(small_release / "mgy_proteins_2.fa.gz")
    long = next(sequence for sequence in lines[1::2] if len(sequence) > 400)
    original = int(lines[lines.index(long) - 1][5:17])
    alike = "".join("A" if i % 100 == 50 else residue for i, residue in enumerate(long))
    lines += [">MGYP000000900001", alike, ">MGYP000000900002", long[: len(long) // 2]]
    write(small_release / "mgy_proteins_2.fa.gz", lines)
    write_checksums(small_release)
    manifest = manifest_of(small_release)
    output = tmp_path / "clusters.parquet"
    counts = linclust(manifest, output)
    found = pairs(output)
    assert set(found) == {protein for protein, _ in read_sequences(manifest)}
    assert found[900001] == found[original]
    assert found[900002] != found[original]
    assert all(found[representative] == representative for representative in found.values())
    assert counts == {"proteins": len(found), "clusters": len(set(found.values()))}
    again = tmp_path / "again.parquet"
    linclust(manifest, again, threads=2)
    assert pairs(again) == found


@pytest.mark.usefixtures("mmseqs")
def test_a_duplicated_accession_is_named(small_release: Path, manifest_of, tmp_path: Path):
    lines = read(small_release / "mgy_proteins_2.fa.gz")
    write(small_release / "mgy_proteins_2.fa.gz", [*lines, *lines[:2]])
    write_checksums(small_release)
    output = tmp_path / "out" / "clusters.parquet"
    output.parent.mkdir()
    with pytest.raises(GlmError, match=rf"{lines[0][1:17]}\): accession stands twice"):
        linclust(manifest_of(small_release), output)
    assert os.listdir(output.parent) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_newer_mmseqs_is_kept_to_the_first_linclust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
):
    program = tmp_path / "mmseqs"
    program.write_text(f"#!/bin/sh\necho '{' --linclust-version INT' if known else ' -c FLOAT'}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    clusters.linclust_version_options.cache_clear()
    options = clusters.linclust_version_options()
    clusters.linclust_version_options.cache_clear()
    assert options == (["--linclust-version", "1"] if known else [])


def test_published_clusters_are_read_as_they_are(tmp_path: Path):
    path = DEMO / "release" / "mgy_cluster_seqs.tsv.gz"
    output = tmp_path / "clusters.parquet"
    counts = clusters.write_published_clusters([path], output, {})
    expected = {}
    for line in read(path):
        representative, *members = map(int, re.findall(r"MGYP(\d+)", line))
        expected.update(dict.fromkeys(members, representative))
    assert pairs(output) == expected
    assert counts == {"proteins": len(expected), "clusters": len(set(expected.values()))}
    assert counts["proteins"] > counts["clusters"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_a_line_has_one_member_or_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str):
    """As the 2023_02 release's README has it; the largest clusters have some 200,000 members."""
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", 1 << 16)
    many = range(10, 200_010)
    lines = ["MGYP1\tMGYP1", "MGYP1\tMGYP2", f"MGYP10\t{';'.join(f'MGYP{i}' for i in many)}"]
    path = tmp_path / "mgy_cluster_seqs.tsv.gz"
    path.write_bytes(gzip.compress(("\n".join([*lines, "MGYP3\tMGYP3;"]) + end).encode()))
    counts = clusters.write_published_clusters([path], tmp_path / "clusters.parquet", {})
    assert pairs(tmp_path / "clusters.parquet") == {1: 1, 2: 1, 3: 3, **dict.fromkeys(many, 10)}
    assert counts == {"proteins": 200_003, "clusters": 3}


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_line_ends_of_windows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int):
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", size)
    path = tmp_path / "mgy_cluster_seqs.tsv"
    path.write_bytes(b"MGYP1\tMGYP1;MGYP2\r\nMGYP3\tMGYP3\r\n\r\n")
    clusters.write_published_clusters([path], tmp_path / "clusters.parquet", {})
    assert pairs(tmp_path / "clusters.parquet") == {1: 1, 2: 1, 3: 3}


def test_what_is_not_utf_8_is_named(tmp_path: Path):
    path = tmp_path / "mgy_cluster_seqs.tsv"
    path.write_bytes(b"MGYP1\tMGYP1\nMGYP2\tMGYP\xff2\n")
    with pytest.raises(GlmError, match=r"seqs\.tsv: line 2: 'MGYP2\\tMGYP\ufffd2' is not a rep"):
        clusters.write_published_clusters([path], tmp_path / "clusters.parquet", {})


@pytest.mark.parametrize(
    "line",
    [
        *("MGYP1", "MGYP1\t", "\tMGYP1", "MGYP1\tMGYP2\tMGYP3", "1\t2", "cluster\tmember", ""),
        *("MGYP1;MGYP2", "MGYP1\t;MGYP2", "MGYP1\tMGYP2;;MGYP3", "MGYP1\tMGYP2;MGYC3"),
        *("MGYP1\tMGYP2 MGYP3", "MGYP1\tMGYP", "MGYP1\tMGYP1234567890123456789"),
    ],
)
def test_a_wrong_line_of_published_clusters_is_named(tmp_path: Path, line: str):
    path = tmp_path / "mgy_cluster_seqs.tsv.gz"
    write(path, ["MGYP1\tMGYP1;MGYP7", line, "MGYP4\tMGYP4"])
    with pytest.raises(GlmError, match=r"mgy_cluster_seqs\.tsv\.gz: line 2: .* is not a rep"):
        clusters.write_published_clusters([path], tmp_path / "clusters.parquet", {})
    assert not (tmp_path / "clusters.parquet").exists()


def test_truncated_published_clusters_are_named(untouched_release: Path, tmp_path: Path):
    path = tmp_path / "mgy_cluster_seqs.tsv.gz"
    path.write_bytes((untouched_release / path.name).read_bytes()[:-500])
    with pytest.raises(GlmError, match=r"cluster_seqs\.tsv\.gz: line \d+: truncated"):
        clusters.write_published_clusters([path], tmp_path / "clusters.parquet", {})


def test_the_references_proteins_stand_for_themselves(
    small_release: Path, manifest_of, tmp_path: Path
):
    clusters.write_own_clusters(manifest_of(small_release), tmp_path / "own.parquet", {})
    found = pairs(tmp_path / "own.parquet")
    assert found
    assert all(protein == cluster for protein, cluster in found.items())
