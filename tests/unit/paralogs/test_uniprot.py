from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from tests.uniprot import UniProt

from glm.corpus import streams
from glm.errors import GlmError
from glm.paralogs import uniprot

SEQUENCES = {"P12345": "MKVLA", "P12346": "MAAGW", "A0A023GPI8": "MSTNP", "Q8TTZ3": "MVV"}
# Versions of a dropped entry's sequence, isoforms, and other entries of the same sequence.
ARCHIVE = [
    ("A0A140VJC8; B2R5V1.1; P05067-1; P05067", "MLPGL"),
    ("B2R5V1.2", "MLPGLALLL"),
    ("O00597.1; Q99999", "MMK"),
    ("Q99999.1", "MM"),
]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[UniProt]:
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    with UniProt() as made:
        made.sequences, made.archive, made.page = SEQUENCES, ARCHIVE, 2
        yield made


def fetch(service: UniProt, names: list[str], cache: Path, **options: int) -> uniprot.Fetched:
    return uniprot.fetch(names, cache, f"{service.url}/uniprotkb/accessions", **options)


def batches(service: UniProt, path: str = "/uniprotkb/accessions") -> list[list[str]]:
    """The accessions of each first page that was asked for."""
    asked = [urlparse(each) for each in service.asked]
    queries = [parse_qs(each.query) for each in asked if each.path == path]
    if path.startswith("/uniparc"):
        return [q["query"][0].split(" OR ") for q in queries if "cursor" not in q]
    return [q["accessions"][0].split(",") for q in queries if "cursor" not in q]


def test_all_pages_of_all_batches_are_read(service: UniProt, tmp_path: Path) -> None:
    fetched = fetch(service, [*SEQUENCES, "P99999"], tmp_path, batch=3)
    assert fetched.sequences == SEQUENCES
    assert fetched.missing == {"P99999": "neither UniProt nor UniParc has it"}
    assert [len(batch) for batch in batches(service)] == [3, 2]


def test_the_archive_has_what_uniprot_dropped(service: UniProt, tmp_path: Path) -> None:
    """Its last version; and only what UniProtKB has not is looked for there."""
    asked = ["B2R5V1", "O00597", "Q99999", "P99999"]
    fetched = fetch(service, ["P12345", *asked], tmp_path)
    expected = {"P12345": "MKVLA", "B2R5V1": "MLPGLALLL", "O00597": "MMK", "Q99999": "MMK"}
    assert fetched.sequences == expected
    assert (fetched.archived, set(fetched.missing)) == (3, {"P99999"})
    assert batches(service, "/uniparc/search") == [[f"dbid:{name}" for name in asked]]
    service.asked.clear()
    assert fetch(service, ["B2R5V1", "P99999"], tmp_path).sequences == {"B2R5V1": "MLPGLALLL"}
    assert service.asked == []


def test_what_was_answered_is_not_asked_again(service: UniProt, tmp_path: Path) -> None:
    fetch(service, ["P12345", "P99999"], tmp_path)
    again = fetch(service, ["P12345", "P99999", "P12346"], tmp_path)
    assert batches(service) == [["P12345", "P99999"], ["P12346"]]
    assert set(again.sequences) == {"P12345", "P12346"}


def test_a_busy_service_is_asked_again(service: UniProt, tmp_path: Path) -> None:
    service.statuses = [503, 429, 500]
    assert fetch(service, ["P12345"], tmp_path).sequences == {"P12345": "MKVLA"}


def test_an_answer_that_fails_within_is_asked_for_again(service: UniProt, tmp_path: Path) -> None:
    service.fails_inside = [True, True]
    assert fetch(service, ["P12345"], tmp_path).sequences == {"P12345": "MKVLA"}
    assert len(service.asked) == 3


def test_an_outage_keeps_what_was_answered(service: UniProt, tmp_path: Path) -> None:
    fetch(service, ["P12345"], tmp_path)
    service.fails_inside = [True] * 100
    with pytest.raises(GlmError, match=r"streaming data.*given up after 6.*Run again when"):
        fetch(service, ["P12345", "P12346"], tmp_path)
    assert not list(tmp_path.rglob(".*"))
    service.fails_inside = []
    assert set(fetch(service, ["P12345", "P12346"], tmp_path).sequences) == {"P12345", "P12346"}


def test_a_service_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    with pytest.raises(GlmError, match="given up after 6 attempts"):
        uniprot.fetch(["P12345"], tmp_path, "http://127.0.0.1:9/uniprotkb/accessions")


def test_a_refusal_is_not_repeated(service: UniProt, tmp_path: Path) -> None:
    service.statuses = [400] * 6
    with pytest.raises(GlmError, match="400"):
        fetch(service, ["P12345"], tmp_path)
    assert len(service.asked) == 1


def test_what_is_no_accession_is_listed_and_not_asked_for(service: UniProt, tmp_path: Path) -> None:
    fetched = fetch(service, ["MODA_ECOLI", "P12345"], tmp_path)
    assert fetched.missing == {"MODA_ECOLI": "not an accession"}
    assert batches(service) == [["P12345"]]


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    answers = uniprot.folder_of(tmp_path, "http://127.0.0.1:9/uniprotkb/accessions")
    answers.mkdir()
    (answers / "half.json").write_text('{"P123')
    with pytest.raises(GlmError, match=r"half.json: damaged .* remove it and run again"):
        uniprot.fetch(["P12345"], tmp_path, "http://127.0.0.1:9/uniprotkb/accessions")


@pytest.mark.parametrize("text", ["<html>", ">sp|P12345\nMK", ">sp|P12345|X\nMK V1: error"])
def test_an_answer_that_is_no_fasta_is_refused(text: str) -> None:
    with pytest.raises(GlmError, match=r"the answer is no FASTA|no accession or no sequence"):
        uniprot.parse(text, "address")
