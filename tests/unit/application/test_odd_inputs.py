"""Folders, FASTA files and names as the world has them, each in its documented form.

The folders' files are those of NCBI's README of its FTP site for genomes, of the archives of NCBI
Datasets, of PGAP's wiki page on its output files, and of the tables of output files in the READMEs
of Prokka and Bakta.
"""

from __future__ import annotations

import gzip
import io
import json
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from Bio import SeqIO
from tests.unit.application.test_cli import glm
from tests.unit.application.test_inputs import read

from glm import tables
from glm.application.inputs import find_sources
from glm.corpus.fasta import read_fasta
from glm.corpus.gene_calling import CalledGene, call_genes
from glm.corpus.genome_tables import Genome, write_genomes
from glm.corpus.genomes import read_genomes
from glm.errors import GlmError

CONTIG = "NC_000001.1"
BASES = 9000
PROKKA_TABLE = "locus_tag\tftype\tlength_bp\tgene\tEC_number\tCOG\tproduct\nL_1\tCDS\t9\t\t\t\tx\n"
FORMATS = {
    "GenBank": {".gbff", ".gbk"},
    "EMBL": {".embl"},
    "GFF": {".gff", ".gff3"},
    "FASTA": {".fna"},
}
"""In the order in which they are preferred."""
BAKTA_TABLE = "# Annotated with Bakta\n#Sequence Id\tType\tStart\tStop\tStrand\tLocus Tag\n"


@pytest.fixture(scope="module")
def sequence(phage: Path) -> str:
    """The first genes of the phage."""
    [record] = read_fasta(phage)
    return record.sequence.decode()[:BASES]


@pytest.fixture(scope="module")
def genes(sequence: str) -> list[CalledGene]:
    """Those that are whole; all lie on the forward strand."""
    return [gene for gene in call_genes([sequence])[0] if gene.partial == "00" and gene.forward]


def fasta(records: Iterable[tuple[str, str]]) -> str:
    return "".join(f">{name}\n{textwrap.fill(sequence, 80)}\n" for name, sequence in records)


def gff(genes: Iterable[CalledGene], sequence: str = "") -> str:
    """A GFF3 as RefSeq's; with the sequence at its end as Prokka and Bakta write it."""
    lines = ["##gff-version 3", f"##sequence-region {CONTIG} 1 {BASES}"]
    lines += [
        f"{CONTIG}\tRefSeq\tCDS\t{gene.start}\t{gene.end}\t.\t+\t0\tID=cds-{i};locus_tag=L_{i}"
        for i, gene in enumerate(genes)
    ]
    return "\n".join(lines) + ("\n##FASTA\n" + fasta([(CONTIG, sequence)]) if sequence else "\n")


def genbank(
    genes: Iterable[CalledGene], sequence: str, protein_ids: Iterable[str] = (), extra: str = ""
) -> str:
    """A GenBank flat file: the columns are those of the release notes of GenBank."""
    text = (
        f"LOCUS       NC_000001               {BASES} bp    DNA     linear   PHG 01-JAN-2020\n"
        f"DEFINITION  made up.\nACCESSION   NC_000001\nVERSION     {CONTIG}\n"
        "FEATURES             Location/Qualifiers\n"
        f"     source          1..{BASES}\n"
    )
    ids = iter(protein_ids)
    for i, gene in enumerate(genes):
        qualifiers = [f'/locus_tag="L_{i}"', f'/translation="{gene.protein}"']
        if protein_id := next(ids, None):
            qualifiers.insert(1, f'/protein_id="{protein_id}"')
        text += f"     CDS             {gene.start}..{gene.end}\n"
        for qualifier in qualifiers:
            text += textwrap.fill(qualifier, 79, initial_indent=" " * 21,
                                  subsequent_indent=" " * 21) + "\n"  # fmt: skip
    text += extra + "ORIGIN\n"
    for place in range(0, BASES, 60):
        blocks = [sequence[i : i + 10].lower() for i in range(place, place + 60, 10)]
        text += f"{place + 1:>9} {' '.join(blocks).rstrip()}\n"
    return text + "//\n"


