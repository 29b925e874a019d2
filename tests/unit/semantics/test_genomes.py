from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from glm import tables
from glm.corpus.genome_tables import write_genomes
from glm.corpus.genomes import read_genomes
from glm.semantics import genomes
from glm.semantics.focal import FocalSet


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phage lambda, once with two genes annotated, and once with genes that are called."""
    made = tmp_path_factory.mktemp("mcra")
    fasta = gzip.decompress((root / "tests" / "data" / "lambda_phage.fna.gz").read_bytes())
    contig = fasta[1:].split()[0].decode()
    rows = [
        f"{contig}\tRefSeq\tCDS\t191\t736\t.\t+\t0\tID=c1;protein_id=P1;product=terminase small",
        f"{contig}\tRefSeq\tCDS\t711\t2636\t.\t+\t0\tID=c2;protein_id=P2;product=terminase large",
    ]
    paths = [made / name for name in ("annotated.fna", "annotated.gff", "bare.fna")]
    for path, content in zip(
        paths, (fasta, "\n".join(["##gff-version 3", *rows, ""]).encode(), fasta), strict=True
    ):
        path.write_bytes(content)
    names = [made / f"{kind}.parquet" for kind in ("genes", "contigs", "proteins")]
    write_genomes(read_genomes(paths), *names, {"producer": "test"})
    return made


def test_focal_genes_by_query_and_windows_around_them(
    folder: Path, tmp_path: Path, diamond: str
) -> None:
    """The large terminase of lambda: found in both genomes, with at most 3 genes on each side."""
    proteins = tables.read(folder / "proteins.parquet", tables.PROTEINS).to_pandas()
    query = proteins.set_index("accession")["sequence"]["P2"]
    (tmp_path / "query.faa").write_text(f">terminase\n{query}\n")
    sets = [FocalSet("terminase", queries=str(tmp_path / "query.faa"))]
    found = genomes.focal_proteins(
        sets, folder / "proteins.parquet", e_value=1e-5, coverage=0.7, threads=1
    )
    assert len(found) == 2
    genes = tables.read(folder / "genes.parquet", tables.GENES).to_pandas()
    genes = genes.sort_values(["contig", "rank"])
    windows = genomes.cut_windows(genes, found, each_side=3)
    few, many = windows.to_dict("records")
    assert (len(few["protein"]), few["rank"]) == (2, 1)  # the end of the annotation cuts it
    assert len(many["protein"]) == many["rank"] + 4 <= 7
    for row in (few, many):
        assert row["protein"][row["rank"]] in found["protein"].to_list()
        assert (np.diff(row["protein"]) == 1).all()
    made = genomes.representatives_of(windows, folder / "proteins.parquet")
    assert sorted(made["protein"]) == sorted({*few["protein"], *many["protein"]})
    assert made["length"].is_monotonic_increasing
    tables.write(made, tmp_path / "r.parquet", tables.REPRESENTATIVES, {})


def test_focal_genes_by_the_genomes_own_words(folder: Path) -> None:
    sets = [FocalSet("large", words=["terminase large"])]
    found = genomes.focal_proteins(sets, folder / "proteins.parquet")
    assert found["protein"].tolist() == [1]
