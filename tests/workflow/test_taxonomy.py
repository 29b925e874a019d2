"""RefSeq's genomes by the rules, from a RefSeq that lies in a folder."""

from __future__ import annotations

from pathlib import Path

from tests.unit.taxonomy.test_lineages import write_dump, write_summary
from tests.workflow.small_run import make_checkout, snakemake

from glm import tables

TARGETS = ["subcontigs", "representatives", "contigs", "skipped"]
RULES = ["download_refseq_lists", "choose_genomes", "sample_genomes", "collect_genomes"]


def test_from_refseq_s_lists_to_contigs(root: Path, tmp_path: Path) -> None:
    refseq = tmp_path / "refseq"
    for group in ("bacteria", "archaea", "viral"):
        (refseq / group).mkdir(parents=True)
    whole = (root / "resources/demo/reference").as_uri()
    (refseq / "bare").mkdir()
    (refseq / "bare" / "md5checksums.txt").write_text("0" * 32 + "  ./x_genomic.fna.gz\n")
    rows = [("GCF_1", "reference genome", 12, "latest", whole),
            ("GCF_2", "reference genome", 12, "latest", whole)]  # fmt: skip
    write_summary(refseq / "bacteria/assembly_summary.txt", rows)
    write_summary(refseq / "archaea/assembly_summary.txt", [])
    bare = ("GCF_3", "na", 21, "latest", (refseq / "bare").as_uri())
    write_summary(refseq / "viral/assembly_summary.txt", [bare])
    write_dump(refseq / "taxdump.tar.gz")
    checkout = make_checkout(root, tmp_path)
    run = snakemake(
        checkout,
        [f"results/small/taxonomy/{name}.parquet" for name in TARGETS],
        RULES,
        taxonomy={"source": "refseq", "refseq": str(refseq), "taxdump": str(refseq), "shards": 2},
    )
    assert run.returncode == 0, run.stderr
    folder = checkout / "results/small/taxonomy"
    contigs = tables.read(folder / "contigs.parquet", tables.TAXONOMY_CONTIGS).to_pandas()
    assert contigs["accession"].tolist() == ["GCF_1", "GCF_2"]
    assert contigs["taxonomic_class"].tolist() == ["Bacilli"] * 2
    subcontigs = tables.read(folder / "subcontigs.parquet", tables.SUBCONTIGS).to_pandas()
    assert subcontigs["representative"].str.len().tolist() == [30, 30]
    assert subcontigs["first_rank"].nunique() == 2  # each genome has a stretch of its own
    skipped = tables.read(folder / "skipped.parquet", tables.TAXONOMY_SKIPPED).to_pandas()
    assert skipped["accession"].tolist() == ["GCF_3"]
