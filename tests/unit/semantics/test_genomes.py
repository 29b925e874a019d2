from __future__ import annotations

import gzip
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from glm import tables
from glm.corpus.genome_tables import write_genomes
from glm.corpus.genomes import read_genomes
from glm.errors import GlmError
from glm.semantics import genomes
from glm.semantics.focal import FocalSet

ANNOTATED, BARE, UNKNOWN = "GCA_000000001.1", "GCA_000000002.1", "GCA_000000003.1"


class Service(BaseHTTPRequestHandler):
    """NCBI Datasets for two genomes: a zip as it comes, without a length, and 404 for the rest."""

    zips: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        accession = self.path.split("/")[2]
        self.asked.append(accession)
        if accession not in self.zips:
            self.send_error(404)
            return
        assert "include_annotation_type=GENOME_FASTA" in self.path
        self.send_response(200)
        self.send_header("Content-Type", "application/zip")
        self.end_headers()
        self.wfile.write(self.zips[accession])

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output clean."""


def packed(accession: str, files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("README.md", "NCBI")
        for name, content in files.items():
            made.writestr(f"ncbi_dataset/data/{accession}/{name}", content)
    return held.getvalue()


@pytest.fixture(scope="module")
def service(root: Path) -> Iterator[str]:
    """Phage lambda, once with two genes annotated and once without annotation."""
    fasta = gzip.decompress((root / "tests" / "data" / "lambda_phage.fna.gz").read_bytes())
    contig = fasta[1:].split()[0].decode()
    rows = [
        f"{contig}\tRefSeq\tCDS\t191\t736\t.\t+\t0\tID=c1;protein_id=P1;product=terminase small",
        f"{contig}\tRefSeq\tCDS\t711\t2636\t.\t+\t0\tID=c2;protein_id=P2;product=terminase large",
    ]
    gff = "\n".join(["##gff-version 3", *rows, ""]).encode()
    Service.zips = {
        ANNOTATED: packed(ANNOTATED, {"GCA_1_genomic.fna": fasta, "genomic.gff": gff}),
        BARE: packed(BARE, {"GCA_2_genomic.fna": fasta}),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/accession"
    server.shutdown()


@pytest.fixture(scope="module")
def folder(service: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The genomes fetched, their genes read or called."""
    made = tmp_path_factory.mktemp("mcra")
    fetched = genomes.fetch([ANNOTATED, UNKNOWN, BARE], made / "genomes", service)
    assert fetched.missing == [UNKNOWN]
    names = [made / f"{kind}.parquet" for kind in ("genes", "contigs", "proteins")]
    write_genomes(read_genomes(fetched.paths), *names, {"producer": "test"})
    return made


def test_genomes_come_with_and_without_annotation(folder: Path) -> None:
    names = sorted(path.name for path in (folder / "genomes").iterdir())
    assert names == [f"{ANNOTATED}.fna", f"{ANNOTATED}.gff", f"{BARE}.fna"]
    contigs = tables.read(folder / "contigs.parquet", tables.CONTIGS).to_pandas()
    genes = contigs.set_index("assembly")["genes"]
    assert genes[ANNOTATED] == 2
    assert genes[BARE] > 50  # called


def test_what_was_fetched_is_not_fetched_again(folder: Path, service: str) -> None:
    asked = len(Service.asked)
    genomes.fetch([ANNOTATED, BARE], folder / "genomes", service)
    assert len(Service.asked) == asked


def test_no_genome_at_all_is_an_error(service: str, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="none of 1 genomes; are the accessions right"):
        genomes.fetch([UNKNOWN], tmp_path, service)


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


def test_lists_of_accessions_are_checked(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("assembly\tgroup\nGCA_1.1\ta\nERZ5\tb\n")
    with pytest.raises(GlmError, match=r"list.tsv: line 3: 'ERZ5' is not an accession"):
        genomes.read_accessions(path)
    path.write_text("accession\nGCA_1.1\n")
    with pytest.raises(GlmError, match="no column 'assembly'"):
        genomes.read_accessions(path)
    shipped = root / "resources" / "semantics" / "mcra_genomes.tsv"
    assert len(genomes.read_accessions(shipped)) == 14
    assert set(pd.read_csv(shipped, sep="\t")["group"]) == {"ANME-1", "ANME-2", "methanogen"}
