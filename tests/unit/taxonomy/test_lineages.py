from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from glm import tables
from glm.errors import GlmError
from glm.taxonomy.lineages import list_genomes, read_ranks, read_summary

HEADER = "#assembly_accession\tbioproject\trefseq_category\ttaxid\tversion_status\tftp_path"
# taxid, parent, rank, name: root > Bacteria > Bacilli > Staphylococcus > S. aureus; a virus
NODES = [
    (1, 1, "no rank", "root"),
    (2, 1, "superkingdom", "Bacteria"),
    (10, 2, "class", "Bacilli"),
    (11, 10, "genus", "Staphylococcus"),
    (12, 11, "species", "Staphylococcus aureus"),
    (20, 1, "acellular root", "Viruses"),
    (21, 20, "species", "some virus"),
]


def write_dump(path: Path, taxa: Sequence[tuple[int, int, str, str]] = NODES) -> Path:
    """NCBI's archive of taxa: number, parent, rank, name."""
    nodes = "".join(f"{t}\t|\t{p}\t|\t{rank}\t|\tx\t|\n" for t, p, rank, _ in taxa)
    names = "".join(
        f"{t}\t|\tnot {name}\t|\t\t|\tsynonym\t|\n{t}\t|\t{name}\t|\t\t|\tscientific name\t|\n"
        for t, _, _, name in taxa
    )
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("nodes.dmp", nodes), ("names.dmp", names)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def write_summary(path: Path, rows: list[tuple[str, str, int, str, str]]) -> Path:
    lines = ["##  See the README", HEADER]
    lines += [f"{a}\tPRJ\t{c}\t{t}\t{v}\t{f}" for a, c, t, v, f in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_representatives_and_viruses_with_their_lineages(tmp_path: Path) -> None:
    ftp = "ftp://ftp.ncbi.nlm.nih.gov/genomes/all/GCF/X"
    bacteria = write_summary(
        tmp_path / "bacteria.txt",
        [
            ("GCF_1", "reference genome", 12, "latest", ftp),
            ("GCF_2", "representative genome", 12, "latest", ftp),
            ("GCF_3", "na", 12, "latest", ftp),
            ("GCF_4", "reference genome", 12, "replaced", ftp),
            ("GCF_5", "reference genome", 12, "latest", "na"),
        ],
    )
    viral = write_summary(tmp_path / "viral.txt", [("GCF_9", "na", 21, "latest", ftp)])
    genomes = list_genomes(
        {"bacteria": bacteria, "viral": viral}, write_dump(tmp_path / "taxdump.tar.gz")
    )
    assert genomes["accession"].tolist() == ["GCF_1", "GCF_2", "GCF_9"]
    assert genomes["domain"].tolist() == ["Bacteria", "Bacteria", "Viruses"]
    assert genomes["taxonomic_class"].tolist()[:2] == ["Bacilli", "Bacilli"]
    assert genomes["genus"].tolist()[:2] == ["Staphylococcus", "Staphylococcus"]
    assert genomes.loc[2, ["taxonomic_class", "genus"]].isna().all()
    tables.write(genomes, tmp_path / "g.parquet", tables.TAXONOMY_GENOMES, {"producer": "test"})
    assert tables.read(tmp_path / "g.parquet", tables.TAXONOMY_GENOMES)["genus"].null_count == 1
    assert genomes["address"].str.startswith("https://ftp.ncbi").all()


def test_accessions_that_are_asked_for_alone(tmp_path: Path) -> None:
    """Also one that no list calls a reference; one that is not the latest is named."""
    rows = [("GCF_1.1", "reference genome", 12, "latest", "ftp://a/x"),
            ("GCF_2.1", "na", 12, "latest", "ftp://a/y"),
            ("GCF_3.1", "na", 12, "replaced", "ftp://a/z")]  # fmt: skip
    summaries = {"bacteria": write_summary(tmp_path / "bacteria.txt", rows)}
    taxdump = write_dump(tmp_path / "taxdump.tar.gz")
    assert list_genomes(summaries, taxdump, ["GCF_2.1"])["accession"].tolist() == ["GCF_2.1"]
    with pytest.raises(GlmError, match=r"no latest assembly GCF_3.1; was it replaced"):
        list_genomes(summaries, taxdump, ["GCF_2.1", "GCF_3.1"])


def test_an_unknown_taxon_has_no_names(tmp_path: Path) -> None:
    ranks = read_ranks(write_dump(tmp_path / "t.tar.gz"), [12, 999], ["class", "genus"])
    assert ranks.loc[12].to_dict() == {"class": "Bacilli", "genus": "Staphylococcus"}
    assert ranks.loc[999].tolist() == [None, None]


def test_old_headers_have_a_blank(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_text(
        "#   See\n".replace("#", "##") + HEADER.replace("#", "# ") + "\na\tb\tc\t1\te\tf\n"
    )
    assert next(read_summary(path))["assembly_accession"] == "a"


def test_files_of_the_wrong_kind_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("<html>\n")
    with pytest.raises(GlmError, match=r"x.txt: no column 'assembly_accession'"):
        list(read_summary(tmp_path / "x.txt"))
    (tmp_path / "cut.txt").write_text(HEADER + "\nGCF_1\tPRJ\n")
    with pytest.raises(GlmError, match=r"cut.txt: line 2: 2 columns of 6"):
        list(read_summary(tmp_path / "cut.txt"))
    (tmp_path / "taxdump.tar.gz").write_bytes(b"not a tar")
    with pytest.raises(GlmError, match=r"taxdump.tar.gz: no whole taxdump"):
        read_ranks(tmp_path / "taxdump.tar.gz", [1], ["class"])


def test_no_genome_is_left(tmp_path: Path) -> None:
    path = write_summary(tmp_path / "b.txt", [("GCF_3", "na", 12, "latest", "ftp://x")])
    with pytest.raises(GlmError, match="no representative or reference genome"):
        list_genomes({"bacteria": path}, write_dump(tmp_path / "taxdump.tar.gz"))
