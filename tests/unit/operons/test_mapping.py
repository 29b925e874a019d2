from __future__ import annotations

from pathlib import Path

import pytest

from glm.errors import GlmError
from glm.operons.mapping import NamedProtein, align, count_mapped, map_operons, read_synonyms
from glm.operons.sources import Operon

PROTEINS = [
    NamedProtein(0, "thrL", "b0001"),
    NamedProtein(1, "thrA", "b0002"),
    NamedProtein(2, "uxuR", "b4324"),
    NamedProtein(3, "insA", "b0022"),
    NamedProtein(4, "insA", "b0265"),
]
GENE_INFO = (
    "#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\n"
    "511145\t1\tthrL\tb0001\tECK0001|thrX\t-\n"
    "511145\t2\tthrA\tb0002\tthrA1|thrL\t-\n"
    "511145\t3\tuxuR\tb4324\t-\t-\n"
)


def how(genes: list[str], synonyms: dict[str, set[str]] | None = None) -> list[tuple]:
    return [
        (m.protein, m.how) for m in map_operons([Operon("o", tuple(genes))], PROTEINS, synonyms)
    ]


def test_symbol_comes_before_synonym_and_locus_tag(tmp_path: Path) -> None:
    path = tmp_path / "gene_info"
    path.write_text(GENE_INFO)
    synonyms = read_synonyms(path)
    assert synonyms["b0001"] == {"thrL", "ECK0001", "thrX"}
    # thrL is also a synonym of thrA: the symbol wins
    assert how(["thrL", "thrX", "b4324", "THRA"], synonyms) == [
        (0, "symbol"),
        (0, "synonym"),
        (2, "locus tag"),
        (1, "symbol, other case"),
    ]


def test_a_name_that_fits_several_genes_maps_to_none() -> None:
    assert how(["insA", "thrL", "thrA"])[0] == (None, "ambiguous")


def test_what_does_not_map_is_reported() -> None:
    mapped = map_operons([Operon("o", ("thrL", "thrA", "gone"))], PROTEINS)
    assert count_mapped(mapped) == {"gene_names": 3, "by symbol": 2, "by unmapped": 1}
    assert mapped[2] == ("o", "gone", None, "unmapped")


def test_synonyms_by_a_plain_table(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.csv"
    path.write_text("gene,synonym\nb0001,leader\n")
    assert how(["leader"], read_synonyms(path)) == [(0, "synonym")]


def test_a_file_of_other_columns_is_no_list_of_synonyms(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.csv"
    path.write_text("name,other\n")
    with pytest.raises(GlmError, match="neither NCBI's gene_info nor a table"):
        read_synonyms(path)


def test_operons_of_another_organism_are_refused() -> None:
    with pytest.raises(GlmError, match=r"only 1 of 3 gene names map .* does not: 'dnaA'"):
        map_operons([Operon("o", ("dnaA", "thrL", "dnaN"))], PROTEINS)


def test_a_list_in_genome_order_is_aligned_though_the_annotation_changed() -> None:
    """As many genes as K-12's, some of one name, against a list of an earlier release."""
    symbols = [f"gen{n}" if n % 100 else "insX" for n in range(4315)]
    genome = [NamedProtein(10_000 - n, name, f"b{n:04d}") for n, name in enumerate(symbols)]
    listed = list(symbols)
    listed[10] = "renamed"
    listed[15:16] = ["yxxA", "gen15", "yxxB"]  # two genes that the genome has no more
    by_row = align(listed, genome)
    assert sorted(set(range(4317)) - set(by_row)) == [15, 17]
    assert by_row[10] == 10_000 - 10
    assert by_row[302] == 10_000 - 300
    operon = Operon("o", ("insX", "renamed", "gen4000"), (302, 10, 4002))
    mapped = map_operons([operon], genome, by_row=by_row)
    assert [m.protein for m in mapped] == [9700, 9990, 6000]
    assert {m.how for m in mapped} == {"place"}
    # a row without a place is looked up by its name
    [by_name] = map_operons([Operon("o", ("gen20",), (15,))], genome, by_row=by_row)
    assert (by_name.protein, by_name.how) == (9980, "symbol")


def test_a_genome_without_symbols_is_taken_by_position() -> None:
    """As the demo's K-12, whose genes are called; only if it has as many as the list."""
    genome = [NamedProtein(10 - n, "", f"glm_{n}") for n in range(3)]
    assert align(["thrL", "thrA", "thrB"], genome) == {0: 10, 1: 9, 2: 8}
    assert align(["thrL", "thrA"], genome) == {}


def test_a_list_of_another_genome_is_not_aligned() -> None:
    assert align([f"gen{n}" for n in range(5)], PROTEINS) == {}
    assert align((), PROTEINS) == {}
