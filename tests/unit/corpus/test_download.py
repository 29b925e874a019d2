from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from tenacity import RetryCallState
from tests.servers import LocalServer, QuietHandler

from glm import logs, tables
from glm.corpus import download, streams
from glm.corpus.fetching import fetch_file
from glm.corpus.release import RemoteFile
from glm.errors import GlmError
from glm.provenance import stamp

CONTENT = bytes(range(256)) * 4096  # 1 MiB
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(LocalServer):
    """A server of one file, whose faults a test chooses."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.ranges: list[str | None] = []
        self.statuses: list[int] = []  # of the next answers, before it behaves
        self.breaks_after: int | None = None  # bytes of the next answer
        self.knows_ranges = True
        self.seconds_per_chunk = 0.0
        self.stalls_after: int | None = None  # bytes of the next answer, which then falls silent
        self.answers: list[bytes] = []  # instead of the content, of the next answers
        self.headers: dict[str, str] = {}  # of all answers
        self.wrong_range = False
        self.released = Event()
        self.after_break: dict[str, str] | None = None  # headers after the first broken answer
        self.at_a_time: set[object] = set()
        self.most_at_a_time = 0
        self.content = CONTENT
        self.metalink: str | None = None  # of UniProt's releases
        self.absent = 404  # what is answered where there is no metalink
        self.tells_size = True  # of the whole file, and of what lies behind its end

    def handle_error(self, *_: object) -> None:
        """A client that goes is no error of the server's."""


