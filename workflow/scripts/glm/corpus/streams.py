"""Bytes of https:// and file:// addresses, from any byte on, and attempts with waits between."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from glm import __version__, logs
from glm.errors import GlmError

CHUNK = 1 << 20
ENVIRONMENT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
ATTEMPTS = 6
FIRST_WAIT = 1.0
"""Seconds before the second attempt; doubled with each, up to LONGEST_WAIT, and jittered."""
LONGEST_WAIT = 120.0
LONGEST_RETRY_AFTER = 3600.0
"""Seconds that a server may ask to wait for; asked for more, the download ends and says so."""
TIMEOUT = httpx.Timeout(30.0, read=120.0)
"""Seconds; a connection that is silent for so long is taken for dead."""


class TransientError(Exception):
    """A failure that another attempt may fix, after `wait` seconds where the server says so."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        """`wait` is what a Retry-After asked for."""
        super().__init__(message)
        self.wait = wait


class RefusedError(GlmError):
    """The server is well and does not give the file; another attempt would not fix it."""


class NotFoundError(RefusedError):
    """The server, or the folder, has no such file."""


class BadRequestError(RefusedError):
    """The server says 400: it does not take what was asked for."""


class DamagedError(RefusedError):
    """What came is, also the second time, not what its publisher's checksum promises."""


@dataclass(frozen=True)
class Version:
    """What tells one state of a file on a server from another; null where it does not say."""

    size: int | None
    etag: str | None
    modified: str | None

    def changed_from(self, earlier: Version) -> str | None:
        """What shows that the file changed, or None.

        Servers of one address may give one file different ETags (made from their own file
        systems); so an ETag counts only where there is no date.
        """
        kinds = [
            ("size", self.size, earlier.size),
            ("Last-Modified", self.modified, earlier.modified),
        ]
        if not (self.modified and earlier.modified):
            kinds.append(("ETag", self.etag, earlier.etag))
        for name, now, then in kinds:
            if now is not None and then is not None and now != then:
                return f"{name} was {then}, is {now}"
        return None

    def tells_of(self, other: Version) -> bool:
        """Whether anything is known of both states that could show a change."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return any(mine is not None and theirs is not None for mine, theirs in pairs)


UNTOLD = Version(None, None, None)


@dataclass(frozen=True)
class Stream:
    """Bytes of a source from `start` on, and what is known of the whole.

    at_end: the source has nothing from `start` on.
    """

    start: int
    version: Version
    chunks: Iterator[bytes]
    at_end: bool = False


class Throttle:
    """Keeps all downloads together under so many bytes a second (None: no limit)."""

    def __init__(self, bytes_per_second: float | None) -> None:
        """Begin with nothing owed."""
        self._rate = bytes_per_second
        self._lock = threading.Lock()
        self._free_at = time.monotonic()

    def wait(self, size: int) -> None:
        """Wait until `size` more bytes keep within the limit."""
        if self._rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self._rate
            pause = self._free_at - now
        time.sleep(pause)


def client(prepare: Callable[[httpx.Request], None] | None = None) -> httpx.Client:
    """An https client that follows redirects (mirrors).

    Proxies and certificates are those of the environment (docs/network.md). prepare: is called
    with each request before it is sent.
    """
    trust_certificates()
    hooks = {"request": [prepare]} if prepare else {}
    agent = {"User-Agent": f"glm-genomic/{__version__}"}
    try:
        return httpx.Client(
            follow_redirects=True, timeout=TIMEOUT, event_hooks=hooks, headers=agent
        )
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        # Not their values: an address of a proxy may hold a password.
        named = ", ".join(name for name in ENVIRONMENT if os.environ.get(name))
        raise GlmError(f"no https client can be made; look at {named}: {error}") from error


def trust_certificates() -> None:
    """Let REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE count, which httpx alone does not read."""
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        os.environ["SSL_CERT_DIR" if Path(bundle).is_dir() else "SSL_CERT_FILE"] = bundle


def failed_connection(error: httpx.RequestError, url: str) -> Exception:
    """What to raise for a connection that failed: worth another attempt, unless its certificate is
    not trusted."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return GlmError(
                f"{url}: {cause.verify_message}. If your site's proxy signs its own certificates, "
                "set SSL_CERT_FILE to a file that holds them (docs/network.md)"
            )
        cause = cause.__cause__ or cause.__context__
    return TransientError(f"{url}: {error or type(error).__name__}")


