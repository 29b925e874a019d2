from __future__ import annotations

from pathlib import Path

import pytest
from tests.plant import plant
from tests.unit.corpus.small_release import read, write, write_checksums

from glm import tables
from glm.corpus.sequences import fasta_paths, read_sequences
from glm.errors import GlmError


def test_a_releases_proteins_are_read_from_all_its_shards(small_release: Path, manifest_of):
    found = dict(read_sequences(manifest_of(small_release)))
    headers = [
        line
        for path in sorted(small_release.glob("mgy_proteins_*"))
        for line in read(path)
        if line.startswith(">")
    ]
    assert list(found) == [int(header[5:17]) for header in headers]


def test_the_representatives_own_fasta_is_preferred(small_release: Path, manifest_of):
    write(small_release / "mgy_clusters.fa.gz", [">MGYP000000000009 FL=1 CR=1", "mkv*"])
    write_checksums(small_release)
    manifest = manifest_of(small_release, "published")
    assert [path.name for path in fasta_paths(manifest)] == ["mgy_clusters.fa.gz"]
    assert list(read_sequences(manifest)) == [(9, "MKV")]


def test_a_table_of_proteins_is_read_the_same(tmp_path: Path):
    path = tmp_path / "proteins.parquet"
    plant(path, tables.PROTEINS, protein=[3, 5], sequence=["MK", "MV"])
    assert list(read_sequences(path)) == [(3, "MK"), (5, "MV")]


def test_another_accession_is_named(small_release: Path, manifest_of):
    write(small_release / "mgy_proteins_2.fa.gz", [">sp|P0A7|x", "MKV"])
    write_checksums(small_release)
    with pytest.raises(GlmError, match=r"mgy_proteins_2\.fa\.gz: record sp\|P0A7\|x"):
        list(read_sequences(manifest_of(small_release)))
