"""Every kind of input, and every kind of bad input: a message that names the file and the fix."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from glm.application.inputs import Failures, find_sources, read_sources
from glm.corpus.fasta import read_fasta
from glm.corpus.gene_calling import Calling, call_genes
from glm.corpus.genome_tables import Genome
from glm.corpus.genomes import read_genomes
from glm.errors import GlmError


def read(*paths: Path, calling: Calling | None = None) -> tuple[dict[str, Genome], dict[str, str]]:
    failures = Failures()
    genomes = {g.name: g for g in read_sources(find_sources(paths, calling), failures)}
    return genomes, failures.messages


@pytest.fixture(scope="module")
def sequence(phage: Path) -> str:
    [record] = read_fasta(phage)
    return record.sequence.decode()


def write_proteins(folder: Path, genome: Genome, name: str = "x") -> tuple[Path, Path]:
    """A genome as the published code takes it."""
    fasta, table = folder / f"{name}.faa", folder / f"{name}.tsv"
    fasta.write_text("".join(f">p{i} x\n{p.sequence}\n" for i, p in enumerate(genome.proteins)))
    listed = [f"{'+' if gene.forward else '-'}p{gene.protein}" for gene in genome.genes]
    table.write_text(f"one\t{';'.join(listed[:40])}\ntwo\t{';'.join(listed[40:])};\n")
    return fasta, table


def test_proteins_with_a_table_as_the_published_code_takes_them(
    tmp_path: Path, genome: Genome
) -> None:
    genomes, failed = read(*write_proteins(tmp_path, genome))
    assert not failed
    found = genomes["x"]
    assert not found.has_coordinates
    assert {name: len(genes) for name, genes in found.contigs().items()} == {"one": 40, "two": 22}
    sequences = [found.proteins[gene.protein].sequence for gene in found.genes]
    assert sequences == [genome.proteins[gene.protein].sequence for gene in genome.genes]
    assert [g.forward for g in found.genes] == [g.forward for g in genome.genes]


@pytest.mark.parametrize("as_folder", [False, True])
def test_the_published_example_under_its_own_names(
    tmp_path: Path, genome: Genome, as_folder: bool
) -> None:
    """test.fa and contig_to_prots.tsv, whose proteins are called as NCBI's translated_cds calls
    them; beside them are embeddings in a pickle."""
    names = [f"lcl|NC_000913.3_prot_NP_41454{n}.1_{n}" for n in range(len(genome.proteins))]
    records = zip(names, genome.proteins, strict=True)
    fasta, table = tmp_path / "test.fa", tmp_path / "contig_to_prots.tsv"
    fasta.write_text("".join(f">{n} [gene=thrL] [gbkey=CDS]\n{p.sequence}\n" for n, p in records))
    listed = [f"{'+' if g.forward else '-'}{names[g.protein]}" for g in genome.genes]
    table.write_text(f"contig_0\t{';'.join(listed[:30])}\ncontig_1\t{';'.join(listed[30:60])}")
    (tmp_path / "test.esm.embs.pkl").write_bytes(b"not looked at")
    genomes, failed = read(*([tmp_path] if as_folder else [fasta, table]))
    assert (list(genomes), failed) == (["test"], {})
    assert [gene.forward for gene in genomes["test"].genes] == [
        g.forward for g in genome.genes[:60]
    ]
    # with another FASTA nobody can say whose the table is
    (tmp_path / "more.fa").write_text(">a\nMKV\n")
    genomes, failed = read(*([tmp_path] if as_folder else [fasta, tmp_path / "more.fa", table]))
    assert not genomes
    assert as_folder or "called contig_to_prots.faa" in failed[str(table)]


def test_a_folder_is_all_its_genomes(tmp_path: Path, genome: Genome, sequence: str) -> None:
    write_proteins(tmp_path, genome)
    (tmp_path / "a.fna").write_text(f">c\n{sequence}\n")
    (tmp_path / "notes.md").write_text("not a genome")
    genomes, failed = read(tmp_path)
    assert (sorted(genomes), failed) == (["a", "x"], {})
    (tmp_path / "empty").mkdir()
    with pytest.raises(GlmError, match="no genome among the 0 files in this folder"):
        find_sources([tmp_path / "empty"])


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, phage: Path) -> None:
    (tmp_path / "bad.fna").write_text("")
    genomes, failed = read(tmp_path / "bad.fna", phage, tmp_path / "nowhere.gbk")
    assert list(genomes) == ["lambda_phage"]
    assert list(failed) == [str(tmp_path / "bad.fna"), str(tmp_path / "nowhere.gbk")]
    assert "empty, not a single record" in failed[str(tmp_path / "bad.fna")]
    assert "no such file" in failed[str(tmp_path / "nowhere.gbk")]


GENBANK_OF_CODE_X = b"""\
LOCUS       x                         12 bp    DNA     linear   BCT 01-JAN-2000
FEATURES             Location/Qualifiers
     CDS             1..12
                     /transl_table=x
ORIGIN
        1 atgaaaaaat aa