def write(folder: Path, files: dict[str, str]) -> None:
    """Files of a folder; those whose names end in .gz are compressed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


@pytest.fixture
def forms(sequence: str, genes: list[CalledGene]) -> dict[str, str]:
    """One genome in the formats that folders have it in."""
    nucleotides = [
        (f"lcl|{i}", sequence[gene.start - 1 : gene.end]) for i, gene in enumerate(genes)
    ]
    embl = io.StringIO()
    SeqIO.convert(io.StringIO(genbank(genes, sequence)), "genbank", embl, "embl")
    return {
        "embl": embl.getvalue(),
        "fna": fasta([(CONTIG, sequence)]),
        "gff": gff(genes),
        "gff with sequence": gff(genes, sequence),
        "genbank": genbank(genes, sequence),
        "ffn": fasta(nucleotides),
        "faa": fasta((f"L_{i}", gene.protein) for i, gene in enumerate(genes)),
    }


def ncbi_ftp(forms: dict[str, str], prefix: str) -> dict[str, str]:
    chromosome = f"{prefix}_assembly_structure/Primary_Assembly/assembled_chromosomes/FASTA/chr.fna"
    return {
        f"{prefix}_genomic.gbff.gz": forms["genbank"],
        f"{prefix}_genomic.gff.gz": forms["gff"],
        f"{prefix}_genomic.gtf.gz": "#gtf-version 2.2\n",
        f"{prefix}_genomic.fna.gz": forms["fna"],
        f"{prefix}_cds_from_genomic.fna.gz": forms["ffn"],
        f"{prefix}_rna_from_genomic.fna.gz": forms["ffn"],
        f"{prefix}_protein.faa.gz": forms["faa"],
        f"{prefix}_translated_cds.faa.gz": forms["faa"],
        f"{prefix}_wgsmaster.gbff.gz": "LOCUS       NZ_AAAA01000000\n//\n",
        f"{prefix}_feature_table.txt.gz": "# feature\tclass\tassembly\n",
        f"{prefix}_assembly_report.txt": "# Assembly name:  ASM1v1\n",
        f"{prefix}_assembly_stats.txt": "# Assembly Statistics Report\n",
        f"{chromosome}.gz": forms["fna"],
        "annotation_hashes.txt": "# Assembly accession\tDescriptors hash\n",
        "assembly_status.txt": "status=latest\n",
        "md5checksums.txt": f"{'0' * 32}  ./{prefix}_genomic.fna.gz\n",
        "README.txt": "NCBI\n",
    }


def pgap(forms: dict[str, str], prefix: str) -> dict[str, str]:
    files = {
        ".gbk": "genbank", ".gff": "gff", "_with_genomic_fasta.gff": "gff with sequence",
        ".fna": "fna", ".faa": "faa", "_cds_from_genomic.fna": "ffn", "_translated_cds.faa": "faa",
    }  # fmt: skip
    written = {f"{prefix}{end}": forms[form] for end, form in files.items()}
    return {**written, f"{prefix}.sqn": "x\n", "ani-tax-report.txt": "x\n", "calls.tab": "a\t+\n"}


def prokka(forms: dict[str, str], prefix: str) -> dict[str, str]:
    files = {
        "gff": "gff with sequence", "gbk": "genbank", "fna": "fna", "fsa": "fna", "ffn": "ffn",
        "faa": "faa",
    }  # fmt: skip
    logs = dict.fromkeys((f"{prefix}.{end}" for end in ("txt", "sqn", "tbl", "err", "log")), "x\n")
    written = {f"{prefix}.{end}": forms[form] for end, form in files.items()}
    return {**written, **logs, f"{prefix}.tsv": PROKKA_TABLE}


def bakta(forms: dict[str, str], prefix: str) -> dict[str, str]:
    files = {
        "gff3": "gff with sequence", "gbff": "genbank", "fna": "fna", "ffn": "ffn", "faa": "faa",
        "hypotheticals.faa": "faa", "embl": "embl",
    }  # fmt: skip
    rest = {f"{prefix}.{end}": "x\n" for end in ("txt", "json", "log", "png")}
    written = {f"{prefix}.{end}": forms[form] for end, form in files.items()}
    tables = (f"{prefix}.{end}" for end in ("tsv", "hypotheticals.tsv", "inference.tsv"))
    return {**written, **rest, **dict.fromkeys(tables, BAKTA_TABLE)}


@pytest.mark.parametrize(
    ("files_of", "prefix"),
    [
        (ncbi_ftp, "GCF_000001.1_ASM1v1"),
        (pgap, "annot"),
        (prokka, "PROKKA_11262026"),
        (bakta, "bin.1"),
    ],
)
def test_a_folder_of_one_genome_is_its_annotation(
    tmp_path: Path, forms: dict[str, str], genes: list[CalledGene],
    files_of: Callable[[dict[str, str], str], dict[str, str]], prefix: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level("INFO")
    write(tmp_path, files_of(forms, prefix))
    (tmp_path / ".hidden.fna").write_text("what macOS leaves")
    for kind, endings in FORMATS.items():
        if not any(endings & set(path.suffixes) for path in tmp_path.iterdir()):
            continue
        genomes, failed = read(tmp_path)
        assert failed == {}
        [genome] = genomes.values()
        assert genome.name.removesuffix("_genomic") == prefix
        starts = [gene.start for gene in genome.genes if gene.partial == "00"]
        assert starts == [gene.start for gene in genes]
        assert f"1 genome (1 {kind}) among" in caplog.text
        caplog.clear()
        for path in tmp_path.iterdir():
            if endings & set(path.suffixes):
                path.unlink()


def test_an_archive_of_ncbi_datasets_is_named_by_its_accessions(
    tmp_path: Path, forms: dict[str, str]
) -> None:
    data = tmp_path / "ncbi_dataset" / "data"
    for accession, formats in (
        ("GCF_000000001.1", ["genomic.gff"]),
        ("GCF_000000002.1", ["genomic.gff", "genomic.gbff"]),
        ("GCA_000000003.2", []),
    ):
        files = {f"{accession}_ASM1v1_genomic.fna": forms["fna"], "protein.faa": forms["faa"]}
        files |= {"cds_from_genomic.fna": forms["ffn"], "rna.fna": forms["ffn"]}
        contents = {"genomic.gff": forms["gff"], "genomic.gbff": forms["genbank"]}
        write(data / accession, files | {name: contents[name] for name in formats})
    write(data, {"assembly_data_report.jsonl": "{}\n", "dataset_catalog.json": "{}\n"})
    write(tmp_path, {"README.md": "# NCBI Datasets\n", "md5sum.txt": "0  README.md\n"})
    genomes, failed = read(tmp_path)
    assert failed == {}
    assert sorted(genomes) == ["GCA_000000003.2", "GCF_000000001.1", "GCF_000000002.1"]
    assert genomes["GCF_000000001.1"].proteins[0].locus_tag == "L_0"
    assert genomes["GCA_000000003.2"].proteins[0].locus_tag is None
    folder = data / "GCF_000000001.1"
    listed, _ = read(folder / "genomic.gff", folder / "GCF_000000001.1_ASM1v1_genomic.fna")
    assert list(listed) == ["GCF_000000001.1"]


def test_a_gff_finds_its_fasta_in_another_folder(tmp_path: Path, forms: dict[str, str]) -> None:
    write(tmp_path, {"gff/a.gff": forms["gff"], "fna/a.fna": forms["fna"]})
    for folders in ([tmp_path], [tmp_path / "gff", tmp_path / "fna"]):
        genomes, failed = read(*folders)
        assert (list(genomes), failed) == (["a"], {})
        assert genomes["a"].proteins[0].locus_tag == "L_0"


def test_a_file_that_cannot_be_read_leaves_its_place_to_the_next(
    tmp_path: Path, forms: dict[str, str]
) -> None:
    write(tmp_path, {"a.gbk": "", "a.gff": forms["gff"], "a.fna": forms["fna"]})
    genomes, failed = read(tmp_path)
    assert genomes["a"].proteins[0].locus_tag == "L_0"
    assert list(failed) == [str(tmp_path / "a.gbk")]
    genomes, failed = read(tmp_path / "a.gbk", tmp_path / "a.fna")  # so where they are listed
    assert list(genomes) == ["a"]
    assert list(failed) == [str(tmp_path / "a.gbk")]


@pytest.mark.parametrize("files_of", [prokka, pgap])
def test_genomes_that_nobody_named_are_called_by_their_folders(
    tmp_path: Path,
    forms: dict[str, str],
    files_of: Callable[[dict[str, str], str], dict[str, str]],
) -> None:
    name = "annot" if files_of is pgap else "PROKKA_11262026"
    for folder in ("one", "two"):
        write(tmp_path / folder, files_of(forms, name))
    for folders in ([tmp_path], [tmp_path / "one", tmp_path / "two"]):
        genomes, failed = read(*folders)
        assert (list(genomes), failed) == (["one", "two"], {})
        assert {genome.proteins[0].locus_tag for genome in genomes.values()} == {"L_0"}
    assert list(read(tmp_path / "one")[0]) == [name]


def test_two_genomes_of_one_name_in_a_folder_are_explained(
    tmp_path: Path, forms: dict[str, str]
) -> None:
    write(tmp_path, {"one/bin.1.fa": forms["fna"], "two/bin.1.fa": forms["fna"]})
    genomes, failed = read(tmp_path)
    assert list(genomes) == ["bin.1"]
    [reason] = failed.values()
    assert "one/bin.1.fa has the name 'bin.1' too; rename one" in reason


def test_a_folder_is_not_read_twice(tmp_path: Path, forms: dict[str, str]) -> None:
    write(tmp_path, {"in/a.fna": forms["fna"]})
    (tmp_path / "in" / "back").symlink_to(tmp_path)
    assert len(find_sources([tmp_path, tmp_path / "in", tmp_path / "in" / "a.fna"])) == 1


def test_tables_are_known_by_their_form(tmp_path: Path, forms: dict[str, str]) -> None:
    """CheckM's table beside a bin is none of genes; the published code's is."""
    write(tmp_path, {"bin.1.fna": forms["fna"], "bin.1.tsv": "bin\tcompleteness\nbin.1\t98.2\n"})
    write(tmp_path, {"p.faa": forms["faa"], "p.tsv": "\nc\t+L_0;-L_1\n", "lost.tsv": "c\t+a\n"})
    genomes, failed = read(tmp_path)
    assert sorted(genomes) == ["bin.1", "p"]
    assert (genomes["bin.1"].has_coordinates, genomes["p"].has_coordinates) == (True, False)
    [reason] = failed.values()
    assert "lost.tsv: its proteins are missing" in reason


def test_a_folder_without_a_genome_is_refused(tmp_path: Path, forms: dict[str, str]) -> None:
    write(tmp_path, {"a_cds_from_genomic.fna": forms["ffn"], "a.faa": forms["faa"]})
    write(tmp_path, {"a.genes.fna": forms["ffn"]})
    with pytest.raises(GlmError, match="no genome among the 3 files in this folder and below it"):
        find_sources([tmp_path])
    _, failed = read(tmp_path / "a.ffn")
    assert "a.ffn: genes' nucleotides, not a genome; give its contigs" in str(failed)


def bgzip(text: str, size: int) -> bytes:
    """As bgzip writes: many members in one file, which also end between lines' ends."""
    blocks = (text[i : i + size] for i in range(0, len(text), size))
    return b"".join(gzip.compress(block.encode()) for block in blocks)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.FNA.GZ", lambda text: gzip.compress(text.encode())),
        ("a.fna.bgz", lambda text: bgzip(text, 4000)),
        ("a.fsa", lambda text: text.replace("1.1\n", "1.1 [gcode=11]\n").encode()),
        ("a.fna", lambda text: text.encode("utf-8-sig")),
        ("a.fna", lambda text: text.replace(">", "> ").encode()),
        ("a.fna", lambda text: text.replace("\n", "\r").encode()),
        ("a.fna", lambda text: text.replace("\n", "\r\n").encode()),
        ("a.fna", lambda text: text.replace("1.1\n", "1.1\tlength=9000\n").encode()),
        ("a.fna", lambda text: text.lower().replace(">nc", ">NC").replace("t", "u").encode()),
    ],
)  # fmt: skip
def test_a_fasta_is_read_as_it_is_found(
    tmp_path: Path, forms: dict[str, str], name: str, form: Callable[[str], bytes]
) -> None:
    write(tmp_path, {"plain.fna": forms["fna"]})
    (tmp_path / name).write_bytes(form(forms["fna"]))
    [plain, found] = read_genomes([tmp_path / "plain.fna", tmp_path / name])
    assert found.name == "a"
    assert (found.genes, found.proteins) == (plain.genes, plain.proteins)
    assert found.genes[0].contig == CONTIG


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (lambda text: gzip.compress(text.encode()), "compressed by gzip, .*; add .gz to its name"),
        (lambda text: text.encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    ],
)
def test_what_a_fasta_is_instead_is_said(
    tmp_path: Path, forms: dict[str, str], form: Callable[[str], bytes], message: str
) -> None:
    (tmp_path / "a.fna").write_bytes(form(forms["fna"]))
    with pytest.raises(GlmError, match=f"a.fna: {message}"):
        list(read_genomes([tmp_path / "a.fna"]))


