"""Random genes on random circular contigs, written by Biopython and as GFF3, read again."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqFeature import CompoundLocation, SeqFeature, SimpleLocation
from Bio.SeqRecord import SeqRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from glm.corpus.coding import Contig, Part, coding_sequence, exceptions, unroll
from glm.corpus.genbank import read_genbank
from glm.corpus.genetic_code import translate
from glm.corpus.gff import read_gff
from glm.errors import GlmError

CODONS = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
SENSE = [codon for codon in CODONS if codon not in ("TAA", "TAG", "TGA")]


@st.composite
def circular_genes(draw: st.DrawFn) -> tuple[str, str, list[tuple[int, int]], bool]:
    """A contig, the protein on it, the stretches of its gene (0-based, unrolled), the strand."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    codons = ["ATG", *chance.choices(SENSE, k=draw(st.integers(4, 40))), "TAA"]
    gene = "".join(codons)
    forward = draw(st.booleans())
    cut = draw(st.integers(1, len(gene) - 1)) if draw(st.booleans()) else None
    gap = draw(st.integers(1, 20)) if cut else 0  # a gene in two parts, as of a frameshift
    length = len(gene) + 2 * gap + draw(st.integers(1, 200))
    start = draw(st.integers(0, length - 1))
    stretches = [(start, start + len(gene))]
    if cut:
        stretches = [(start, start + cut), (start + cut + gap, start + len(gene) + gap)]
    contig = chance.choices("ACGT", k=length)
    bases = gene if forward else str(Seq(gene).reverse_complement())
    where = [base for a, b in stretches for base in range(a, b)]
    for base, letter in zip(where, bases, strict=True):
        contig[base % length] = letter
    return "".join(contig), translate(gene).removesuffix("*"), stretches, forward


