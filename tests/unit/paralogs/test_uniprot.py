from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from glm.errors import GlmError
from glm.paralogs import uniprot

SEQUENCES = {"P12345": "MKVLA", "P12346": "MAAGW", "A0A023GPI8": "MSTNP", "Q8TTZ3": "MVV"}


class Service(BaseHTTPRequestHandler):
    """What the REST service does: FASTA of the known ones, in pages of two, now and then busy."""

    failures = 0
    status = 503
    asked: list[list[str]] = []  # noqa: RUF012
    page = 2

    def do_GET(self) -> None:
        query = parse_qs(urlparse(self.path).query)
        wanted = query["accessions"][0].split(",")
        if Service.failures:
            Service.failures -= 1
            self.send_response(Service.status)
            self.end_headers()
            return
        start = int(query.get("cursor", ["0"])[0])
        if not start:
            Service.asked.append(wanted)
        found = [name for name in wanted if name in SEQUENCES]
        shown = found[start : start + Service.page]
        self.send_response(200)
        if start + Service.page < len(found):
            there = f"http://{self.headers['Host']}{self.path.split('&cursor')[0]}"
            self.send_header("Link", f'<{there}&cursor={start + Service.page}>; rel="next"')
        self.end_headers()
        for name in shown:
            lines = f">tr|{name}|{name}_TEST Protein OS=Test\n{SEQUENCES[name][:3]}\n"
            self.wfile.write(f"{lines}{SEQUENCES[name][3:]}\n".encode())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Service.failures, Service.status, Service.asked, Service.page = 0, 503, [], 2
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/uniprotkb/accessions"
    server.shutdown()


def test_all_pages_of_all_batches_are_read(address: str, tmp_path: Path) -> None:
    fetched = uniprot.fetch([*SEQUENCES, "P99999"], tmp_path, address, patience=0.01, batch=3)
    assert fetched.sequences == SEQUENCES
    assert fetched.missing == {"P99999": "UniProt has no sequence (deleted or merged)"}
    assert [len(batch) for batch in Service.asked] == [3, 2]


def test_what_was_answered_is_not_asked_again(address: str, tmp_path: Path) -> None:
    uniprot.fetch(["P12345", "P99999"], tmp_path, address, 0.01)
    again = uniprot.fetch(["P12345", "P99999", "P12346"], tmp_path, address, 0.01)
    assert Service.asked == [["P12345", "P99999"], ["P12346"]]
    assert set(again.sequences) == {"P12345", "P12346"}


def test_a_busy_service_is_asked_again(address: str, tmp_path: Path) -> None:
    Service.failures = 3
    assert uniprot.fetch(["P12345"], tmp_path, address, 0.01).sequences == {"P12345": "MKVLA"}


def test_an_outage_keeps_what_was_answered(address: str, tmp_path: Path) -> None:
    uniprot.fetch(["P12345"], tmp_path, address, 0.01)
    Service.failures = 100
    with pytest.raises(GlmError, match=r"503.*tried 6 times.*run again when the service is back"):
        uniprot.fetch(["P12345", "P12346"], tmp_path, address, 0.01)
    assert not list(tmp_path.glob(".*"))
    Service.failures = 0
    assert set(uniprot.fetch(["P12345", "P12346"], tmp_path, address, 0.01).sequences) == {
        "P12345",
        "P12346",
    }
    assert Service.asked == [["P12345"], ["P12346"]]


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="tried 6 times"):
        uniprot.fetch(["P12345"], tmp_path, "http://127.0.0.1:9/none", patience=0.01)


def test_a_refusal_is_not_repeated(address: str, tmp_path: Path) -> None:
    Service.failures, Service.status = 1, 400
    with pytest.raises(GlmError, match="400"):
        uniprot.fetch(["P12345"], tmp_path, address, 0.01)


def test_what_is_no_accession_is_listed_and_not_asked_for(address: str, tmp_path: Path) -> None:
    fetched = uniprot.fetch(["MODA_ECOLI", "P12345"], tmp_path, address, 0.01)
    assert fetched.missing == {"MODA_ECOLI": "not an accession"}
    assert Service.asked == [["P12345"]]


def test_another_service_is_asked_though_the_first_answered(address: str, tmp_path: Path) -> None:
    uniprot.fetch(["P12345", "P12346"], tmp_path, address, 0.01)
    uniprot.fetch(["P12345"], tmp_path, f"{address}/second", 0.01)
    assert Service.asked == [["P12345", "P12346"], ["P12345"]]


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    answers = uniprot.folder_of(tmp_path, "http://127.0.0.1:9/none")
    answers.mkdir()
    (answers / "half.json").write_text('{"P123')
    with pytest.raises(GlmError, match=r"half.json: damaged .* remove it and run again"):
        uniprot.fetch(["P12345"], tmp_path, "http://127.0.0.1:9/none")