def test_unknown_nucleotides_train_no_model(phage: Path) -> None:
    """100 kb of which half are N are read with the metagenomic models, as the half alone is."""
    [record] = read_fasta(phage)
    alone = call_genes([record.sequence.decode()])
    gaps = call_genes([record.sequence.decode(), "N" * 60_000])
    assert gaps == [*alone, []]


@pytest.mark.parametrize("length", [100, 201, 60_000])
def test_a_gap_within_a_contig_chooses_no_other_model(sequence: str, length: int) -> None:
    [alone] = call_genes([sequence])
    [called] = call_genes([sequence + "N" * length + sequence])
    shift = len(sequence) + length
    behind = [gene._replace(start=gene.start + shift, end=gene.end + shift) for gene in alone]
    assert called == [*alone, *behind]


def test_no_gene_runs_across_a_gap(sequence: str, genes: list[CalledGene]) -> None:
    longest = max(genes, key=lambda gene: len(gene.protein))
    middle = (longest.start + longest.end) // 2
    gap = range(middle - 150, middle + 150)
    [called] = call_genes([sequence[: gap.start] + "N" * len(gap) + sequence[gap.stop :]])
    assert not any(gene.start <= gap.start and gene.end >= gap.stop for gene in called)
    assert not any("X" * 20 in gene.protein for gene in called)


