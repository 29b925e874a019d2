"""Proxies and certificates of clusters, as docs/network.md promises them."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import require
from tests.servers import LocalServer, QuietHandler

from glm.corpus import streams
from glm.errors import GlmError

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Handler(QuietHandler):
    """Answers with the address that was asked for: whole where this is a proxy."""

    def respond(self) -> None:
        self.answer(200, self.path.encode())


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    for name in (*VARIABLES, *PROXIES):
        # set first, so that what the code itself sets is undone too
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(Handler) as made:
        yield made


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody has signed but itself, with its key."""
    require("openssl")
    path = tmp_path / "site.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=site", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", tmp_path / "key.pem", "-out", path],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


@pytest.fixture
def secure(server: LocalServer, certificate: Path) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return f"https://127.0.0.1:{server.server_port}/list"


def fetch(url: str) -> str:
    with streams.client() as client:
        return streams.fetch_text(client, url)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_sites_own_certificates(
    secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(certificate))
    assert fetch(secure) == "/list"


def test_a_certificate_that_nobody_knows_is_said_at_once(
    secure: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(GlmError, match=r"self.signed certificate.*set SSL_CERT_FILE"):
        fetch(secure)
    assert "attempt" not in caplog.text


def test_variables_that_lead_nowhere_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with pytest.raises(GlmError, match=r"look at SSL_CERT_FILE: .*No such file"):
        streams.client()
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy:port")
    with pytest.raises(GlmError, match="look at HTTPS_PROXY: ") as raised:
        streams.client()
    assert "secret" not in str(raised.value)


def test_a_proxy_is_asked_unless_the_host_is_excepted(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    assert fetch("http://ftp.example.org/list") == "http://ftp.example.org/list"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert fetch(f"{server.url}/list") == "/list"