def pieces(stretches: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Stretches within the contig, those over the origin in two."""
    inside = []
    for start, end in stretches:
        shift = length * (start >= length)
        start, end = start - shift, end - shift
        inside += [(start, end)] if end <= length else [(start, length), (0, end - length)]
    return inside


def write_genbank(path: Path, sequence: str, stretches: list[tuple[int, int]], forward: bool):
    inside = pieces(stretches, len(sequence))
    strand = 1 if forward else -1
    parts = [SimpleLocation(a, b, strand) for a, b in (inside if forward else inside[::-1])]
    location = parts[0] if len(parts) == 1 else CompoundLocation(parts)
    record = SeqRecord(
        Seq(sequence), "c1", "c1", annotations={"molecule_type": "DNA", "topology": "circular"},
        features=[SeqFeature(location, "CDS", qualifiers={"locus_tag": ["T_0"]})],
    )  # fmt: skip
    SeqIO.write(record, path, "genbank")


def write_gff(
    path: Path, sequence: str, stretches: list[tuple[int, int]], forward: bool, beyond: bool
):
    """As NCBI writes it: one row a stretch, an end beyond the length where it passes the origin.

    A stretch after it has numbers beyond the length (GFF3 1.26, circular genomes) or within it.
    """
    length = len(sequence)
    lines = ["##gff-version 3", f"c1\tx\tregion\t1\t{length}\t.\t+\t.\tID=c1;Is_circular=true"]
    done = 0
    for start, end in stretches if forward else stretches[::-1]:
        shift = length * (start >= length and not beyond)
        columns = [start + 1 - shift, end - shift, ".", "+" if forward else "-", -done % 3]
        lines.append("\t".join(map(str, ["c1", "x", "CDS", *columns, "ID=cds-1;locus_tag=T_0"])))
        done += end - start
    path.write_text("\n".join([*lines, "##FASTA", ">c1", sequence]) + "\n")


@settings(max_examples=150, deadline=None)
@given(circular_genes())
def test_a_gene_of_a_circular_contig_is_the_same_from_genbank_and_gff(
    made: tuple[str, str, list[tuple[int, int]], bool],
):
    sequence, protein, stretches, forward = made
    with tempfile.TemporaryDirectory() as folder:
        genbank, gff, numbered_on = (Path(folder, f"a.{end}") for end in ("gbk", "gff", "gff3"))
        write_genbank(genbank, sequence, stretches, forward)
        write_gff(gff, sequence, stretches, forward, beyond=False)
        write_gff(numbered_on, sequence, stretches, forward, beyond=True)
        genomes = [read_genbank("a", genbank)]
        genomes += [read_gff("a", path, None) for path in (gff, numbered_on)]
        for genome in genomes:
            [gene], [found] = genome.genes, genome.proteins
            assert found.sequence == protein
            assert (gene.start, gene.end) == (stretches[0][0] + 1, stretches[-1][1])
            assert (gene.forward, gene.partial) == (forward, "00")


def contig(circular: bool | None, length: int = 100) -> Contig:
    return Contig("c", "A" * length, length, circular)


@pytest.mark.parametrize("circular", [True, None])
def test_a_start_over_the_end_passes_the_origin(circular: bool | None):
    assert unroll([Part(90, 20, True)], contig(circular)) == [Part(90, 120, True)]


@pytest.mark.parametrize(
    ("part", "circular", "message"),
    [
        (
            Part(90, 20, True),
            False,
            "91..20 is not within 1..100, and nothing says that the contig",
        ),
        (Part(90, 120, True), None, "91..120 is not within 1..100"),
        (Part(100, 120, True), None, "101..120 is not within 1..100"),
        (Part(200, 220, True), True, "201..220 is not on the contig"),
        (Part(10, 120, True), True, "11..120 is not on the contig"),
        (Part(-3, 20, True), True, "-2..20 is not on the contig"),
    ],
)
def test_what_is_not_on_the_contig_is_refused(part: Part, circular: bool | None, message: str):
    with pytest.raises(GlmError, match=message):
        unroll([part], contig(circular))


def test_parts_that_lie_around_the_contig_more_than_once_are_refused():
    with pytest.raises(GlmError, match="its parts lie around the contig more than once"):
        unroll([Part(50, 130, True), Part(10, 60, True)], contig(True))


def test_a_gene_in_two_parts_that_fill_a_linear_contig_does_not_pass_its_end():
    parts = [Part(0, 30, True), Part(31, 100, True)]
    assert unroll(parts, contig(False)) == parts


@pytest.mark.parametrize("circular", [True, None, False])
@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_parts_at_both_ends_are_over_the_origin_in_whatever_order(
    circular: bool | None, forward: bool, turned: bool
):
    parts = [Part(90, 100, forward), Part(0, 20, forward)]
    whole = [Part(90, 100, forward), Part(100, 120, forward)]
    order = 1 if forward else -1
    assert unroll(parts[:: -1 if turned else 1], contig(circular)) == whole[::order]


def test_a_part_beyond_the_end_of_a_circular_contig_follows_the_origin():
    parts = [Part(80, 100, True), Part(101, 120, True)]
    assert unroll(parts, contig(True)) == parts


def test_parts_in_another_order_than_the_contigs_keep_it():
    parts = [Part(60, 70, True), Part(10, 20, True), Part(80, 90, True)]
    assert unroll(parts, contig(True)) == parts


def test_parts_on_two_strands_stay_where_they_are():
    parts = [Part(90, 100, False), Part(0, 20, True)]
    assert unroll(parts, contig(True)) == parts


def test_the_reverse_strand_is_read_in_coding_order():
    forward = "ATGAAACCCGGGTTTTAA"
    reverse = str(Seq(forward).reverse_complement())
    assert coding_sequence(reverse, [Part(9, 18, False), Part(0, 9, False)]) == forward


@pytest.mark.parametrize(
    ("note", "parts", "offset"),
    [
        ("(pos:214..216,aa:Sec)", [Part(183, 306, True)], 30),
        ("(pos:complement(301..303),aa:Sec)", [Part(183, 306, False)], 3),
        ("(pos:complement(join(99..100,1)),aa:Sec)", [Part(90, 110, False)], 9),
        ("(pos:2..4,aa:Sec)", [Part(90, 120, True)], 11),
        ("(pos:31..33, aa:Sec)", [Part(0, 9, True), Part(30, 60, True)], 9),
    ],
)
def test_the_codon_of_a_transl_except_is_found(note: str, parts: list[Part], offset: int):
    assert exceptions(note, parts, 100 if parts[-1].end < 130 else 652) == {offset: "U"}
