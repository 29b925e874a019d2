from __future__ import annotations

from pathlib import Path

import pytest

from glm.enzymes.reference import first_number, is_whole, read_enzymes
from glm.errors import GlmError


@pytest.mark.parametrize(
    ("text", "ec"),
    [
        ("1.6.5.11", "1.6.5.11"),
        ("2.7.11.1;2.7.12.2", "2.7.11.1"),
        ("EC 3.6.1.-", "3.6.1.-"),
        ("3.4.21.n1, 1.1.1.1", "3.4.21.n1"),
        ("protein 50.1", None),
        ("", None),
    ],
)
def test_the_first_number(text: str, ec: str | None) -> None:
    assert first_number(text) == ec


@pytest.mark.parametrize("ec", ["1.2.3.-", "1.2.-.-", "3.4.21.n1"])
def test_partial_and_preliminary_numbers_are_not_whole(ec: str) -> None:
    assert is_whole("1.2.3.40")
    assert not is_whole(ec)


def read(path: Path, text: str) -> list[tuple[str, str, str]]:
    path.write_text(text)
    return [tuple(enzyme) for enzyme in read_enzymes(path)]


def test_headers_of_all_kinds(tmp_path: Path) -> None:
    text = (
        ">A mevalonate kinase OS=Enterococcus EC=2.7.1.36\nMK\nLL\n"
        ">B 3.6.1.-~~~pcrA~~~helicase\nMA\n"
        ">C product [EC:1.1.1.1]\nMC\n"
        ">D subunit 1.2.3.4-like protein\nMD\n"  # no field: not its EC number
        ">E hypothetical protein\nME\n"
    )
    assert read(tmp_path / "x.faa", text) == [
        ("A", "2.7.1.36", "MKLL"), ("B", "3.6.1.-", "MA"), ("C", "1.1.1.1", "MC"),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_tables_of_clean_care_and_uniprot(tmp_path: Path, delimiter: str) -> None:
    rows = [["Entry", "EC number", "Sequence"], ["P1", "1.1.1.1;2.2.2.2", "MK"], ["P2", "", "MM"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert read(tmp_path / "split100.csv", text) == [("P1", "1.1.1.1", "MK")]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"x.tsv: neither FASTA nor a table.*no 'EC number'"):
        read(tmp_path / "x.tsv", "Entry\tLength\nP1\t20\n")


def test_a_line_cut_off_is_named(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"x.tsv: line 3: 1 columns of 3; is it cut off"):
        read(tmp_path / "x.tsv", "Entry\tEC number\tSequence\nP1\t1.1.1.1\tMK\nP2\n")