class Handler(QuietHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    breaks_always: int | None = None  # bytes of each answer

    def respond(self) -> None:
        self.server.at_a_time.add(self)
        self.server.most_at_a_time = max(self.server.most_at_a_time, len(self.server.at_a_time))
        try:
            self.serve()
        finally:
            self.server.at_a_time.discard(self)

    def serve(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        content = self.server.content
        if self.server.answers:
            content = self.server.answers.pop(0)
        if self.path.endswith("md5sum.txt"):
            content = f"{MD5}  mgy_seq_metadata_1.tsv.gz\n{MD5}  mgy_proteins_1.fa.gz\n".encode()
        if self.path.endswith("RELEASE.metalink"):
            text, breaks = self.server.metalink, self.server.breaks_after
            self.server.breaks_after = None  # that one is for the file
            self.give(200 if text else self.server.absent, (text or "").encode())
            self.server.breaks_after = breaks
        elif self.server.statuses:
            self.give(self.server.statuses.pop(0), b"")
        elif asked and self.server.knows_ranges:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            if start >= len(content):
                self.give(416, b"")
            else:
                self.give(206, content[start:])
        else:
            self.give(200, content)

    def give(self, status: int, body: bytes) -> None:
        self.send_response(status)
        size = len(self.server.content)
        total = size if self.server.tells_size else "*"
        if self.server.tells_size:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        if status == 206:
            start = size - len(body) + self.server.wrong_range
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{total}")
        if status == 416 and self.server.tells_size:
            self.send_header("Content-Range", f"bytes */{total}")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.breaks_after is not None:
            body, self.server.breaks_after = body[: self.server.breaks_after], None
            self.server.headers = self.server.after_break or self.server.headers
            self.close_connection = True
        if self.breaks_always is not None:
            body = body[: self.breaks_always]
            self.close_connection = True
        if self.server.stalls_after is not None:
            body, self.server.stalls_after = body[: self.server.stalls_after], None
            self.wfile.write(body)
            self.server.released.wait(20)
            self.close_connection = True
            return
        for begin in range(0, len(body), 1 << 16):
            self.wfile.write(body[begin : begin + (1 << 16)])
            time.sleep(self.server.seconds_per_chunk)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    with Server() as made:
        yield made
        made.released.set()


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    """Where an earlier run leaves the part of file.gz that it has fetched."""
    return tmp_path / ".file.gz.partial"


def note(partial: Path, size: int | None = None, tag: str | None = None) -> None:
    """Say of a part what the server said of its file."""
    said = {"size": size, "etag": tag, "modified": None}
    download.note_of(partial).write_text(json.dumps(said))


def files_of(server: Server, *names: str) -> list[RemoteFile]:
    return [RemoteFile(f"{server.url}/{name}", name, "proteins", MD5) for name in names]


def fetch(url: str, folder: Path, md5: str | None = MD5) -> Path:
    with streams.client() as client, logs.progress_bar() as bar:
        return download.fetch(client, RemoteFile(url, "file.gz", "proteins", md5), folder, bar)


def test_fetches_and_verifies(server: Server, tmp_path: Path):
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["file.gz"]


def test_what_is_whole_is_not_fetched_again(server: Server, tmp_path: Path):
    (tmp_path / "file.gz").write_bytes(CONTENT)
    fetch(server.url, tmp_path)
    assert server.ranges == []


def test_another_version_of_a_file_is_fetched_anew(server: Server, tmp_path: Path):
    (tmp_path / "file.gz").write_bytes(b"an older one")
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_resumes_what_a_broken_connection_left(server: Server, tmp_path: Path, knows_ranges: bool):
    """Or starts over, where the server knows no ranges."""
    server.knows_ranges = knows_ranges
    server.breaks_after = 300_000
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path):
    server.statuses = [503, 429, 500]
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert len(server.ranges) == 4


@pytest.mark.parametrize(
    ("status", "headers", "message", "asked"),
    [
        (503, {}, r"503 .*Run the same command again", 3),
        (503, {"Retry-After": "86400"}, r"503 .* come back after 86,400 s", 1),  # not for hours
        (404, {}, "404 Not Found; is it right", 1),
    ],
)
def test_gives_up_with_what_to_do(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    headers: dict[str, str],
    message: str,
    asked: int,
):
    monkeypatch.setattr(streams, "ATTEMPTS", 3)
    server.statuses, server.headers = [status] * 50, headers
    with pytest.raises(GlmError, match=message):
        fetch(server.url, tmp_path)
    assert len(server.ranges) == asked


@pytest.mark.parametrize("as_date", [False, True])
@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_long_as_the_server_asks(
    server: Server, tmp_path: Path, status: int, as_date: bool
):
    server.statuses = [status]
    later = datetime.now(UTC) + timedelta(seconds=2)
    server.headers["Retry-After"] = format_datetime(later, usegmt=True) if as_date else "1"
    started = time.monotonic()
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert 0.8 < time.monotonic() - started < 10
    assert len(server.ranges) == 2


@pytest.mark.parametrize("value", ["soon", "-3", ""])
def test_a_strange_wish_is_no_wish(value: str):
    assert streams.retry_after(value) == 0


def test_waits_grow_and_are_jittered():
    retrying = streams.retrying()
    state = RetryCallState(retrying, None, (), {})
    drawn = []
    for number in (1, 2, 3, 4):
        state.attempt_number = number
        drawn.append([retrying.wait(state) for _ in range(20)])
    assert all(len(set(found)) > 10 for found in drawn)
    lowest = [min(found) for found in drawn]
    assert lowest == sorted(lowest)
    assert lowest[3] >= 4 * streams.FIRST_WAIT


def test_a_silent_connection_is_dropped_and_resumed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "TIMEOUT", httpx.Timeout(5.0, read=0.3))
    server.stalls_after = 300_000
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]


def test_connections_may_break_more_often_than_attempts_as_long_as_bytes_come(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "ATTEMPTS", 2)
    monkeypatch.setattr(Handler, "breaks_always", 200_000)
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert len(server.ranges) == 6


def test_what_was_corrupted_on_the_way_is_fetched_once_more(server: Server, tmp_path: Path):
    server.answers = [b"x" + CONTENT[1:]]
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, None]


