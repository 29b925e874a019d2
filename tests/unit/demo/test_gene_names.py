"""Names of the reference's genes: by the residues before the stop, the strand and the order."""

from __future__ import annotations

from pathlib import Path

import pytest

from gene_names import name_genes
from glm.corpus.gene_calling import CalledGene
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.corpus.refseq import read_genome
from glm.operons.mapping import NamedProtein, count_mapped, map_operons
from glm.operons.sources import read_operons

A, B, C, D = (letters * 20 for letters in ("ACD", "EFG", "HIK", "LNP"))


def called(*genes: tuple[str, bool]) -> list[CalledGene]:
    return [
        CalledGene(n, n + 1, forward, "00", f"M{end}") for n, (end, forward) in enumerate(genes)
    ]


def annotated(*genes: tuple[str, str, bool]) -> Genome:
    """Genes of these symbols and proteins, as read from a record of GenBank."""
    return Genome(
        "K-12",
        [Gene("c", n, n, n + 1, forward, "00") for n, (_, _, forward) in enumerate(genes)],
        [Protein("", f"M{sequence}", symbol) for symbol, sequence, _ in genes],
    )


@pytest.mark.parametrize(
    ("genes", "expected"),
    [
        ([(A, True), (B, False), (C, True)], {0: "a", 1: "b", 2: "c"}),
        ([(A, True), (D, True), (C, True)], {0: "a", 2: "c"}),  # is not annotated
        ([(A, True), (B, True), (C, True)], {0: "a", 2: "c"}),  # on the other strand
        ([(A, True), (C, True), (B, False)], {0: "a", 1: "c"}),  # in another order
        ([(A, True), (B[8:], False), (C, True)], {0: "a", 1: "b", 2: "c"}),  # a later start
        ([(A, True), (B[35:], False), (C, True)], {0: "a", 2: "c"}),  # the end alone
        ([(A, True), (f"{B[:9]}W{B[10:]}", False), (C, True)], {0: "a", 2: "c"}),  # a residue
    ],
)
def test_a_gene_is_named_by_its_end_strand_and_order(
    genes: list[tuple[str, bool]], expected: dict[int, str]
) -> None:
    record = annotated(("a", A, True), ("b", B, False), ("c", C, True), ("z", "W" * 60, True))
    found = name_genes(called(*genes), record)
    assert {place: protein.symbol for place, protein in found.items()} == expected


def test_copies_are_reported_apart_by_their_order() -> None:
    record = annotated(("a-1", A, True), ("b", B, True), ("a-2", A, True), ("c", C, True))
    found = name_genes(called((B, True), (A, True), (C, True)), record)
    assert [found[place].symbol for place in range(3)] == ["b", "a-2", "c"]


# Of well-known operons, in the form of RegulonDB's OperonSet from version 12 on.
OPERONS = {
    "lacZYA": "lacZ;lacY;lacA",
    "trpLEDCBA": "trpL;trpE;trpD;trpC;trpB;trpA",
    "hisLGDCBHAFI": "hisL;hisG;hisD;hisC;hisB;hisH;hisA;hisF;hisI",
}
HEADER = (
    "1)operonId\t2)operonName\t3)firstGeneLeftPos\t4)lastGeneRightPos\t5)strand\t6)numberOfGenes"
    "\t7)operonGenes\t8)operonEvidence\t9)confidenceLevel"
)


def test_an_operon_list_by_gene_names_maps_to_the_reference(demo: Path, tmp_path: Path) -> None:
    """Each to neighbours on one strand; the leader peptides, 14 and 16 residues, are not called."""
    rows = [f"I\t{name}\t1\t2\tforward\t3\t{genes}\t\tS " for name, genes in OPERONS.items()]
    source = tmp_path / "OperonSet.tsv"
    source.write_text("\n".join(["# words", HEADER, *rows]))
    files = (next((demo / "reference").glob(f"*_{of}.gz")) for of in ("table.txt", "protein.faa"))
    genes, proteins = read_genome(*files)
    named = [
        NamedProtein(number, protein.symbol or "", protein.locus_tag or "")
        for number, protein in enumerate(proteins)
    ]
    mapped = map_operons(read_operons(source).operons, named)
    assert count_mapped(mapped) == {"gene_names": 18, "by symbol": 16, "by unmapped": 2}
    for name in OPERONS:
        places = [each.protein for each in mapped if each.operon == name and each.protein]
        assert sorted(places) == list(range(min(places), max(places) + 1))
        assert len({genes[place].forward for place in places}) == 1
    assert proteins[mapped[0].protein or 0].locus_tag == "b0344"  # lacZ
