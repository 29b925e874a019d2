from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.unit.corpus.small_release import DEMO

from glm import tables
from glm.corpus import genome_tables, refseq
from glm.errors import GlmError

NAME = "GCF_000005845.2_ASM584v2"
HEADER = (
    "# feature\tclass\tassembly\tassembly_unit\tseq_type\tchromosome\tgenomic_accession\tstart\tend"
    "\tstrand\tproduct_accession\tnon-redundant_refseq\trelated_accession\tname\tsymbol\tGeneID"
    "\tlocus_tag\tfeature_interval_length\tproduct_length\tattributes"
)


def row(start: object, end: object, strand: str, protein: str, locus: str, attributes: str = ""):
    place = f"\tGCF_1\tPrimary Assembly\tchromosome\t\tNC_1.1\t{start}\t{end}\t{strand}\t"
    return f"CDS\twith_protein{place}{protein}\t\t\tproduct\tthrL\t9\t{locus}\t66\t21\t{attributes}"


@pytest.fixture
def genome(tmp_path: Path):
    """A function that reads a genome of these rows and this FASTA."""

    def read(
        rows: list[str], fasta: str = ">NP_1.1 a\nMKV\n>NP_2.1 b\nMRR\n", header: str = HEADER
    ):
        table, proteins = tmp_path / "x_feature_table.txt.gz", tmp_path / "x_protein.faa.gz"
        with gzip.open(table, "wt") as handle:
            handle.write("\n".join([header, *rows]) + "\n")
        with gzip.open(proteins, "wt") as handle:
            handle.write(fasta)
        return refseq.read_genome(table, proteins)

    return read


def test_reads_the_demos_reference_genome(tmp_path: Path):
    folder = DEMO / "reference"
    genes, proteins = refseq.read_genome(
        folder / f"{NAME}_feature_table.txt.gz", folder / f"{NAME}_protein.faa.gz"
    )
    assert len(genes) == len(proteins) == 4314
    assert (genes[1].start, genes[1].end, genes[1].forward) == (337, 2799, True)  # thrA
    assert proteins[1].sequence.startswith("MRVLKFGGTSVANAERFLRVADILESNARQGQ")
    out = [tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "proteins")]
    counts = genome_tables.write_genomes(
        [genome_tables.Genome("Escherichia coli K-12 MG1655", genes, proteins)], *out, {}
    )
    found = {kind: count for kind, count in counts.items() if count}
    assert found == {"genomes": 1, "contigs": 1, "genes": 4314, "proteins": 4314}
    table = tables.read(out[0], tables.GENES)
    assert table["rank"].to_pylist() == list(range(4314))
    assert table["start"].to_pylist() == sorted(table["start"].to_pylist())


def test_a_protein_of_several_genes_is_listed_once(genome):
    genes, proteins = genome(
        [
            row(1, 9, "+", "NP_2.1", "b1"),
            "gene\tprotein_coding\tx",
            "CDS\twithout_protein\tx",
            row(11, 19, "-", "NP_1.1", "b2", "partial"),
            row(21, 29, "+", "NP_2.1", "b3"),
        ]
    )
    assert [gene.protein for gene in genes] == [0, 1, 0]
    assert [gene.partial for gene in genes] == ["00", None, "00"]
    assert [(p.accession, p.locus_tag, p.sequence) for p in proteins] == [
        ("NP_2.1", "b1", "MRR"),
        ("NP_1.1", "b2", "MKV"),
    ]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(1, 9, "?", "NP_1.1", "b1"), r"x_feature_table\.txt\.gz: line 2: b1: strand '\?'"),
        (row("", 9, "+", "NP_1.1", "b1"), "line 2: b1: no coordinates"),
        (row(9, 1, "+", "NP_1.1", "b1"), "line 2: b1: start 9 and end 1"),
        (row(1, 9, "+", "NP_9.1", "b1"), r"line 2: b1: protein NP_9\.1 is not in .*_protein\.faa"),
        ("gene\tprotein_coding\tx", "no CDS with a protein"),
    ],
)
def test_bad_rows_are_named(genome, bad: str, message: str):
    with pytest.raises(GlmError, match=message):
        genome([bad])


def test_a_duplicated_accession_and_another_table_are_refused(genome):
    with pytest.raises(GlmError, match=r"record NP_1\.1: accession stands there twice"):
        genome([row(1, 9, "+", "NP_1.1", "b1")], ">NP_1.1\nMK\n>NP_1.1\nMK\n")
    with pytest.raises(GlmError, match="no column 'strand'; not a RefSeq feature table"):
        genome([], header=HEADER.replace("strand", "direction"))