def mostly_unknown(sequence: str, gene: CalledGene) -> str:
    """The contig with N in three of five codons of a gene, its ends apart."""
    bases = list(sequence)
    for codon, place in enumerate(range(gene.start + 29, gene.end - 30, 3)):
        if codon % 5 < 3:
            bases[place + 2] = "N"
    return "".join(bases)


def test_what_was_left_out_is_in_the_summary(
    tmp_path: Path, sequence: str, genes: list[CalledGene], model_directory: Path
) -> None:
    """Pseudogenes, genes that are mostly N, contigs without genes; each genome's and all."""
    longest = max(genes, key=lambda gene: len(gene.protein))
    pseudo = f'     CDS             1..30\n{" " * 21}/pseudo\n{" " * 21}/locus_tag="P"\n'
    records = [("c", mostly_unknown(sequence, longest)), ("bare", "ACGT")]
    write(tmp_path, {"a.gbk": genbank(genes, sequence, extra=pseudo), "b.fna": fasta(records)})
    arguments = ("embed", tmp_path, "-m", model_directory, "-o", tmp_path / "x.parquet")
    done = glm(*arguments, "--json", "--threads", 1)
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    kinds = ("pseudogenes", "unreadable_cds", "contigs_without_genes")
    assert [summary[kind] for kind in kinds] == [1, 1, 1]
    assert summary["left_out"]["a"] == {"pseudogenes": 1, "reasons": []}
    [reason] = summary["left_out"]["b"].pop("reasons")
    assert "residues are unknown" in reason
    assert summary["left_out"]["b"] == {"unreadable_cds": 1, "contigs_without_genes": 1}
    assert tables.read_counts(tmp_path / "x.parquet")["pseudogenes"] == 1
    shown = " ".join(glm(*arguments, "--threads", 1).stderr.split())
    assert "a: left out: 1 pseudogenes" in shown
    assert "b: left out: 1 unreadable cds, 1 contigs without genes" in shown