def test_a_part_that_was_not_asked_for_is_not_taken(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "ATTEMPTS", 2)
    server.breaks_after = 300_000
    server.wrong_range = True
    with pytest.raises(GlmError, match="when asked for what follows byte 300000"):
        fetch(server.url, tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"ETag": '"a"'}, {"ETag": '"b"'}, 'ETag was "a", is "b"'),
        (
            {"ETag": '"a"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
            {"ETag": '"b"', "Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"},
            "Last-Modified was Mon, .* is Tue",
        ),
    ],
)
@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_file_that_changes_while_it_is_fetched_is_refused(
    server: Server,
    tmp_path: Path,
    before: dict[str, str],
    after: dict[str, str],
    message: str,
    knows_ranges: bool,
):
    server.headers = before
    server.knows_ranges = knows_ranges
    server.breaks_after = 300_000
    server.after_break = after
    with pytest.raises(GlmError, match=f"changed on the server while it was fetched .*{message}"):
        fetch(server.url, tmp_path)
    assert os.listdir(tmp_path) == []


def test_servers_of_one_address_may_tag_one_file_differently(server: Server, tmp_path: Path):
    date = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    server.headers = {"ETag": '"a"', **date}
    server.breaks_after = 300_000
    server.after_break = {"ETag": '"b"', **date}
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]


def test_a_part_of_an_older_file_is_dropped_by_the_next_run(
    server: Server, tmp_path: Path, partial: Path, caplog: pytest.LogCaptureFixture
):
    partial.write_bytes(b"of an older file")
    note(partial, size=99)
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert "changed since an earlier run (size was 99" in caplog.text
    assert os.listdir(tmp_path) == ["file.gz"]


@pytest.mark.parametrize("tells_size", [True, False])
@pytest.mark.parametrize("noted", [{"size": 2_000_000}, {"tag": '"a"'}, {}, None])
def test_without_a_checksum_a_longer_older_part_is_not_taken_for_the_file(
    server: Server, tmp_path: Path, partial: Path, noted: dict[str, Any] | None, tells_size: bool
):
    """The server answers 416 to what asks for bytes behind its end."""
    server.tells_size = tells_size
    partial.write_bytes(bytes(len(CONTENT) + 1000))
    if noted is not None:
        note(partial, **noted)
    assert fetch(server.url, tmp_path, md5=None).read_bytes() == CONTENT
    assert set(os.listdir(tmp_path)) == {"file.gz", "file.gz.address"}


@pytest.mark.parametrize(
    ("noted", "headers", "tells_size"),
    [
        ({"tag": '"a"'}, {}, True),
        ({"size": 5_000_000}, {"ETag": '"a"'}, False),
        ({"tag": '"a"'}, {"ETag": '"b"'}, False),
    ],
)
def test_without_a_checksum_what_is_another_or_cannot_be_compared_is_fetched_anew(
    server: Server,
    tmp_path: Path,
    partial: Path,
    noted: dict[str, Any],
    headers: dict[str, str],
    tells_size: bool,
):
    partial.write_bytes(bytes(1000))
    note(partial, **noted)
    server.tells_size, server.headers = tells_size, headers
    assert fetch(server.url, tmp_path, md5=None).read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-", None]


def test_without_a_size_a_tag_is_enough_to_resume(server: Server, tmp_path: Path, partial: Path):
    partial.write_bytes(CONTENT[:1000])
    note(partial, tag='"a"')
    server.tells_size, server.headers = False, {"ETag": '"a"'}
    assert fetch(server.url, tmp_path, md5=None).read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_all_downloads_together_keep_below_the_bandwidth(server: Server, tmp_path: Path):
    started = time.monotonic()
    with streams.client() as client:
        files = files_of(server, "a.gz", "b.gz")
        download.fetch_all(client, files, tmp_path, 2, bytes_per_second=2e6)
    assert time.monotonic() - started > 0.95 * 2 * len(CONTENT) / 2e6


def test_no_more_connections_than_allowed(server: Server, tmp_path: Path):
    server.seconds_per_chunk = 0.005
    with streams.client() as client:
        download.fetch_all(client, files_of(server, *"abcdef"), tmp_path, 2)
    assert server.most_at_a_time == 2


