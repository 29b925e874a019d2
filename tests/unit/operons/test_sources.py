from __future__ import annotations

from pathlib import Path

import pytest

from glm.errors import GlmError
from glm.operons.sources import fetch, read_operons

NEW = (
    "# From RegulonDB 12\n#  1) operonName 2) …\n"
    "1)operonId\t2)operonName\t3)firstGeneLeftPos\t4)lastGeneRightPos\t5)strand\t6)numberOfGenes"
    "\t7)operonGenes\t8)operonEvidence\t9)confidenceLevel\n"
    "RDBECOLIOPC00853\tthrLABC\t190\t5020\tforward\t4\t{genes}\t[EXP-IDA]\tC \n"
    "RDBECOLIOPC00001\tyaaX\t5234\t5530\tforward\t1\tyaaX\t\tW \n"
)
OLD = (
    "# RegulonDB 11\n# Columns: (1) Operon name …\n"
    "thrLABC\t190\t5020\tforward\t4\tthrL,thrA,<thrB>,thrC\t[HIPP]\tConfirmed\n"
    "yaaX\t5234\t5530\tforward\t1\tyaaX\t\tWeak\n"
)


def write(folder: Path, text: str, name: str = "OperonSet.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("separator", ["|", ";", ","])
def test_the_new_format_is_read_by_its_header(tmp_path: Path, separator: str) -> None:
    text = NEW.format(genes=separator.join(["thrL", "thrA", "thrB", "thrC"]))
    operons, kind = read_operons(write(tmp_path, text))
    assert kind.startswith("RegulonDB (version 12")
    assert [operon.name for operon in operons] == ["thrLABC", "yaaX"]
    assert operons[0].genes == ("thrL", "thrA", "thrB", "thrC")


def test_the_old_format_has_no_header(tmp_path: Path) -> None:
    operons, kind = read_operons(write(tmp_path, OLD))
    assert kind.startswith("RegulonDB (version 11")
    assert operons[0].genes == ("thrL", "thrA", "thrB", "thrC")
    assert operons[1].genes == ("yaaX",)


@pytest.mark.parametrize("separator", ["\t", ","])
def test_any_organism_by_a_table(tmp_path: Path, separator: str) -> None:
    rows = [("gene", "operon"), ("a", "one"), ("b", "one"), ("c", "two"), ("d", "")]
    text = "".join(separator.join(row) + "\n" for row in rows)
    operons, kind = read_operons(write(tmp_path, text))
    assert kind == "table of genes and operons"
    assert {operon.name: operon.genes for operon in operons} == {"one": ("a", "b"), "two": ("c",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no operon in it"),
        ("# only remarks\n", "no operon in it"),
        (">protein\nMKV\n", "line 1: neither RegulonDB's OperonSet"),
        (OLD + "lacZYA\t1\t2\tupwards\t3\tlacZ,lacY\n", "line 5: neither RegulonDB"),
        (OLD.replace("yaaX\t\tWeak", "\t\tWeak"), "line 4: an operon without a name or without"),
        (NEW.format(genes="thrL") + "RDB\tlacZYA\n", "line 6: 2 columns, 9 expected"),
        ("1)operonId\t7)operonGenes\nx\ta;b\n", "no column 'operonName'"),
        ("gene\toperon\n\tone\n", "line 2: a row without gene or operon"),
    ],
)
def test_a_file_of_another_format_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GlmError, match=message):
        read_operons(write(tmp_path, text))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"no such operon file \(operons.source"):
        fetch(str(tmp_path / "OperonSet.txt"), tmp_path)


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"download OperonSet there and give its path"):
        fetch("http://127.0.0.1:9/OperonSet.txt", tmp_path)
