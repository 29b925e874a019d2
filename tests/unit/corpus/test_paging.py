from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.uniprot import UniProt

from glm import tables
from glm.corpus import paging, streams
from glm.corpus.fetching import fetch_file
from glm.corpus.release import one_file
from glm.errors import GlmError
from glm.provenance import stamp

ENZYMES = 1234
QUERY = "query=(reviewed:true)%20AND%20(ec:*)&format=tsv&fields=accession,ec,sequence"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[UniProt]:
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    with UniProt() as made:
        made.table += [[f"P{n:05d}", "1.1.1.1; 2.2.2.-", "MKV" + n * "A"] for n in range(ENZYMES)]
        yield made


def fetch(service: UniProt, folder: Path, path: str = "search") -> list[str]:
    fetch_file(
        f"{service.url}/uniprotkb/{path}?{QUERY}", folder / "manifest.parquet", stamp("test")
    )
    return one_file(folder / "manifest.parquet").read_text().splitlines()


@pytest.mark.parametrize("path", ["search", "stream"])
def test_a_query_is_fetched_page_by_page(service: UniProt, tmp_path: Path, path: str) -> None:
    """Also one of /stream, whose failures are words in a body of status 200."""
    lines = fetch(service, tmp_path, path)
    assert lines == ["\t".join(row) for row in service.table]
    assert len(service.asked) == 3
    assert all(asked.startswith("/uniprotkb/search?") for asked in service.asked)
    manifest = tables.read(tmp_path / "manifest.parquet", tables.MANIFEST).to_pylist()
    assert [row["path"] for row in manifest] == [f"{path}.tsv"]


def test_failures_within_an_answer_are_asked_for_again(service: UniProt, tmp_path: Path) -> None:
    service.fails_inside = [False, True, True]
    service.statuses = [200, 200, 500, 429]
    assert len(fetch(service, tmp_path)) == ENZYMES + 1


def test_no_manifest_after_an_error_and_then_it_goes_on(service: UniProt, tmp_path: Path) -> None:
    service.fails_inside = [False, *[True] * 100]
    with pytest.raises(GlmError, match=r"streaming data.*given up after 6 attempts.*it resumes"):
        fetch(service, tmp_path)
    assert not list(tmp_path.glob("[!.]*"))
    service.fails_inside = []
    service.asked.clear()
    assert fetch(service, tmp_path) == ["\t".join(row) for row in service.table]
    assert len(service.asked) == 2  # the first page is not asked for again
    service.asked.clear()
    fetch(service, tmp_path)
    assert service.asked == []


@pytest.mark.parametrize("change", ["release", "cursor"])
def test_what_cannot_be_gone_on_with_is_fetched_anew(
    service: UniProt, tmp_path: Path, change: str
) -> None:
    """Pages of two releases are not put together; a page's address does not live for ever."""
    service.fails_inside = [False, *[True] * 6]
    with pytest.raises(GlmError):
        fetch(service, tmp_path)
    service.fails_inside = []
    if change == "release":
        service.release = "2026_04"
        service.table = [service.table[0], *(["Q11111", "3.1.1.1", f"M{n}"] for n in range(600))]
    else:
        service.statuses = [400]
    assert fetch(service, tmp_path) == ["\t".join(row) for row in service.table]


def test_entries_that_are_missing_are_seen(service: UniProt, tmp_path: Path) -> None:
    service.table[700] = [""]  # an entry that is a blank line
    with pytest.raises(GlmError, match=r"1,233 entries came, 1234 should. The file was removed"):
        fetch(service, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_entry_that_ends_in_an_error_is_no_file(service: UniProt, tmp_path: Path) -> None:
    """What is no query is fetched whole, and looked at too."""
    service.sequences["P11558"] = 100 * "MKV"
    service.fails_inside = [True]
    address = f"{service.url}/uniprotkb/accessions?accessions=P11558&format=fasta"
    with pytest.raises(GlmError, match=r"failed within its answer. It was removed"):
        fetch_file(address, tmp_path / "manifest.parquet", stamp("test"))
    assert not list(tmp_path.glob("[!.]*.fasta")) + list(tmp_path.glob("*.parquet"))
    fetch_file(address, tmp_path / "manifest.parquet", stamp("test"))
    assert one_file(tmp_path / "manifest.parquet").name == "accessions.fasta"


def test_a_query_that_finds_nothing_is_an_error(service: UniProt, tmp_path: Path) -> None:
    del service.table[1:]
    with pytest.raises(GlmError, match=r"0 entries came, 0 should"):
        fetch(service, tmp_path)


def test_a_refused_query_is_not_repeated(service: UniProt, tmp_path: Path) -> None:
    service.statuses = [400] * 6
    with pytest.raises(GlmError, match="400 Bad Request"):
        fetch(service, tmp_path)
    assert len(service.asked) == 1


def test_names_of_files_and_of_queries() -> None:
    assert paging.file_name("https://h/a/uniref100.fasta.gz") == "uniref100.fasta.gz"
    assert paging.file_name("https://h/uniprotkb/search?query=a.b&format=fasta") == "search.fasta"
    assert not paging.is_query("https://rest.uniprot.org/uniprotkb/P11558.fasta")
    with pytest.raises(GlmError, match="names no file"):
        paging.file_name("https://h/")
    with pytest.raises(GlmError, match="format 'xlsx'; known are fasta, list, tsv"):
        paging.paged("https://h/uniprotkb/search?query=a&format=xlsx")
    paged = paging.paged("https://h/uniprotkb/stream?query=(ec:*)%20AND%20x&compressed=true&size=9")
    assert paged == "https://h/uniprotkb/search?format=tsv&query=%28ec%3A%2A%29+AND+x&size=500"
