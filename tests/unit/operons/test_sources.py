from __future__ import annotations

from pathlib import Path

import pytest

from glm.errors import GlmError
from glm.operons.sources import read_operons

# As copies of releases 12 and 14 in public repositories begin and end: words of licence and
# citation with # and without, the columns explained without the first, blanks at lines' ends.
NEW = (
    "# Licence of the database\n"
    "Its second line; it has no hash, and a tab\tin it\n"
    "Somebody S., Other O. et al (2023). A citation\n"
    "# Columns:\n# (1) operonName\n# (6) operonGenes, separated by semicolon\n"
    "1)operonId\t2)operonName\t3)firstGeneLeftPos\t4)lastGeneRightPos\t5)strand\t6)numberOfGenes"
    "\t7)operonGenes\t8)operonEvidence\t9)confidenceLevel\n"
    "RDBECOLIOPC00853\tthrLABC\t190\t5020\tforward\t4\t{genes}\t[EXP-IDA]\tC \n"
    "RDBECOLIOPC00001\tyaaX\t5234\t5530\tforward\t1\tyaaX\t\tW \n"
)
# The published gLM's operon.annot: made-up rows in its form (no header, tabs, `None`).
IN_ORDER = (
    "1\talpA\tleader peptide\talpABC\tNone\n"
    "2\talpB\tkinase\talpABC\talpABC\n"
    "3\tbetA\tprotein betA\tNone\tNone\n"
    "4\tinsX\ttransposase\tgamma\tNone\n"
    "5\tinsX\ttransposase\talpABC\talpABC\n"
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


@pytest.mark.parametrize("mark", ["", "# ", "#"])
@pytest.mark.parametrize("separator", ["|", ";", ","])
def test_the_new_format_is_read_by_its_header(tmp_path: Path, separator: str, mark: str) -> None:
    text = NEW.format(genes=separator.join(["thrL", "thrA", "thrB", "thrC"]))
    text = text.replace("1)operonId", f"{mark}1)operonId")
    operons, kind, _ = read_operons(write(tmp_path, text))
    assert kind.startswith("RegulonDB (version 12")
    assert [operon.name for operon in operons] == ["thrLABC", "yaaX"]
    assert operons[0].genes == ("thrL", "thrA", "thrB", "thrC")


def test_the_old_format_has_no_header(tmp_path: Path) -> None:
    operons, kind, _ = read_operons(write(tmp_path, OLD))
    assert kind.startswith("RegulonDB (version 11")
    assert operons[0].genes == ("thrL", "thrA", "thrB", "thrC")
    assert operons[1].genes == ("yaaX",)


def test_an_operon_that_lists_no_gene_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    operons, *_ = read_operons(write(tmp_path, NEW.format(genes="")))
    assert [operon.name for operon in operons] == ["yaaX"]
    assert "left out: 1 operons that list no gene" in caplog.text


def test_a_byte_order_mark_is_no_part_of_a_list(tmp_path: Path) -> None:
    """As Windows' editors write it; each format is still told by its first line."""
    for text in (OLD.partition("\n")[2].partition("\n")[2], IN_ORDER, "gene\toperon\na\tone\n"):
        plain = read_operons(write(tmp_path, text))
        assert read_operons(write(tmp_path, f"\ufeff{text}")) == plain


@pytest.mark.parametrize("separator", ["\t", ","])
def test_any_organism_by_a_table(tmp_path: Path, separator: str) -> None:
    rows = [("gene", "operon"), ("a", "one"), ("b", "one"), ("c", "two"), ("d", "")]
    text = "".join(separator.join(row) + "\n" for row in rows)
    operons, kind, _ = read_operons(write(tmp_path, text))
    assert kind == "table of genes and operons"
    assert {operon.name: operon.genes for operon in operons} == {"one": ("a", "b"), "two": ("c",)}


def test_the_published_file_lists_all_genes_in_order(tmp_path: Path) -> None:
    operons, kind, in_order = read_operons(write(tmp_path, IN_ORDER))
    assert kind == "the published gLM's operons"
    assert in_order == ("alpA", "alpB", "betA", "insX", "insX")
    assert {(o.name, o.genes, o.rows) for o in operons} == {
        ("alpABC", ("alpA", "alpB", "insX"), (0, 1, 4)),
        ("gamma", ("insX",), (3,)),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no operon in it"),
        ("# only remarks\n", "no operon in it"),
        (">protein\nMKV\n", "line 1: neither RegulonDB's OperonSet"),
        (OLD + "lacZYA\t1\t2\tupwards\t3\tlacZ,lacY\n", "line 5: neither RegulonDB"),
        (OLD.replace("yaaX\t5234", "\t5234"), "line 4: an operon without a name"),
        (OLD.replace("thrL,thrA,<thrB>,thrC", "").replace("\tyaaX\t", "\t\t"), "no operon in it"),
        (NEW.format(genes="thrL") + "RDB\tlacZYA\n", "line 10: 2 columns, 9 expected"),
        (IN_ORDER.replace("4\tinsX", "6\tinsX"), "line 4: not running number 4"),
        ("<!DOCTYPE html>\n<html></html>\n", "a web page.*download OperonSet there"),
        ("1)operonId\t7)operonGenes\nx\ta;b\n", "no column 'operonName'"),
        ("gene\toperon\n\tone\n", "line 2: a row without gene or operon"),
    ],
)
def test_a_file_of_another_format_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GlmError, match=message):
        read_operons(write(tmp_path, text))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"no such operon file \(operons.source"):
        read_operons(tmp_path / "OperonSet.txt")
