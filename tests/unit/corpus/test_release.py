from __future__ import annotations

from pathlib import Path

import pytest

from glm.corpus.release import SOURCES, base_address, choose_files, parse_checksums, required_paths
from glm.errors import GlmError

SUM = "d41d8cd98f00b204e9800998ecf8427e"
MGNIFY = SOURCES["mgnify"]


def names(*files: str, clusters: str = "linclust") -> list[str]:
    found = choose_files(MGNIFY, dict.fromkeys(files, SUM), "https://x/", clusters)
    return [file.name for file in found]


def test_reads_md5sums_and_ncbis_lists():
    text = f"{SUM}  a.gz\n{SUM.upper()} *b.gz\n\n{SUM}  ./c.gz\n"
    assert parse_checksums(text, "u") == dict.fromkeys(["a.gz", "b.gz", "c.gz"], SUM)


@pytest.mark.parametrize("text", ["<html>not found</html>", f"{SUM[:-1]}  a.gz", SUM])
def test_what_is_no_checksum_list_is_refused_with_its_line(text: str):
    with pytest.raises(GlmError, match=r"md5sum\.txt: line 2"):
        parse_checksums(f"{SUM}  a.gz\n{text}", "https://x/md5sum.txt")
    with pytest.raises(GlmError, match="lists no file"):
        parse_checksums("\n", "https://x/md5sum.txt")


def test_shards_are_not_hard_coded_and_stand_in_order():
    shards = [f"mgy_seq_metadata_{i}.tsv.gz" for i in range(1, 20)]
    found = names("mgy_proteins_1.fa.gz", *sorted(shards), "README.txt", "mgy_counts.tsv.gz")
    assert found == [*shards, "mgy_proteins_1.fa.gz"]


def test_published_clusters_need_the_representatives_fasta_only():
    files = ("mgy_seq_metadata_1.tsv.gz", "mgy_proteins_1.fa.gz", "mgy_cluster_seqs.tsv.gz")
    assert names(*files, clusters="published") == [
        "mgy_seq_metadata_1.tsv.gz",
        "mgy_proteins_1.fa.gz",
        "mgy_cluster_seqs.tsv.gz",
    ]
    assert names(*files, "mgy_clusters.fa.gz", clusters="published") == [
        "mgy_seq_metadata_1.tsv.gz",
        "mgy_cluster_seqs.tsv.gz",
        "mgy_clusters.fa.gz",
    ]
    assert "mgy_cluster_seqs.tsv.gz" not in names(*files)


@pytest.mark.parametrize(
    ("missing", "clusters"),
    [("mgy_seq_metadata", "linclust"), ("mgy_proteins", "linclust"), ("mgy_cluster", "published")],
)
def test_a_release_without_a_needed_file_is_refused(missing: str, clusters: str):
    files = ["mgy_seq_metadata_1.tsv.gz", "mgy_proteins_1.fa.gz", "mgy_cluster_seqs.tsv.gz"]
    with pytest.raises(GlmError, match=f"no file named like {missing}"):
        names(*(name for name in files if not name.startswith(missing)), clusters=clusters)


def test_addresses_may_be_paths(tmp_path: Path):
    mirror = "https://ftp.ebi.ac.uk/pub/x/"
    assert base_address("ftp://ftp.ebi.ac.uk/pub/x") == mirror
    assert base_address("https://ftp.ebi.ac.uk/pub/x/") == mirror
    assert base_address("https://ftp.ebi.ac.uk/pub/x") == mirror
    assert base_address(str(tmp_path)) == f"file://{tmp_path}/"
    assert base_address("/a b").startswith("file:///a%20b/")
    with pytest.raises(GlmError, match="s3://x: not an https://, ftp:// or file:// address"):
        base_address("s3://x")


def test_a_manifest_without_a_kind_is_refused(small_release: Path, manifest_of):
    manifest = manifest_of(small_release)
    assert [path.name for path in required_paths(manifest, "proteins")] == [
        "mgy_proteins_1.fa.gz",
        "mgy_proteins_2.fa.gz",
    ]
    with pytest.raises(GlmError, match="no file of kind clusters"):
        required_paths(manifest, "clusters")
