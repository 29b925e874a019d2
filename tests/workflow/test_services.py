"""The rules that ask services of the internet, run by snakemake against a server of the test.

What it serves is real: genes of E. coli DH1 and of S. aureus N315, written back into DNA and laid
out as NCBI Datasets does, IF-1 in the middle of each genome; proteins as UniProt gives them
(tests/uniprot.py); the demo's reference set.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlparse

import numpy as np
import pytest
from tests.captions import caption_of
from tests.conftest import ROOT, require
from tests.random_model import write_model
from tests.servers import LocalServer, QuietHandler
from tests.uniprot import UniProt
from tests.unit.corpus.small_release import DEMO
from tests.workflow.small_run import (
    ESCHERICHIA_DH1,
    STAPHYLOCOCCUS_N315,
    genes_of,
    make_checkout,
    sequences,
    snakemake,
    write_metagenomes,
)
from tests.workflow.test_operons import write_genome

from glm import tables

# One codon of each amino acid, as E. coli likes them.
RESIDUES = "ARNDCQEGHILKMFPSTWYVX"
CODONS = "GCG CGT AAC GAT TGC CAG GAA GGC CAT ATT CTG AAA ATG TTT CCG AGC ACC TGG TAT GTG NNN"
CODON = dict(zip(RESIDUES, CODONS.split(), strict=True))
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
SPACER = "TTAGGAGGTTAA"  # what a gene caller takes for the place where a ribosome binds
QUERY = (DEMO / "queries/if1.faa").read_text()
IF1 = "".join(QUERY.splitlines()[1:])
GENES, MIDDLE, EACH_SIDE = 34, 17, 14
GENOMES = {  # accession: group, assembly whose genes it has, the first of them, annotated?
    "GCF_000000001.1": ("gut", ESCHERICHIA_DH1, 300, True),
    "GCF_000000002.1": ("gut", ESCHERICHIA_DH1, 700, True),
    "GCF_000000003.1": ("gut", ESCHERICHIA_DH1, 1100, False),
    "GCF_000000004.1": ("skin", STAPHYLOCOCCUS_N315, 300, True),
    "GCF_000000005.1": ("skin", STAPHYLOCOCCUS_N315, 700, True),
    "GCF_000000006.1": ("skin", STAPHYLOCOCCUS_N315, 1100, True),
}
LACKED, LONELY = "GCF_000000007.1", "GCF_000000008.1"  # no such genome; one without the gene
PAIRS = [(f"P{number:05d}", f"Q{number:05d}") for number in range(3)]


def packed(accession: str, assembly: str, first: int, annotated: bool, focal: bool) -> bytes:
    """A genome of one contig as NCBI Datasets gives it."""
    proteins = [sequences()[protein] for protein, _ in genes_of(assembly)[first : first + GENES]]
    strands = [forward for _, forward in genes_of(assembly)[first : first + GENES]]
    if focal:
        proteins[MIDDLE] = IF1
    contig, rows = SPACER, ["##gff-version 3"]
    for number, (protein, forward) in enumerate(zip(proteins, strands, strict=True)):
        gene = "".join(CODON[residue] for residue in "M" + protein[1:]) + "TAA"
        begin = len(contig) + 1
        contig += gene if forward else gene[::-1].translate(COMPLEMENT)
        rows.append(
            f"NC_1\tRefSeq\tCDS\t{begin}\t{len(contig)}\t.\t{'+' if forward else '-'}\t0\t"
            f"ID=c{number};protein_id={accession}_{number};product=gene {number}"
        )
        contig += SPACER if forward else SPACER[::-1].translate(COMPLEMENT)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        folder = f"ncbi_dataset/data/{accession}"
        made.writestr("README.md", "NCBI Datasets")
        made.writestr("ncbi_dataset/data/dataset_catalog.json", "{}")
        made.writestr(f"{folder}/{accession}_ASM1v1_genomic.fna", f">NC_1 contig\n{contig}\n")
        if annotated:
            made.writestr(f"{folder}/genomic.gff", "\n".join([*rows, ""]))
    return held.getvalue()


class Services(QuietHandler):
    """NCBI Datasets and a folder of files; 404 for what they do not have."""

    genomes: ClassVar[dict[str, bytes]] = {}

    def respond(self) -> None:
        address = urlparse(self.path)
        service, _, name = address.path.strip("/").partition("/")
        if service == "datasets":
            content = self.genomes.get(name.split("/")[0])
        else:
            content = (DEMO / name).read_bytes() if (DEMO / name).is_file() else None
        self.answer(404 if content is None else 200, content or b"")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The services on this machine."""
    Services.genomes = {
        accession: packed(accession, assembly, first, annotated, focal=True)
        for accession, (_, assembly, first, annotated) in GENOMES.items()
    }
    Services.genomes[LONELY] = packed(LONELY, STAPHYLOCOCCUS_N315, 1500, True, focal=False)
    with LocalServer(Services) as server:
        yield server.url


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout with results of its own."""
    return make_checkout(root, tmp_path)


def write_list(path: Path) -> Path:
    """The table of genomes of an entry."""
    groups = {accession: group for accession, (group, *_) in GENOMES.items()}
    groups |= {LACKED: "gut", LONELY: "skin"}
    rows = "".join(f"{accession}\t{group}\n" for accession, group in groups.items())
    path.write_text(f"assembly\tgroup\n{rows}")
    return path


def test_focal_genes_in_genomes_of_ncbi(checkout: Path, address: str) -> None:
    """From accessions to the figure: one protein, told apart by its neighbours."""
    require("diamond")
    run = checkout / "results/small"
    protein_model_size = 192
    random = np.random.default_rng(0).normal(size=(200, protein_model_size))
    write_model(run, random.astype(np.float32))
    entry = {
        "name": "if1_by_host", "title": "IF-1", "group_by": "assembly",
        "genomes": "genomes.tsv", "groups": "genomes.tsv", "genes_each_side": EACH_SIDE,
        "sets": [{"name": "IF-1", "queries": f"{address}/file/queries/if1.faa"}],
    }  # fmt: skip
    write_list(checkout / "genomes.tsv")
    done = snakemake(
        checkout,
        ["results/small/semantics/if1_by_host/if1_by_host.png"],
        [
            "download_file", "download_focal_genomes", "extract_focal_windows",
            "download_protein_model", "embed_proteins", "build_embedding_store",
            "analyse_semantics",
        ],
        semantics={"datasets": f"{address}/datasets", "entries": [entry], "minimum_group": 2,
                   "neighbours": 2, "bootstrap_rounds": 100, "permutations": 19, "seeds": 2},
        embedding={"model": "resources/demo/protein_model"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    folder = run / "semantics/if1_by_host"
    genes = tables.read(folder / "focal_genes.parquet", tables.FOCAL_GENES).to_pandas()
    assert sorted(genes["assembly"]) == sorted(GENOMES)
    windows = tables.read(run / "if1_by_host/subcontigs.parquet", tables.SUBCONTIGS).to_pandas()
    assert windows["protein"].str.len().max() == 2 * EACH_SIDE + 1
    found = tables.read(folder / "separation.parquet", tables.SEPARATION).to_pandas()
    value = found.set_index(["representation", "measure"])["value"]
    assert value["mean of neighbours", "adjusted Rand index"] == 1
    assert value["context-free", "silhouette"] == pytest.approx(0, abs=1e-6)  # one protein
    assert value["contextualised", "silhouette"] > 0.01  # of a gLM of random weights
    said = caption_of(folder / "if1_by_host.png")
    assert "n = 6 genes of 6 genomes" in said
    assert said.endswith(
        "Left out: 1 genome that the service does not give, 1 genome without such a gene."
    )


def test_real_genes_get_their_names_from_a_reference_set_of_the_internet(
    checkout: Path, address: str
) -> None:
    """60 genes of E. coli, then 60 of S. aureus, whose genus is in the reference."""
    require("diamond")
    folder = checkout / "results/small/metagenomes"
    write_metagenomes(folder, windows=2)
    target = "results/small/metagenomes/annotations.parquet"
    done = snakemake(
        checkout,
        [target],
        ["download_file", "build_annotation_database", "annotate_proteins",
         "summarise_annotations"],
        annotation={"reference": f"{address}/file/annotation/reference.faa.gz", "shards": 2},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found = tables.read(checkout / target, tables.ANNOTATIONS).to_pandas()
    assert found["representative"].tolist() == list(range(120))
    assert found["annotated"][60:].mean() > 2 / 3
    assert found["annotated"][:60].mean() < 1 / 2
    assert found["product"][60:].str.contains("ribosom|transport|synthase|kinase").any()
    path = folder / "annotation_shares.parquet"
    shares = tables.read(path, tables.ANNOTATION_SHARES).to_pandas().set_index("reason")
    assert shares.loc["annotated", "proteins"] == found["annotated"].sum()


def test_pairs_of_uniprot(checkout: Path) -> None:
    """Of the last pair UniProtKB has dropped one protein, which UniParc has."""
    (checkout / "pairs.txt").write_text("".join(f"{a}\t{c}\n" for a, c in PAIRS))
    names = [name for pair in PAIRS for name in pair]
    found = [sequences()[protein] for protein, _ in genes_of(ESCHERICHIA_DH1)]
    proteins = dict(zip(names, found, strict=False))
    target = "results/small/paralogs/candidates.parquet"
    with UniProt() as service:
        service.sequences = dict(list(proteins.items())[:-1])
        service.archive = [(f"{names[-1]}.1; A0A009IHW8.1", proteins[names[-1]])]
        done = snakemake(
            checkout, [target], ["fetch_paralogs"],
            paralogs={"source": "uniprot", "uniprot": f"{service.url}/uniprotkb/accessions",
                      "pairs": "pairs.txt"},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    table = tables.read(checkout / target, tables.PARALOG_CANDIDATES).to_pandas()
    assert list(zip(table["a"], table["c"], strict=True)) == PAIRS
    assert table["a_sequence"].tolist() == [proteins[a] for a, _ in PAIRS]
    assert table["c_sequence"].tolist() == [proteins[c] for _, c in PAIRS]
    counted = tables.read_stamp(checkout / target)["parameters"]
    assert (counted["of_uniparc"], counted["missing"]) == (1, 0)


def test_an_operon_list_by_address(checkout: Path) -> None:
    """In the form of the published gLM's file, of a release with another gene: by place."""
    write_genome(ROOT, checkout / "results/small/reference", 0, "K-12")
    rows = [(f"gen{n}", f"op{n // 3}" if n % 7 else "None") for n in range(500)]
    rows.insert(100, ("gone", "op33"))
    rows[200] = ("renamed", rows[200][1])
    lines = [f"{n}\t{gene}\tprotein\t{operon}\tNone\n" for n, (gene, operon) in enumerate(rows, 1)]
    (checkout / "operon.annot").write_text("".join(lines))
    folder = checkout / "results/small/operons/reference"
    done = snakemake(
        checkout, ["results/small/operons/reference/mapping.parquet"],
        ["download_file", "label_operons"],
        operons={"source": (checkout / "operon.annot").as_uri()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    about = tables.read_stamp(folder / "pairs.parquet")
    assert about["parameters"]["labels"] == "the published gLM's operons"
    assert "results/small/operons/reference/list/manifest.parquet" in about["inputs"]
    found = tables.read(folder / "mapping.parquet", tables.OPERON_MAPPING).to_pandas()
    assert found["how"].value_counts().to_dict() == {"place": len(found) - 1, "unmapped": 1}
    of = found.set_index("gene")["protein"]
    assert (of["gen99"], of["gen100"], of["renamed"]) == (99, 100, 199)


def test_windows_that_the_model_cannot_read_are_refused_before_the_first_job(
    checkout: Path,
) -> None:
    entry = {
        "name": "wide", "title": "Wide", "group_by": "assembly", "genes_each_side": 15,
        "genomes": "genomes.tsv", "groups": "genomes.tsv",
        "sets": [{"name": "IF-1", "queries": "resources/demo/queries/if1.faa"}],
    }  # fmt: skip
    write_list(checkout / "genomes.tsv")
    for target, message in (
        (
            "semantics/wide/wide.png",
            "semantics.entries, wide, genes_each_side makes windows of 31 genes",
        ),
        ("taxonomy/results.parquet", "taxonomy.genes makes windows of 40 genes"),
    ):
        done = snakemake(
            checkout, [f"results/small/{target}"], [],
            semantics={"entries": [entry]}, taxonomy={"genes": 40},
        )  # fmt: skip
        assert done.returncode != 0
        assert f"{message}, glm.maximum_distance is 30" in done.stderr
    assert not (checkout / "results").exists()
