from __future__ import annotations

import gzip
import io
from pathlib import Path

import gb_io
import pytest
from tests.script import call
from tests.unit.corpus.small_release import DEMO, LAMBDA, read

from glm import tables
from glm.corpus import genome_tables, genomes
from glm.corpus.fasta import read_fasta
from glm.corpus.gene_calling import call_genes
from glm.corpus.genetic_code import translate
from glm.corpus.genomes import suffix_and_stem
from glm.errors import GlmError


@pytest.fixture(scope="module")
def phage(root: Path) -> Path:
    return root / "tests" / "data" / "lambda_phage.fna.gz"


@pytest.fixture(scope="module")
def sequence(phage: Path) -> str:
    [record] = read_fasta(phage)
    return record.sequence.decode()


def release_sequences(assembly: str) -> set[str]:
    wanted = {
        line.split("\t")[0]
        for shard in (1, 2)
        for line in read(DEMO / "release" / f"mgy_seq_metadata_{shard}.tsv.gz")
        if f"{assembly}." in line
    }
    lines = [line for n in (1, 2) for line in read(DEMO / "release" / f"mgy_proteins_{n}.fa.gz")]
    return {s for h, s in zip(lines[::2], lines[1::2], strict=True) if h[1:17] in wanted}


def annotated(sequence: str) -> list[tuple[int, int, bool, str]]:
    """Whole genes called on a contig: start, end, forward, protein."""
    [called] = call_genes([sequence])
    return [(g.start, g.end, g.forward, g.protein) for g in called if g.partial == "00"]


def gff_lines(sequence: str) -> list[str]:
    return [
        f"phage\tpyrodigal\tCDS\t{start}\t{end}\t.\t{'+' if forward else '-'}\t0\t"
        f"ID=cds{i};locus_tag=L{i};product=tail%3B fibre"
        for i, (start, end, forward, _) in enumerate(annotated(sequence))
    ]


def test_calls_the_phages_genes_as_the_demo_release_has_them(phage: Path):
    [genome] = genomes.read_genomes([str(phage)])
    assert genome.name == "lambda_phage"
    assert len(genome.genes) == 62
    assert {protein.sequence for protein in genome.proteins} == release_sequences(LAMBDA)
    assert genome.genes[0].contig in genome.proteins[0].accession


def test_gff_with_fasta_gives_the_proteins_that_were_called(
    tmp_path: Path, phage: Path, sequence: str
):
    (tmp_path / "phage.gff").write_text("##gff-version 3\n" + "\n".join(gff_lines(sequence)) + "\n")
    (tmp_path / "phage.fna").write_text(f">phage\n{sequence}\n")
    [genome] = genomes.read_genomes([tmp_path / "phage.fna", tmp_path / "phage.gff"])
    found = [
        (gene.start, gene.end, gene.forward, genome.proteins[gene.protein].sequence)
        for gene in genome.genes
    ]
    assert found == annotated(sequence)
    assert genome.proteins[0].product == "tail; fibre"


def test_gff_may_carry_its_sequence(tmp_path: Path, sequence: str):
    path = tmp_path / "phage.gff3.gz"
    with gzip.open(path, "wt") as handle:
        lines = ["##gff-version 3", *gff_lines(sequence), "##FASTA", ">phage x"]
        lines += [sequence[i : i + 60] for i in range(0, len(sequence), 60)]
        handle.write("\n".join(lines) + "\n")
    [genome] = genomes.read_genomes([path])
    assert [p.sequence for p in genome.proteins] == [g[3] for g in annotated(sequence)]


def genbank(sequence: str, with_translation: bool) -> bytes:
    features = []
    for i, (start, end, forward, protein) in enumerate(annotated(sequence)):
        location: gb_io.Location = gb_io.Range(start - 1, end)
        qualifiers = [gb_io.Qualifier("locus_tag", f"L{i}"), gb_io.Qualifier("gene", f"g{i}")]
        if with_translation:
            qualifiers.append(gb_io.Qualifier("translation", protein))
        location = location if forward else gb_io.Complement(location)
        features.append(gb_io.Feature("CDS", location, qualifiers))
    pseudo = [gb_io.Qualifier("locus_tag", "gone"), gb_io.Qualifier("pseudo", "")]
    features.append(gb_io.Feature("CDS", gb_io.Range(0, 30), pseudo))
    record = gb_io.Record(
        name="phage", accession="NC_1", version="NC_1.1", length=len(sequence),
        sequence=sequence.encode(), features=features,
    )  # fmt: skip
    out = io.BytesIO()
    gb_io.dump([record], out)
    return out.getvalue()


