"""GenBank and GFF as programs write them: one odd CDS, name or qualifier never costs a genome.

Forms: NCBI's GenBank feature table documentation and its README of GFF3 columns; GFF3 1.26 (the
Sequence Ontology's); Prodigal's GFF comments, seen in the file that pyrodigal ships; Prokka's LOCUS
lines of SPAdes contigs; SnapGene's and Biopython's names of what has none; PGAP's `>lcl|` and
`## FASTA` (its issues 229 and 348); GeneMark's GFF with whole headers and with Parent alone; NCBI's
GTF.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from glm.corpus.genbank import read_genbank, unwrap
from glm.corpus.genetic_code import codons
from glm.corpus.genome_tables import Genome
from glm.corpus.gff import read_gff
from glm.errors import GlmError

PROTEINS = ["MSKGEELFTGV", "MPILVELDGDV", "MNGHKFSVSGE", "MGEGDATYGKL"]
CODON = {residue: codon for codon, residue in codons(11)[0].items()}
SPACER = "TTAGACCGCATTACC"


def contig(*genes: str) -> tuple[str, list[tuple[int, int]]]:
    """A sequence with genes on the forward strand, and their coordinates, 1-based, inclusive."""
    sequence, places = SPACER, []
    for gene in genes:
        places.append((len(sequence) + 1, len(sequence) + len(gene)))
        sequence += gene + SPACER
    return sequence, places


def gene(protein: str) -> str:
    return "".join(CODON[residue] for residue in protein) + "TAA"


SEQUENCE, PLACES = contig(*map(gene, PROTEINS))


def locus(name: str = "c1", length: int = len(SEQUENCE), topology: str = "linear") -> str:
    return f"LOCUS       {name:<16} {length:>11} bp    DNA     {topology:<8} BCT 01-JAN-2020"


def genbank(
    path: Path, features: list[str], sequence: str = SEQUENCE, head: str = "", names: str = ""
) -> Genome:
    names = names or "ACCESSION   c1\nVERSION     c1.1"
    lines = [head or locus(length=len(sequence)), "DEFINITION  .", names]
    lines += [
        "FEATURES             Location/Qualifiers",
        f"     source          1..{len(sequence)}",
    ]
    lines += [*features, "ORIGIN"]
    for at in range(0, len(sequence), 60):
        blocks = [sequence[i : i + 10].lower() for i in range(at, min(at + 60, len(sequence)), 10)]
        lines.append(f"{at + 1:>9} {' '.join(blocks)}")
    path.write_text("\n".join([*lines, "//"]) + "\n")
    return read_genbank(path.stem, path)


def cds(number: int, location: str = "", *qualifiers: str) -> str:
    start, end = PLACES[number]
    lines = [f"     CDS             {location or f'{start}..{end}'}"]
    lines += [f"                     /{q}" for q in (f'locus_tag="T_{number}"', *qualifiers)]
    return "\n".join(lines)


def gff(path: Path, rows: list[str], sequence: str = SEQUENCE, fasta: str = "##FASTA\n") -> Genome:
    path.write_text("\n".join(["##gff-version 3", *rows, f"{fasta}>c1 a contig", sequence]) + "\n")
    return read_gff(path.stem, path, None)


def row(number: int, attributes: str = "", phase: str = "0", strand: str = "+") -> str:
    start, end = PLACES[number]
    notes = f"ID=cds-{number};locus_tag=T_{number};{attributes}"
    return f"c1\tx\tCDS\t{start}\t{end}\t.\t{strand}\t{phase}\t{notes}"


def found(genome: Genome) -> list[str | None]:
    return [protein.locus_tag for protein in genome.proteins]


EVERY = ["T_0", "T_1", "T_2", "T_3"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("join(U00001.1:1..10,150..180)", "part of it lies on U00001.1, another sequence"),
        ("150^151", r"\(150\^151\) is no stretch of the contig"),
        ("(1.3)..48", "is no stretch of the contig"),
        ("one-of(1,4)..48", "is no stretch of the contig"),
        ("one-of(16..48,50..60)", "is no stretch of the contig"),
        ("bond(16,48)", "is no stretch of the contig"),
        ("1..48,99", "is no stretch of the contig"),
        ("gap(5)", "not a GenBank feature"),
        ("170..160", "171|170..160 is not within"),
        ("150..9999", "150..9999 is not within"),
        ("what..this", "is no stretch of the contig"),
        ("join(150..160", "is no stretch of the contig"),
        ("16..48\n                     /codon_start=0", "codon_start=0, allowed are 1, 2 and 3"),
        ("16..47", "a stop .* inside|ESM-2|not one"),
    ],
)
def test_an_odd_cds_of_genbank_is_left_out_alone(tmp_path: Path, location: str, reason: str):
    features = [cds(0), cds(1), cds(2), cds(3, location, 'translation="MK*LE"')]
    genome = genbank(tmp_path / "a.gbk", features)
    assert found(genome) == EVERY[:3]
    [left_out] = genome.unreadable
    assert re.search(reason, left_out), left_out


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (row(3).replace("\t+\t", "\t?\t"), "strand '\\?'"),
        (row(3).replace(str(PLACES[3][0]), "x"), "no coordinates"),
        (row(3).replace(f"\t{PLACES[3][1]}\t", "\t99999\t"), "99999 is not within"),
        (row(3, "transl_table=99"), "transl_table 99 is no genetic code"),
        (row(3, "transl_except=(pos:1..3%2Caa:Sec)"), "transl_except 1..3 is not in the CDS"),
        (row(3).replace("c1\t", "c9\t"), "contig c9 has no sequence"),
        (row(3).replace("\t", " "), "1 columns, GFF has 9"),
        (row(3, phase="7"), "phase '7'"),
        ('c1\tx\tCDS\t1\t9\t.\t+\t0\tgene_id "T_3"; pseudo "true";', 'key "value", as in GTF'),
    ],
)
def test_an_odd_row_of_gff_is_left_out_alone(tmp_path: Path, odd: str, reason: str):
    genome = gff(tmp_path / "a.gff", [row(0), row(1), row(2), odd])
    assert found(genome) == EVERY[:3]
    [left_out] = genome.unreadable
    assert re.search(reason, left_out), left_out


def test_a_file_most_of_whose_cds_fail_is_refused_with_the_first_reason(tmp_path: Path):
    assert found(gff(tmp_path / "a.gff", [row(0), row(1, strand="?")])) == ["T_0"]
    with pytest.raises(GlmError, match=r"a.gff: 2 of 3 CDS cannot be read; the first: line 3: CDS"):
        gff(tmp_path / "a.gff", [row(0), row(1, strand="?"), row(2, strand="?")])


def test_a_genetic_code_is_the_rows_then_prodigals_then_the_options(tmp_path: Path):
    tryptophan = gene("MSKG")[:-3] + "TGA" + gene("ELF")
    sequence, [(start, end)] = contig(tryptophan)
    text = f"c1\tProdigal_v2.6.3\tCDS\t{start}\t{end}\t.\t+\t0\tID=1_1;partial=00;"
    comment = (
        f'# Sequence Data: seqnum=1;seqlen={len(sequence)};seqhdr="c1 a contig"\n'
        "# Model Data: version=Prodigal.v2.6.3;run_type=Metagenomic;transl_table=4;uses_sd=1"
    )
    [protein] = gff(tmp_path / "a.gff", [comment, text], sequence).proteins
    assert protein.sequence == "MSKGWELF"
    [protein] = gff(tmp_path / "a.gff", [comment, text + "transl_table=25"], sequence).proteins
    assert protein.sequence == "MSKGGELF"
    with pytest.raises(GlmError, match=r"a stop .* inside, at residue 5, by code 11"):
        gff(tmp_path / "a.gff", [text], sequence)


@pytest.mark.parametrize("strand", ["+", "-"])
def test_selenocysteine_and_pyrrolysine_are_read_in_both_formats(tmp_path: Path, strand: str):
    special = gene("MSKG")[:-3] + "TGA" + gene("EL")[:-3] + "TAG" + gene("GV")
    sequence, [(start, end)] = contig(special)
    first, second = (start + 12, start + 14), (start + 21, start + 23)
    if strand == "-":
        sequence = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
        turned = [len(sequence) + 1 - place for place in (end, start, *first[::-1], *second[::-1])]
        start, end, first, second = *turned[:2], tuple(turned[2:4]), tuple(turned[4:])
    where = "{}..{}" if strand == "+" else "complement({}..{})"
    notes = [f"(pos:{where.format(*first)},aa:Sec)", f"(pos:{where.format(*second)},aa:Pyl)"]
    encoded = ",".join(notes).replace(",aa", "%2Caa")
    text = f"c1\tx\tCDS\t{start}\t{end}\t.\t{strand}\t0\tID=a;transl_except={encoded}"
    [from_gff] = gff(tmp_path / "a.gff", [text], sequence).proteins
    feature = f"     CDS             {where.format(start, end)}"
    feature += "".join(f"\n                     /transl_except={note}" for note in notes)
    [from_genbank] = genbank(tmp_path / "a.gbk", [feature], sequence).proteins
    assert from_gff.sequence == from_genbank.sequence == "MSKGUELOGV"


@pytest.mark.parametrize("mark", ["pseudo", "pseudo=", "pseudo=true", "pseudogene=unknown"])
def test_the_presence_of_a_qualifier_makes_a_pseudogene(tmp_path: Path, mark: str):
    genome = gff(tmp_path / "a.gff", [row(0), row(1, mark), row(2), row(3)])
    assert (found(genome), genome.pseudogenes) == (["T_0", "T_2", "T_3"], 1)
    genome = genbank(tmp_path / "a.gbk", [cds(0), cds(1, "", mark.replace("=true", "")), cds(2)])
    assert (found(genome), genome.pseudogenes) == (["T_0", "T_2"], 1)


@pytest.mark.parametrize("link", ["Parent=rna-1", "Parent=rna-9,rna-1", "locus_tag=T_1"])
@pytest.mark.parametrize(
    "parent", ["gene\t{}\tpseudo=true;", "pseudogene\t{}\t", "pseudogenic_transcript\t{}\t"]
)
def test_a_cds_of_a_pseudogene_is_one(tmp_path: Path, parent: str, link: str):
    kind, _, mark = parent.split("\t")
    tag = link if link.startswith("locus_tag") else ""
    above = [
        f"c1\tx\t{kind}\t1\t99\t.\t+\t.\tID=gene-1;{mark}{tag}",
        "c1\tx\tmRNA\t1\t99\t.\t+\t.\tID=rna-1;Parent=gene-1",
    ]
    genome = gff(tmp_path / "a.gff", [*above, row(0), row(1, link), row(2)])
    assert (found(genome), genome.pseudogenes) == (["T_0", "T_2"], 1)


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("1..170", 'locus_tag="T_1"'),
        ("{}..{}", 'gene="x"'),
        ("<{}..>{}", 'gene="x"'),
        ("join({}..65,68..{})", 'gene="x"'),
    ],
)
def test_a_cds_of_a_pseudogene_is_one_by_its_tag_or_its_ends(tmp_path: Path, where: str, name: str):
    of_gene = f"     gene            {where.format(*PLACES[1])}\n"
    of_gene += f"                     /{name}\n                     /pseudo"
    for features in ([cds(0), of_gene, cds(1), cds(2)], [cds(0), cds(1), of_gene, cds(2)]):
        genome = genbank(tmp_path / "a.gbk", features)
        assert (found(genome), genome.pseudogenes) == (["T_0", "T_2"], 1)


@pytest.mark.parametrize(
    ("attributes", "location", "partial", "first"),
    [
        ("partial=10", "<{}..{}", "10", "V"),
        ("partial=true;start_range=.,{}", "<{}..{}", "10", "V"),
        ("start_range=.,{}", "<{}..{}", "10", "V"),
        ("partial=true;end_range={},.", "{}..>{}", "01", "M"),
        ("partial=11", "<{}..>{}", "11", "V"),
        ("partial=00", "{}..{}", "00", "M"),
        ("partial=true", "", None, "V"),
    ],
)
def test_a_cut_gene_begins_with_no_start_codon(
    tmp_path: Path, attributes: str, location: str, partial: str | None, first: str
):
    sequence, [(start, end)] = contig("GTG" + gene("SKGE"))
    text = f"c1\tx\tCDS\t{start}\t{end}\t.\t+\t0\tID=a;{attributes.format(start)}"
    genomes = [gff(tmp_path / "a.gff", [text], sequence)]
    if location:
        feature = f"     CDS             {location.format(start, end)}"
        genomes.append(genbank(tmp_path / "a.gbk", [feature], sequence))
    for genome in genomes:
        assert genome.proteins[0].sequence == first + "SKGE"
        assert genome.genes[0].partial == partial


def test_the_phase_is_that_of_the_part_at_the_5_prime_end(tmp_path: Path):
    sequence, [(start, end)] = contig("CA" + gene("MSKGEELF"))
    turned = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
    length, cut = len(sequence), start + 8
    parts = [(start, cut, 2), (cut + 1, end, 0)]
    rows = [f"c1\tx\tCDS\t{a}\t{b}\t.\t+\t{phase}\tID=a;partial=10" for a, b, phase in parts]
    reverse = [
        f"c1\tx\tCDS\t{length + 1 - b}\t{length + 1 - a}\t.\t-\t{phase}\tID=a;partial=01"
        for a, b, phase in parts
    ]
    for of_strand, bases in ((rows, sequence), (reverse, turned)):
        for order in (of_strand, of_strand[::-1]):
            [protein] = gff(tmp_path / "a.gff", order, bases).proteins
            assert protein.sequence == "MSKGEELF"


@pytest.mark.parametrize(
    ("head", "names", "name"),
    [
        ("", "ACCESSION   NC_1\nVERSION     NC_1.1  GI:1234567", "NC_1.1"),
        ("", "ACCESSION   NC_1 X2\nVERSION     .", "NC_1"),
        (locus("plasmid"), "ACCESSION   .\nVERSION     .", "plasmid"),
        (locus("plasmid"), "ACCESSION   <unknown id>\nVERSION     <unknown id>", "plasmid"),
        (locus("Unknown"), "ACCESSION   Unknown\nVERSION     Unknown", "contig_1"),
        (f"LOCUS       NODE_1_length_9_cov_31.5{len(SEQUENCE)} bp   DNA linear",
         "ACCESSION   \nVERSION", "NODE_1_length_9_cov_31.5"),
        (f"LOCUS       NODE_1_length_9_cov_31.5 {len(SEQUENCE)} bp DNA linear 1 yyyy/mm/dd",
         "ACCESSION", "NODE_1_length_9_cov_31.5"),
        (f"LOCUS       c1 {len(SEQUENCE)}bp DNA circular", "ACCESSION", "c1"),
    ],
)  # fmt: skip
def test_a_contig_has_the_first_name_that_is_one(tmp_path: Path, head: str, names: str, name: str):
    genome = genbank(tmp_path / "a.gbk", [cds(0)], head=head, names=names)
    assert [gene.contig for gene in genome.genes] == [name]


@pytest.mark.parametrize(
    ("fasta", "rows"),
    [
        ("lcl|c1 a contig", "c1"),
        ("gi|556503834|ref|NC_1.1| a contig", "NC_1.1"),
        ("P_1", "gnl|X|P_1"),
        ("gnl|X|P_1", "gnl|X|P_1"),
        ("k141_1 flag=1 multi=2.0", "k141_1 flag=1 multi=2.0"),
        ("c%201", "c%201"),
    ],
)
@pytest.mark.parametrize("own", ["## FASTA\n", None])
def test_rows_find_their_contig_by_the_names_that_programs_write(
    tmp_path: Path, fasta: str, rows: str, own: str | None
):
    annotation, sequence = tmp_path / "a.gff", tmp_path / "a.fna"
    text = row(0).replace("c1", rows) + "\n"
    sequence.write_text(f">{fasta}\n{SEQUENCE}\n")
    annotation.write_text(text if own is None else text + own + sequence.read_text())
    genome = read_gff("a", annotation, None if own else sequence)
    assert [gene.contig for gene in genome.genes] == [unquote(rows.split()[0])]
    assert genome.without_genes == []


def test_a_cds_that_has_only_a_parent_has_its_name(tmp_path: Path):
    text = row(0).split("\tID")[0] + "\tParent=gene_7; start_score=-0.3"
    assert gff(tmp_path / "a.gff", [text]).proteins[0].accession == "gene_7"


def test_a_pseudogene_on_the_other_strand_is_another_gene(tmp_path: Path):
    of_gene = cds(1, "complement({}..{})".format(*PLACES[1]), "pseudo").replace("CDS ", "gene")
    genome = genbank(tmp_path / "a.gbk", [of_gene.replace("T_1", "T_9"), cds(0), cds(1)])
    assert (found(genome), genome.pseudogenes) == (["T_0", "T_1"], 0)


@pytest.mark.parametrize("kind", ["cds", "SO:0000316"])
def test_a_cds_by_other_names_is_one(tmp_path: Path, kind: str):
    assert found(gff(tmp_path / "a.gff", [row(0).replace("CDS", kind)])) == ["T_0"]
    small = cds(0).replace("CDS", "cds").replace("/locus", "/Locus")
    assert found(genbank(tmp_path / "a.gbk", [small])) == ["T_0"]


def test_a_row_without_attributes_is_a_row(tmp_path: Path):
    genome = gff(tmp_path / "a.gff", ["c1\tx\tregion\t1\t180\t.\t+\t.", row(0)])
    assert (found(genome), genome.unreadable) == (["T_0"], [])


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_products_in_either_encoding(tmp_path: Path, encoding: str):
    genbank(tmp_path / "a.gbk", [cds(0, "", 'product="protéine"')])
    gff(tmp_path / "a.gff", [row(0, "product=protéine")])
    for path in (tmp_path / "a.gbk", tmp_path / "a.gff"):
        path.write_bytes(path.read_text("utf-8").encode(encoding))
    genomes = [read_genbank("a", tmp_path / "a.gbk"), read_gff("a", tmp_path / "a.gff", None)]
    assert [genome.proteins[0].product for genome in genomes] == ["protéine"] * 2


def test_one_id_on_two_contigs_or_of_two_genes_is_two_genes(tmp_path: Path):
    second = row(1).replace("c1\t", "c2\t").replace("cds-1", "cds-0")
    wp = [row(n, f"protein_id=WP_1;Parent=gene-{n}").replace(f"cds-{n}", "cds-WP") for n in (2, 3)]
    path = tmp_path / "a.gff"
    rows = "\n".join(["##gff-version 3", row(0), second, *wp])
    path.write_text(f"{rows}\n##FASTA\n>c1\n{SEQUENCE}\n>c2\n{SEQUENCE}\n")
    genome = read_gff("a", path, None)
    assert found(genome) == EVERY
    assert [gene.contig for gene in genome.genes] == ["c1", "c2", "c1", "c1"]
    assert [protein.accession for protein in genome.proteins[2:]] == ["WP_1", "WP_1"]


@pytest.mark.parametrize("fasta", ["##FASTA\n", ""])
def test_attributes_after_blanks_and_an_implied_fasta(tmp_path: Path, fasta: str):
    text = row(0).split("\tID")[0] + "\tID=a; gene=abc ; locus_tag=T_0; product=thing%2C one;"
    [protein] = gff(tmp_path / "a.gff", [text], fasta=fasta).proteins
    names = (protein.symbol, protein.locus_tag, protein.product)
    assert names == ("abc", "T_0", "thing, one")


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["UDP-N-acetylmuramoyl-tripeptide--D-alanyl-D-", "alanine ligase"],
         "UDP-N-acetylmuramoyl-tripeptide--D-alanyl-D-alanine ligase"),
        (["UDP-N-acetylmuramoyl-L-alanyl-D-glutamate--2,", "6-diaminopimelate ligase"],
         "UDP-N-acetylmuramoyl-L-alanyl-D-glutamate--2,6-diaminopimelate ligase"),
        (["bifunctional riboflavin kinase/FMN", "adenylyltransferase"],
         "bifunctional riboflavin kinase/FMN adenylyltransferase"),
        (["ATP-binding,", "of a membrane"], "ATP-binding,of a membrane"),
        (["one, two,", "three"], "one, two, three"),
        (["range 1 -", "2"], "range 1 - 2"),
        (["a" * 49, "b c"], "a" * 49 + "b c"),
        (["short", "x" * 60], "short " + "x" * 60),
    ],
)  # fmt: skip
def test_wrapped_lines_are_joined_as_they_were_cut(lines: list[str], whole: str):
    assert unwrap("product", "\n".join(lines)) == whole


@pytest.mark.parametrize(
    "where", ["join(16..30, 31..{})", "join(16..30,\n                     31..{})", "16 .. {}"]
)
def test_blanks_in_a_location_do_not_matter(tmp_path: Path, where: str):
    genome = genbank(tmp_path / "a.gbk", [cds(0, where.format(PLACES[0][1]))])
    assert [(gene.start, gene.end) for gene in genome.genes] == [PLACES[0]]
    assert genome.proteins[0].sequence == PROTEINS[0]


def test_a_record_that_is_cut_off_is_refused(tmp_path: Path):
    path = tmp_path / "a.gbk"
    genbank(path, [cds(0)])
    path.write_text("\n".join(path.read_text().splitlines()[:-2]))
    with pytest.raises(GlmError, match=r"a.gbk: record c1: cut off after 180 bases"):
        read_genbank("a", path)


def test_contigs_without_cds_are_listed(tmp_path: Path):
    genome = gff(tmp_path / "a.gff", [row(0)], SEQUENCE + "\n>empty\nACGT")
    assert genome.without_genes == ["empty"]


def test_a_feature_table_line_by_line_when_one_feature_is_none(tmp_path: Path):
    odd = "     CDS"
    genome = genbank(tmp_path / "a.gbk", [cds(0), odd, cds(1)])
    assert found(genome) == ["T_0", "T_1"]
    assert genome.unreadable == ["CDS of c1.1: not a GenBank feature"]
