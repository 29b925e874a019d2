from __future__ import annotations

from pathlib import Path

import pytest

from glm.errors import GlmError
from glm.paralogs.accessions import Pair, are_adjacent, is_accession, number, read_pairs


@pytest.mark.parametrize(
    ("one", "other", "adjacent"),
    [
        ("P12345", "P12346", True),
        ("P12346", "P12345", True),
        ("P12345", "P12347", False),
        ("P12345", "P12345", False),
        ("O30143", "O30144", True),
        ("Q8TTZ3", "Q8TTZ4", True),
        ("Q8TTA9", "Q8TTB0", True),  # the last digit carries
        ("Q9WZZ9", "Q9X000", True),  # digits come before letters
        ("Q8TT09", "Q8TT10", True),
        ("Q8TT99", "Q8TTA0", True),
        ("A2BC19", "A2BC20", True),
        ("B5XZZ9", "B5Y000", True),
        ("A0A023GPI8", "A0A023GPI9", True),
        ("A0A023GPI9", "A0A023GPJ0", True),
        ("A0A023GZZ9", "A0A023H000", True),
        ("A0A0Z9ZZZ9", "A0A0Z9ZZZ8", True),
        ("A0A023GPI8", "A0A023GPJ9", False),
        ("P12345", "A12345", False),
        ("A2BC19", "A0A023GPI8", False),
    ],
)
def test_neighbours_differ_by_one_in_every_format(one: str, other: str, adjacent: bool) -> None:
    if not (is_accession(one) and is_accession(other)):
        with pytest.raises(GlmError, match="is no UniProt accession"):
            are_adjacent(one, other)
    else:
        assert are_adjacent(one, other) is adjacent


@pytest.mark.parametrize("text", ["P1234", "P123456", "MODA_ECOLI", "p12345", "A0A023GPI", ""])
def test_other_texts_are_no_accessions(text: str) -> None:
    assert not is_accession(text)
    with pytest.raises(GlmError, match="is no UniProt accession"):
        number(text)


@pytest.mark.parametrize(
    "text",
    [
        "P12345\tP12346\nA0A023GPI8\tA0A023GPI9\n",
        "accession_A,accession_C\nP12345,P12346\nA0A023GPI8,A0A023GPI9\n",
        "# from GREMLIN\nP12345 P12346\n\nUniRef100_A0A023GPI8 UniRef100_A0A023GPI9\n",
        ">tr|P12345|X_ECOLI/1-240_sp|P12346|Y_ECOLI/3-250\nMKV-P12345\n>A0A023GPI8_A0A023GPI9\nM\n",
        "P12345-2\tP12346\nA0A023GPI8\tA0A023GPI9\n",
    ],
)
def test_pairs_in_every_layout(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    expected = [Pair("P12345", "P12346"), Pair("A0A023GPI8", "A0A023GPI9")]
    assert read_pairs(path) == (expected, 0)


def test_a_pair_that_is_listed_twice_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("P12345\tP12346\nP12345\tP12346\n")
    assert read_pairs(path) == ([Pair("P12345", "P12346")], 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no pair of UniProt accessions"),
        ("name,other\n", "no pair of UniProt accessions"),
        ("P12345\tP12346\nP12345\n", "line 2: 1 UniProt accessions where a pair has two"),
        ("P12345 P12346 P12347\n", "line 1: 3 UniProt accessions"),
        ("P12345\tP12346\nnothing\n", "line 2: 0 UniProt accessions"),
    ],
)
def test_a_bad_list_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(GlmError, match=message):
        read_pairs(path)
