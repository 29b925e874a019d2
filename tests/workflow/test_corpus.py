"""The rules of download and corpus, run by snakemake with the real tools on a few real contigs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.unit.corpus.small_release import (
    DEMO,
    LAMBDA,
    make_small_release,
    read,
    write,
    write_checksums,
)
from tests.workflow.small_run import make_checkout, snakemake

from glm import tables

pytestmark = pytest.mark.usefixtures("mmseqs")

CORPUS = "results/small/metagenomes"


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout with a small release."""
    make_small_release(tmp_path / "source")
    return make_checkout(root, tmp_path)


def run(checkout: Path, *targets: str, **release: Any) -> subprocess.CompletedProcess[str]:
    """Run snakemake for some targets, with a release's settings over the demo's."""
    reference = {"address": str(DEMO / "reference")}
    release = {"address": "source", **release}
    return snakemake(checkout, targets, release=release, reference=reference)


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if ".snakemake" not in path.parts]


def lose_a_protein(release: Path) -> int:
    """Take a protein of the phage's first genes out of the FASTA; return its number."""
    lost = next(
        protein
        for shard in (1, 2)
        for protein, place in map(str.split, read(release / f"mgy_seq_metadata_{shard}.tsv.gz"))
        if re.match(rf"{LAMBDA}\.MGYC\d+:\d{{4}}-", place)
    )
    for path in release.glob("mgy_proteins_*"):
        lines = read(path)
        headers = [line.split()[0] for line in lines]
        if f">{lost}" in headers:
            place = headers.index(f">{lost}")
            write(path, lines[:place] + lines[place + 2 :])
    write_checksums(release)
    return int(lost[4:])


def test_a_release_and_a_reference_become_subcontigs(checkout: Path):
    """A protein that no FASTA has is counted; a second run has nothing to do."""
    lost = lose_a_protein(checkout / "source")
    targets = (f"{CORPUS}/subcontigs.parquet", "results/small/reference/subcontigs.parquet")
    made = run(checkout, *targets)
    assert made.returncode == 0, made.stderr

    folder = checkout / CORPUS
    subcontigs = tables.read(folder / "subcontigs.parquet", tables.SUBCONTIGS).to_pylist()
    contigs = tables.read(folder / "contigs.parquet", tables.CONTIGS).to_pylist()
    sizes = {contig["contig"]: contig["genes"] for contig in contigs}
    windows = {
        (contig, begin): min(genes - begin, 30)
        for contig, genes in sizes.items()
        for begin in range(0, genes, 30)
        if genes - begin >= 15
    }
    assert {
        (row["contig"], row["first_rank"]): len(row["representative"]) for row in subcontigs
    } == windows
    unmapped = [
        protein
        for row in subcontigs
        for protein, representative in zip(row["protein"], row["representative"], strict=True)
        if representative == -1
    ]
    assert set(unmapped) == {lost}
    counts = tables.read_counts(folder / "subcontigs.parquet")
    assert counts["genes_without_representative"] == len(unmapped)
    representatives = tables.read(folder / "representatives.parquet", tables.REPRESENTATIVES)
    assert representatives["length"].to_pylist() == sorted(representatives["length"].to_pylist())
    used = {number for row in subcontigs for number in row["representative"]} - {-1}
    assert used == set(range(len(representatives)))

    stamp = tables.read_stamp(folder / "clusters.parquet")
    assert stamp["producer"] == "cluster_proteins"
    assert stamp["versions"]["mmseqs"].startswith("14")
    assert stamp["parameters"] == {"method": "linclust", "identity": 0.9, "coverage": 0.9}
    assert (checkout / "results/small/benchmarks/parse_genes.tsv").exists()
    assert "genes: 2,562" in (checkout / "logs/small/parse_genes.log").read_text()
    assert leftovers(checkout / "results") == []

    reference = checkout / "results/small/reference"
    table = tables.read(reference / "subcontigs.parquet", tables.SUBCONTIGS)
    assert [len(row) for row in table["representative"].to_pylist()] == [30] * 143 + [24]
    assert tables.read_counts(reference / "representatives.parquet")["representatives"] == 4314

    again = run(checkout, *targets)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_a_wrong_checksum_is_named_and_the_next_run_goes_on(checkout: Path):
    shard = checkout / "source" / "mgy_proteins_2.fa.gz"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-100])
    target = f"{CORPUS}/release/manifest.parquet"
    failed = run(checkout, target)
    assert failed.returncode != 0
    assert "mgy_proteins_2.fa.gz: wrong checksum" in failed.stderr
    folder = (checkout / target).parent
    assert not {"manifest.parquet", shard.name} & {path.name for path in folder.iterdir()}
    fetched = (folder / "mgy_proteins_1.fa.gz").stat().st_mtime_ns

    shard.write_bytes(whole)
    made = run(checkout, target)
    assert made.returncode == 0, made.stderr
    assert (folder / shard.name).read_bytes() == whole
    assert (folder / "mgy_proteins_1.fa.gz").stat().st_mtime_ns == fetched


def test_a_wrong_strand_is_named_and_leaves_the_other_shards_work(checkout: Path):
    """Published clusters, which do not need the line, are read meanwhile."""
    shard = checkout / "source" / "mgy_seq_metadata_2.tsv.gz"
    lines = read(shard)
    lines[9] = lines[9].replace(":1:", ":?:").replace(":-1:", ":?:")
    write(shard, lines)
    write_checksums(checkout / "source")
    targets = (f"{CORPUS}/genes.parquet", f"{CORPUS}/clusters.parquet")
    failed = run(checkout, *targets, "--keep-going", clusters="published")
    assert failed.returncode != 0
    assert "mgy_seq_metadata_2.tsv.gz: line 10: " in failed.stderr
    log = (checkout / "logs/small/parse_genes.log").read_text()
    assert "Traceback" in log
    assert not (checkout / CORPUS / "genes.parquet").exists()
    table = tables.read(checkout / CORPUS / "clusters.parquet", tables.CLUSTERS)
    listed = "\n".join(read(checkout / "source" / "mgy_cluster_seqs.tsv.gz"))
    assert len(table) == listed.count("\tMGYP") + listed.count(";MGYP")
    assert [path.name for path in leftovers(checkout / "results")] == [".genes.shards"]
    kept = (checkout / CORPUS / ".genes.shards").iterdir()
    assert [path.name.split(".")[0] for path in kept] == ["mgy_seq_metadata_1"]
