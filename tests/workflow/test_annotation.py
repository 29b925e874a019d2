"""The annotation rules, run by snakemake on real genes and the demo's reference."""

from __future__ import annotations

from pathlib import Path

from tests.workflow.small_run import make_checkout, snakemake, write_metagenomes

from glm import tables

TARGET = "results/small/metagenomes/annotations.parquet"
RULES = ["build_annotation_database", "annotate_proteins", "summarise_annotations"]


def test_real_genes_get_their_names(diamond: str, root: Path, tmp_path: Path) -> None:
    checkout = make_checkout(root, tmp_path)
    write_metagenomes(checkout / "results/small/metagenomes", windows=2)
    run = snakemake(
        checkout, [TARGET], RULES,
        annotation={"reference": "resources/demo/annotation/reference.faa.gz", "shards": 2},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = tables.read(checkout / TARGET, tables.ANNOTATIONS).to_pandas()
    # 60 genes of E. coli, then 60 of S. aureus, whose genus is in the reference: most of them hit
    assert found["representative"].tolist() == list(range(120))
    assert found["annotated"][60:].mean() > 2 / 3
    assert found["annotated"][:60].mean() < 1 / 2
    assert found["product"][60:].str.contains("ribosom|transport|synthase|kinase").any()
    shares = tables.read(
        checkout / "results/small/metagenomes/annotation_shares.parquet", tables.ANNOTATION_SHARES
    ).to_pandas()
    assert shares.set_index("reason").loc["annotated", "proteins"] == found["annotated"].sum()


def test_a_reference_of_the_wrong_kind_says_so(diamond: str, root: Path, tmp_path: Path) -> None:
    checkout = make_checkout(root, tmp_path)
    write_metagenomes(checkout / "results/small/metagenomes", windows=1)
    run = snakemake(
        checkout, [TARGET], RULES,
        annotation={"reference": str(root / "tests/data/lambda_phage.fna.gz")},
    )  # fmt: skip
    assert run.returncode != 0
    assert "lambda_phage.fna.gz: the first 1 records are nucleotides" in run.stderr
    assert not (checkout / "results/small/annotation/reference.dmnd").exists()
