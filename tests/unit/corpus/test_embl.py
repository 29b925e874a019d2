"""EMBL as ENA's submission templates have it; test_against_biopython.py reads published files."""

from __future__ import annotations

from pathlib import Path

import pytest

from glm.corpus.genomes import read_genomes
from glm.errors import GlmError

SUBMISSION = """\
ID   XXX; XXX; {topology}; XXX; XXX; XXX; XXX.
XX
AC   ;
XX
AC * _contig1
XX
FH   Key             Location/Qualifiers
FH
FT   source          1..18
FT   CDS             {location}
FT                   /locus_tag="T_1"
FT                   /product="a product whose name
FT                   takes two lines"
XX
SQ   Sequence 18 BP;
     ccatgaaaaa agaataac                                                18
//
"""


def test_a_contig_of_a_submission_has_the_name_of_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "a.embl"
    path.write_text(SUBMISSION.format(topology="linear", location="3..17"))
    [genome] = read_genomes([path])
    [gene], [protein] = genome.genes, genome.proteins
    assert (genome.name, gene.contig, gene.start, gene.end) == ("a", "contig1", 3, 17)
    assert (protein.sequence, protein.locus_tag) == ("MKKE", "T_1")
    assert protein.product == "a product whose name takes two lines"


def test_a_gene_over_the_origin_of_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "a.embl"
    turned = SUBMISSION.replace("ccatgaaaaa agaataac", "gaataaccca tgaaaaaa")
    path.write_text(turned.format(topology="circular", location="join(10..18,1..6)"))
    [genome] = read_genomes([path])
    [gene], [protein] = genome.genes, genome.proteins
    assert (gene.start, gene.end, protein.sequence) == (10, 24, "MKKE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty, not a single record"),
        ("LOCUS       x 18 bp", "not an EMBL file, which begins with ID"),
        ("ID   c1; SV 1; linear; DNA; STD; PRO; 18 BP.\n", "record c1: cut off after 0 bases"),
    ],
)
def test_what_is_no_embl_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.embl"
    path.write_text(text)
    with pytest.raises(GlmError, match=message):
        list(read_genomes([path]))