@pytest.mark.parametrize("with_translation", [True, False])
def test_genbank_gives_the_proteins_that_were_called(
    tmp_path: Path, sequence: str, with_translation: bool
):
    path = tmp_path / "phage.gbk"
    path.write_bytes(genbank(sequence, with_translation))
    [genome] = genomes.read_genomes([path])
    found = [
        (gene.start, gene.end, gene.forward, genome.proteins[gene.protein].sequence)
        for gene in genome.genes
    ]
    assert found == annotated(sequence)
    assert genome.genes[0].contig == "NC_1.1"
    assert (genome.proteins[0].symbol, genome.proteins[0].locus_tag) == ("g0", "L0")


def test_translation_follows_code_11():
    assert translate("GTGTGAAGN") == "M*X"
    assert translate("GTGGTG", partial_start=True) == "VV"
    assert translate("AGTGTG", frame=1) == "V"


def test_genomes_are_numbered_on(tmp_path: Path, phage: Path, sequence: str):
    (tmp_path / "other.fna").write_text(f">b\n{sequence[:20000]}\n>c\n{sequence[20000:]}\n")
    out = [tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "proteins")]
    both = genomes.read_genomes([phage, tmp_path / "other.fna"])
    counts = genome_tables.write_genomes(both, *out, {})
    assert counts["genomes"] == 2
    contigs = tables.read(out[1], tables.CONTIGS).to_pylist()
    assert [(c["contig"], c["assembly"], c["name"]) for c in contigs[1:]] == [
        (1, "other", "b"),
        (2, "other", "c"),
    ]
    proteins = tables.read(out[2], tables.PROTEINS)
    assert proteins["protein"].to_pylist() == list(range(counts["proteins"]))
    genes = tables.read(out[0], tables.GENES).to_pylist()
    first_of_b = next(gene for gene in genes if gene["contig"] == 1)
    assert proteins["accession"][first_of_b["protein"]].as_py() == "b_1"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.fna", ">a\nACGT\n>a\nACGT\n", "x.fna: record a: this contig is listed twice"),
        ("x.gbk", "", "x.gbk: empty, not a single record"),
        ("x.gbk", "what is this\n", "x.gbk: not a GenBank file"),
        ("x.gbk", "LOCUSTS   c1\n//\n", "x.gbk: not a GenBank file"),
        ("x.gff", "##gff-version 3\n", "x.gff: no sequence: list the FASTA of the same name"),
        ("x.gff", "a\t.\tCDS\t1\t9\t.\t+\t0\tID=1\n##FASTA\n>a\nATGTAATAA\n", "a stop .* inside"),
    ],
)
def test_bad_genomes_are_named(tmp_path: Path, name: str, text: str, message: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(GlmError, match=message):
        list(genomes.read_genomes([tmp_path / name]))


def test_two_genbank_records_of_one_name_are_refused(tmp_path: Path, sequence: str):
    path = tmp_path / "twice.gbk"
    path.write_bytes(genbank(sequence, True) * 2)
    with pytest.raises(GlmError, match=r"record NC_1\.1: this contig is listed twice"):
        list(genomes.read_genomes([path]))


def test_a_genome_that_cannot_be_read_does_not_cost_the_others(
    tmp_path: Path, phage: Path, caplog: pytest.LogCaptureFixture
):
    bad = {"short.fna": ">a\nACGTACGTACGT\n", "torn.gbk": "ID   X\n", "alone.gff": ""}
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    out = {name: tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "proteins")}
    (tmp_path / "folder").mkdir()
    files = [*(tmp_path / name for name in bad), tmp_path / "folder", phage]
    listed = [{"name": suffix_and_stem(path)[1], "biome": None, "files": [path]} for path in files]
    call("call_genes", genomes=files, listed=listed, **out)
    contigs = tables.read(out["contigs"], tables.CONTIGS)
    assert set(contigs["assembly"].to_pylist()) == {"lambda_phage"}
    assert "4 of 5 genomes left out" in caplog.text
    unreadable = tables.read_stamp(out["genes"])["parameters"]["unreadable"]
    assert list(unreadable) == [*bad, "folder"]
    assert "a folder; list the genomes in it" in unreadable["folder"]
    assert "short.fna: no gene was found" in unreadable["short.fna"]
    with pytest.raises(GlmError, match=r"none of the genomes .*short\.fna: no gene"):
        call("call_genes", genomes=files[:4], listed=listed[:4], **out)


def test_two_genomes_of_one_name_are_refused(tmp_path: Path, phage: Path):
    out = [tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "proteins")]
    with pytest.raises(GlmError, match="lambda_phage: two genomes have this name"):
        genome_tables.write_genomes(genomes.read_genomes([phage, phage]), *out, {})
    with pytest.raises(GlmError, match="no genome was given"):
        genome_tables.write_genomes([], *out, {})