//
"""
GFF_OF_B = "b\t.\tCDS\t1\t9\t.\t+\t0\tID=1\n##FASTA\n>a\nATGTGGTAA\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.fna", b"", "x.fna: empty, not a single record"),
        ("x.fna", b">a\nMKVLEQ\n", "'L' is no nucleotide; a genome is wanted here, not proteins"),
        ("x.fna", b">a\nACGTACGTAC\n", "x.fna: no gene was found on its contigs"),
        ("x.fna", b">\xe9t\xe9\nACGT\n", "its name is not UTF-8; write it in ASCII or UTF-8"),
        ("x.fna.gz", gzip.compress(b">a\n" + b"ACGT" * 99, mtime=0)[:-12], "truncated or damaged"),
        ("x.fna.gz", b">a\nACGT\n", "not compressed, whatever its name says"),
        ("x.gff", GFF_OF_B.encode(), "line 1: CDS 1 of b: contig b has no sequence"),
        ("x.gff", b"\xff\t.\tCDS\n##FASTA\n>a\nACGT\n", "line 1: 3 columns, GFF has 9"),
        ("x.gff", b"##gff-version 3\n##FASTA\n>a\nACGT\n", "x.gff: no gene was found"),
        ("x.gbk", GENBANK_OF_CODE_X, "transl_table=x is no number"),
        ("x.gbk", b"LOCUS\n", "x.gbk: record contig_1: cut off"),
        ("x.faa", b">a\nMKV\n", "proteins alone do not tell which gene stands beside which"),
        ("x.tsv", b"c\t+a\n", "its proteins are missing; give their FASTA too, called x.faa"),
        ("x.doc", b"", "what format is '.doc'"),
        ("x.zip", b"PK\x03\x04", "x.zip: a zip archive; unpack it"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    genomes, failed = read(tmp_path / name)
    assert not genomes
    assert message in failed[str(tmp_path / name)]


@pytest.mark.parametrize(
    ("fasta", "table", "message"),
    [
        (">a\nATGAAACCC\n", "c\t+a\n", "x.faa: record a: these are nucleotides, not proteins"),
        (">a\nMKV\n>a\nMKL\n", "c\t+a\n", "x.faa: record a: this protein is listed twice"),
        (">a\nMKV\n", "c\t+b\n", "x.tsv: line 1: protein b is not in"),
        (">a\nMKV\n", "c\ta\n", "x.tsv: line 1: gene 'a': expected + or -"),
        (">a\nMKV\n", "c +a\n", "x.tsv: line 1: expected contig<TAB>"),
        (">a\nMKV\n", "c\t+a\nc\t-a\n", "x.tsv: line 2: contig c is listed twice"),
        (">a\nMKV\n", "\n", "x.tsv: empty, not a single contig"),
    ],
)
def test_bad_protein_tables_are_named(tmp_path: Path, fasta: str, table: str, message: str) -> None:
    (tmp_path / "x.faa").write_text(fasta)
    (tmp_path / "x.tsv").write_text(table)
    _, failed = read(tmp_path / "x.faa", tmp_path / "x.tsv")
    assert message in failed[str(tmp_path / "x.faa")]


def test_two_files_of_one_name_cannot_be_reported_apart(tmp_path: Path, sequence: str) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.fna").write_text(f">c\n{sequence}\n")
    genomes, failed = read(tmp_path / "a" / "x.fna", tmp_path / "b" / "x.fna")
    assert list(genomes) == ["x"]
    assert "has the name 'x' too; rename one" in failed[str(tmp_path / "b" / "x.fna")]


def test_contigs_of_one_name_in_two_files_are_reported(
    tmp_path: Path, sequence: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.fna").write_text(f">c\n{sequence}\n")
    genomes, failed = read(tmp_path / "x.fna", tmp_path / "y.fna")
    assert (list(genomes), failed) == (["x", "y"], {})
    assert "contig c is in x and in y: the column `genome` tells them apart" in caplog.text


def test_contigs_without_genes_are_left_out_and_reported(
    tmp_path: Path, sequence: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (tmp_path / "x.fna").write_text(f">c\n{sequence}\n>bare\nACGTTTACG\n")
    genomes, failed = read(tmp_path / "x.fna")
    assert not failed
    assert set(genomes["x"].contigs()) == {"c"}
    assert "x: left out: 1 contigs without genes (bare)" in caplog.text


def test_utf8_names_are_kept(tmp_path: Path, sequence: str) -> None:
    (tmp_path / "x.fna").write_text(f">génome_1 été\n{sequence}\n", encoding="utf-8")
    genomes, _ = read(tmp_path / "x.fna")
    assert set(genomes["x"].contigs()) == {"génome_1"}


def test_another_genetic_code_reads_through_its_stops(tmp_path: Path, sequence: str) -> None:
    """In code 4 TGA is tryptophan: genes of the phage that end in TGA go on."""
    called = {code: call_genes([sequence], Calling(code))[0] for code in (4, 11)}
    assert all("*" not in gene.protein for gene in called[4])
    assert sum(len(g.protein) for g in called[4]) != sum(len(g.protein) for g in called[11])
    path = tmp_path / "x.gff"
    path.write_text("a\t.\tCDS\t1\t12\t.\t+\t0\tID=1\n##FASTA\n>a\nATGTGAAAATAA\n")
    [genome] = read_genomes([path], Calling(4))
    assert genome.proteins[0].sequence == "MWK"
    [genome] = read_genomes([path], Calling(25))
    assert genome.proteins[0].sequence == "MGK"
    with pytest.raises(GlmError, match="residue"):
        list(read_genomes([path]))
    with pytest.raises(GlmError, match="genetic code 2: known are 4, 11, 25"):
        Calling(2)
    with pytest.raises(GlmError, match="no metagenomic models of genetic code 25"):
        call_genes([sequence], Calling(25))


def test_a_metagenome_trains_no_model_on_many_organisms(sequence: str) -> None:
    long = [sequence] * 3
    alone = call_genes([sequence])[0]
    assert call_genes(long, Calling(metagenome=True)) == [alone] * 3
    assert call_genes(long) != [alone] * 3