def command_of(root: Path, server: Server, manifest: Path) -> list[str]:
    """The download of a release by hand."""
    script = root / "workflow" / "scripts" / "download_release.py"
    options = f"--address {server.url} --clusters linclust --manifest {manifest}"
    return [sys.executable, str(script), *options.split()]


def test_a_dry_run_says_what_would_be_fetched_and_how_large_it_is(
    server: Server, tmp_path: Path, root: Path
):
    output = tmp_path / "release" / "manifest.parquet"
    output.parent.mkdir()
    server.content = CONTENT * 4
    (output.parent / ".mgy_proteins_1.fa.gz.partial").write_bytes(bytes(3_000_000))
    command = [*command_of(root, server, output), "--dry-run"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    assert made.stdout.splitlines() == [
        "mgy_seq_metadata_1.tsv.gz\tsequence_metadata\t0.004 GB",
        "mgy_proteins_1.fa.gz\tproteins\t0.004 GB, 0.003 GB of it here",
        "2 files, 0.008 GB; 0.005 GB to be fetched",
    ]
    assert os.listdir(output.parent) == [".mgy_proteins_1.fa.gz.partial"]


def test_a_wrong_checksum_names_the_file_and_leaves_nothing(server: Server, tmp_path: Path):
    with pytest.raises(GlmError, match=rf"{server.url}: wrong checksum: MD5 {MD5}"):
        fetch(server.url, tmp_path, md5="0" * 32)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("held", [CONTENT[:1000], CONTENT])
def test_resumes_what_a_killed_run_left(server: Server, tmp_path: Path, partial: Path, held: bytes):
    partial.write_bytes(held)
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(held)}-"]


@pytest.mark.parametrize("held", [b"of an older file", bytes(len(CONTENT) + 1)])
def test_starts_over_when_what_was_left_is_of_another_file(
    server: Server, tmp_path: Path, partial: Path, held: bytes
):
    partial.write_bytes(held)
    assert fetch(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(held)}-", None]


def test_folders_of_this_machine_work_the_same(tmp_path: Path):
    source = tmp_path / "a name with blanks.gz"
    source.write_bytes(CONTENT)
    (tmp_path / "to").mkdir()
    assert fetch(source.as_uri(), tmp_path / "to").read_bytes() == CONTENT
    with pytest.raises(GlmError, match="nowhere: no such file"):
        fetch((tmp_path / "nowhere").as_uri(), tmp_path)


def test_a_full_disk_is_named(small_disk: Path, tmp_path: Path):
    source = tmp_path / "source.gz"
    source.write_bytes(CONTENT)
    with pytest.raises(GlmError, match=r"file\.gz: No space left on device"):
        fetch(source.as_uri(), small_disk)


def test_the_manifest_tells_what_was_fetched(server: Server, tmp_path: Path):
    with streams.client() as client:
        files = files_of(server, "a.gz", "b.gz")
        manifest = download.fetch_all(client, files, tmp_path / "release", 2)
    tables.write(manifest, tmp_path / "manifest.parquet", tables.MANIFEST, {})
    assert manifest["path"].to_pylist() == ["a.gz", "b.gz"]
    assert manifest["size"].to_pylist() == [len(CONTENT)] * 2
    assert manifest["url"].to_pylist() == [f"{server.url}/a.gz", f"{server.url}/b.gz"]
    assert manifest["md5"].to_pylist() == [MD5] * 2
    for reported in manifest["fetched"].to_pylist():
        assert abs(datetime.now(UTC) - datetime.fromisoformat(reported)) < timedelta(minutes=10)


