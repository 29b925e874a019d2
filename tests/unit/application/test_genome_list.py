from __future__ import annotations

from pathlib import Path

import pytest

from glm.application.genome_list import list_genomes
from glm.errors import GlmError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Genomes under several names; what is in the files is not looked at."""
    for name in ("a.fna", "b.gbk", "c.gff", "c.fna", "more/d.gbff.gz", "more/d.fna.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(given: str | list[str]) -> list[str]:
    return [genome.name for genome in list_genomes(given)]


def test_files_folders_and_patterns(folder: Path) -> None:
    assert names(["a.fna", "b.gbk"]) == ["a", "b"]
    assert names("*.gbk") == ["b"]
    assert names("more") == ["d"], "of several formats the annotated one, once"
    assert names(["a.fna", "more"]) == ["a", "d"]
    assert sorted(names(".")) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("given", [["c.gff"], ["c.gff", "c.fna"], ["c.*"]])
def test_a_gff_takes_the_fasta_of_its_name(folder: Path, given: list[str]) -> None:
    [genome] = list_genomes(given)
    assert genome.files == [Path("c.gff"), Path("c.fna")]


@pytest.mark.parametrize(("suffix", "comma"), [("tsv", "\t"), ("csv", ",")])
def test_a_sheet_gives_names_and_biomes(folder: Path, suffix: str, comma: str) -> None:
    rows = ["name\tpath\tbiome", "first\td.gbff.gz\troot:Host-associated:Human", "\t../a.fna\t"]
    sheet = folder / "more" / f"sheet.{suffix}"
    sheet.write_text("\n".join(rows).replace("\t", comma))
    first, second = list_genomes(f"more/sheet.{suffix}")
    assert (first.name, first.biome) == ("first", "root:Host-associated:Human")
    assert first.path == Path("more/d.gbff.gz")
    assert (second.name, second.biome) == ("a", None)


def test_a_file_that_was_read_may_be_gone(folder: Path) -> None:
    [genome] = list_genomes(["gone/x.gff"], were_read=True)
    assert genome.files == [Path("gone/x.gff")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["gone.fna"], r"release\.genomes: gone\.fna: no such file or folder"),
        (["a.fna", "./a.fna"], r"a\.fna: is listed twice"),
        (["more", "more/d.gbff.gz"], r"more/d\.gbff\.gz: is listed twice"),
        ("*.embl", r"\*\.embl: no file has such a name"),
        (["more/d.gbff.gz", "more/d.fna.gz"], r"are both called 'd'; rename one, or name them"),
        ([], "lists no genome"),
    ],
)
def test_what_cannot_be_meant_is_named(folder: Path, given: str | list[str], message: str) -> None:
    with pytest.raises(GlmError, match=message):
        list_genomes(given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path\tbiomes\na.fna\tsoil\n", r"column biomes: a sheet of genomes is tab-separated"),
        ("name\nx\n", r"column path: a sheet"),
        ("path\na.fna\ngone.fna\n", r"sheet\.tsv: line 3: gone\.fna: no such file"),
        ("name\tpath\nx\t\n", r"sheet\.tsv: line 2: has no path"),
    ],
)
def test_a_bad_sheet_is_named_by_its_line(folder: Path, text: str, message: str) -> None:
    (folder / "sheet.tsv").write_text(text)
    with pytest.raises(GlmError, match=message):
        list_genomes("sheet.tsv")