@contextmanager
def open_stream(client: httpx.Client, url: str, start: int = 0) -> Iterator[Stream]:
    """Open a file:// or https:// address, from byte `start` on where the server allows it.

    Raises `TransientError` for what may pass, `GlmError` for what will not.
    """
    if urlsplit(url).scheme == "file":
        path = Path(unquote(urlsplit(url).path))
        try:
            with path.open("rb") as handle:
                handle.seek(start)
                found = path.stat()
                version = Version(found.st_size, None, str(found.st_mtime_ns))
                chunks = iter(lambda: handle.read(CHUNK), b"")
                yield Stream(start, version, chunks, at_end=start >= found.st_size)
        except FileNotFoundError as error:
            raise NotFoundError(f"{path}: no such file; is the address right?") from error
        return
    headers = {"Range": f"bytes={start}-"} if start else {}
    # Compressed in transit, the bytes would be neither the file's nor resumable.
    headers["Accept-Encoding"] = "identity"
    try:
        with client.stream("GET", url, headers=headers) as response:
            stated = response.headers
            if response.status_code == 416:
                total = stated.get("Content-Range", "").rpartition("/")[2]
                size = int(total) if total.isdigit() else None
                # Its tag and date, if any, are of the error's page.
                yield Stream(start, Version(size, None, None), iter(()), at_end=True)
                return
            check_status(response, url)
            begin, size = stated_range(response, url, start)
            version = Version(size, stated.get("ETag"), stated.get("Last-Modified"))
            # As they come: gathered into larger chunks, the last ones would be lost with the line.
            yield Stream(begin, version, response.iter_raw())
    except httpx.TransportError as error:
        raise failed_connection(error, url) from error


def check_status(response: httpx.Response, url: str) -> None:
    """Raise for an answer that is not the file: `TransientError` if another attempt may fix it."""
    code = response.status_code
    if code in (408, 425, 429) or code >= 500:
        wait = retry_after(response.headers.get("Retry-After"))
        if wait > LONGEST_RETRY_AFTER:
            raise GlmError(
                f"{url}: {code} {response.reason_phrase}: the server asks to come back after "
                f"{wait:,.0f} s; run the same command again then, it resumes"
            )
        raise TransientError(f"{url}: {code} {response.reason_phrase}", wait)
    if code in (404, 410):
        raise NotFoundError(f"{url}: {code} {response.reason_phrase}; is it right?")
    if code >= 400:
        kind = BadRequestError if code == 400 else RefusedError
        raise kind(f"{url}: {code} {response.reason_phrase}; is it right?")


def retry_after(value: str | None) -> float:
    """Seconds that a Retry-After asks for, as a number or a date; 0 if it is neither."""
    if value is None:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def stated_range(response: httpx.Response, url: str, asked: int) -> tuple[int, int | None]:
    """Where an answer's bytes begin, and the size of the whole file if it is given.

    A server that knows no ranges sends the whole. Raises `TransientError` for a part that was not
    asked for.
    """
    length = response.headers.get("Content-Length")
    begin = asked if response.status_code == 206 else 0
    sent = response.headers.get("Content-Range", "")
    if begin and sent and not sent.startswith(f"bytes {begin}-"):
        raise TransientError(f"{url}: sent {sent!r} when asked for what follows byte {begin}")
    total = sent.rpartition("/")[2]
    if begin and total.isdigit():
        return begin, int(total)
    return begin, begin + int(length) if length else None


def retrying() -> Retrying:
    """Attempts with exponential, jittered waits between them, or those that a server asks for."""
    backoff = wait_exponential_jitter(initial=FIRST_WAIT, max=LONGEST_WAIT, jitter=FIRST_WAIT)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, TransientError) else 0.0
        return max(asked, backoff(state))

    def warn(state: RetryCallState) -> None:
        if state.outcome:
            logs.logger.warning(
                "%s; attempt %d of %d in %.0f s",
                *(state.outcome.exception(), state.attempt_number + 1, ATTEMPTS),
                state.upcoming_sleep,
            )

    return Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait,
        before_sleep=warn,
        reraise=True,
    )


def fetch_text(client: httpx.Client, url: str) -> str:
    """A small text file, such as a checksum list."""
    try:
        for attempt in retrying():
            with attempt, open_stream(client, url) as stream:
                return b"".join(stream.chunks).decode()
    except TransientError as error:
        raise GlmError(f"{error}; given up after {ATTEMPTS} attempts, try again later") from error
    raise AssertionError("unreachable: retrying either returns or raises")