def test_one_bad_file_of_many_is_an_error(server: Server, tmp_path: Path):
    files = files_of(server, *"0123")
    files[1] = RemoteFile(server.url, "1", "proteins", "0" * 32)
    with streams.client() as client, pytest.raises(GlmError, match="wrong checksum"):
        download.fetch_all(client, files, tmp_path, 1)
    assert not {"1", ".1.partial"} & set(os.listdir(tmp_path))
    assert (tmp_path / "0").read_bytes() == CONTENT


def test_a_run_killed_in_the_middle_goes_on_from_there(server: Server, tmp_path: Path, root: Path):
    """kill -9, the same command again: the second run asks only for the rest."""
    manifest = tmp_path / "release" / "manifest.parquet"
    command = command_of(root, server, manifest)
    server.seconds_per_chunk = 0.1
    partial = manifest.parent / ".mgy_seq_metadata_1.tsv.gz.partial"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not (partial.exists() and partial.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    held = partial.stat().st_size
    assert 0 < held < len(CONTENT)
    assert set(os.listdir(manifest.parent)) == {partial.name, download.note_of(partial).name}
    server.seconds_per_chunk = 0.0
    server.ranges.clear()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert f"bytes={held}-" in server.ranges
    assert tables.read(manifest, tables.MANIFEST)["size"].to_pylist() == [len(CONTENT)] * 2


@pytest.mark.parametrize("status", [404, 400, 403])
def test_a_file_without_a_published_checksum_is_checked_by_its_size(
    server: Server, tmp_path: Path, status: int
):
    server.breaks_after = 300_000
    server.absent = status
    fetch_file(f"{server.url}/enzymes?format=tsv", tmp_path / "m.parquet", stamp("test"))
    assert (tmp_path / "enzymes.tsv").read_bytes() == CONTENT
    assert [asked is None for asked in server.ranges] == [True, True, False]  # list, file, resumed
    (row,) = tables.read(tmp_path / "m.parquet", tables.MANIFEST).to_pylist()
    assert row["md5"] == MD5
    assert tables.read_stamp(tmp_path / "m.parquet")["parameters"]["checksum"] == "none published"


def test_without_a_checksum_another_address_is_fetched_anew(tmp_path: Path):
    """A file of another folder may have the name of the one before."""
    addresses = [tmp_path / name / "enzymes.tsv" for name in ("one", "two")]
    for path in addresses:
        path.parent.mkdir()
        path.write_text(path.parent.name)
    for path in (*addresses, addresses[1]):
        fetch_file(path.as_uri(), tmp_path / "kept/m.parquet", stamp("test"))
        assert (tmp_path / "kept/enzymes.tsv").read_text() == path.parent.name


def test_a_server_that_fails_does_not_switch_the_checksum_off(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "ATTEMPTS", 1)
    dead = "http://127.0.0.1:9/uniref100.fasta.gz"
    with pytest.raises(GlmError, match=r"RELEASE.metalink.*given up"):
        fetch_file(dead, tmp_path / "m.parquet", stamp("test"))


METALINK = """<?xml version="1.0"?><metalink xmlns="http://www.metalinker.org/"><files>
<file name="other.gz"><verification><hash type="md5">00</hash></verification></file>
<file name="uniref100.fasta.gz"><size>1</size><verification>
<hash type="sha1">11</hash><hash type="md5">{md5}</hash></verification></file></files></metalink>"""


def test_the_checksum_of_a_uniprot_release_is_found_and_holds(server: Server, tmp_path: Path):
    server.metalink = METALINK.format(md5=MD5.upper())
    address = f"{server.url}/uniref100.fasta.gz"
    fetch_file(address, tmp_path / "m.parquet", stamp("test"))
    assert tables.read_stamp(tmp_path / "m.parquet")["parameters"]["checksum"] == "published"
    server.metalink = METALINK.format(md5="0" * 32)
    (tmp_path / "uniref100.fasta.gz").unlink()
    with pytest.raises(GlmError, match=r"uniref100.fasta.gz: wrong checksum"):
        fetch_file(address, tmp_path / "m.parquet", stamp("test"))
    assert not (tmp_path / "uniref100.fasta.gz").exists()