def test_the_pipeline_counts_what_was_left_out(
    tmp_path: Path, genome: Genome, caplog: pytest.LogCaptureFixture
) -> None:
    genome = replace(genome, name="a", without_genes=["bare"], pseudogenes=2, unreadable=["T: x"])
    out = [tmp_path / f"{name}.parquet" for name in ("genes", "contigs", "proteins")]
    counts = write_genomes([genome], *out, {})
    kinds = ("pseudogenes", "unreadable_cds", "contigs_without_genes")
    assert [counts[kind] for kind in kinds] == [2, 1, 1]
    logged = "a: left out: 2 pseudogenes, 1 unreadable CDS (T: x), 1 contigs without genes (bare)"
    assert logged in caplog.text


@pytest.fixture(scope="module")
def repeated(
    sequence: str, genes: list[CalledGene], model_directory: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:  # fmt: skip
    """RefSeq's WP_ accessions are of proteins: two genes have one."""
    folder = tmp_path_factory.mktemp("repeated")
    ids = ["WP_000000001.1", "WP_000000002.1", "WP_000000003.1", "WP_000000001.1"]
    write(folder, {"a.gbk": genbank(genes[:4], sequence, ids)})
    done = glm(
        "embed", folder / "a.gbk", "-m", model_directory, "-o", folder / "x.parquet",
        "--context-only", "--candidates", "--threads", 1,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder / "x.parquet"


@pytest.mark.parametrize(
    ("name", "rank"),
    [("L_3", 3), (f"{CONTIG}:3", 3), (f"a:{CONTIG}:0", 0), ("WP_000000002.1", 1)],
)
def test_a_gene_is_named_by_locus_tag_place_or_accession(
    repeated: Path, name: str, rank: int
) -> None:
    done = glm("similar", repeated, "-r", repeated, "--gene", name, "-k", 3, "--json")
    rows = json.loads(done.stdout)
    queries = {(row["query_contig"], row["query_rank"], row["query_locus_tag"]) for row in rows}
    assert queries == {(CONTIG, rank, f"L_{rank}")}
    found = {(row["rank"], row["locus_tag"]) for row in rows}
    assert found == {(other, f"L_{other}") for other in range(4) if other != rank}


def test_an_accession_of_several_genes_is_refused_with_their_names(repeated: Path) -> None:
    done = glm("similar", repeated, "-r", repeated, "--gene", "WP_000000001.1")
    genes = f"a:{CONTIG}:0 (L_0), a:{CONTIG}:3 (L_3)"
    assert f"2 genes are called WP_000000001.1: {genes}; name one" in str(done.exception)


def test_candidates_are_genes_not_accessions(repeated: Path) -> None:
    for row in tables.read(repeated, tables.EMBEDDED_GENES).to_pylist():
        of = dict(zip(range(4), ("1", "2", "3", "1"), strict=True))
        names = [f"WP_00000000{of[rank]}.1" for rank in row["candidate_rank"]]
        assert row["candidate_gene"] == names
