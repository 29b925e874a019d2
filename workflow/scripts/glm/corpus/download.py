"""Fetch files by https or from a folder: resumed, verified, named only when whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pyarrow as pa
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from glm import logs
from glm.corpus.release import RemoteFile
from glm.errors import GlmError

CHUNK = 1 << 20
ATTEMPTS = 6
FIRST_WAIT = 1.0
"""Seconds before the second attempt; doubled with each, up to LONGEST_WAIT, and jittered."""
LONGEST_WAIT = 120.0
TIMEOUT = httpx.Timeout(30.0, read=120.0)


class TransientError(Exception):
    """A failure that another attempt may mend: a broken connection, a busy server."""


@dataclass(frozen=True)
class Stream:
    """Bytes of a source from `start` on, and the size of the whole (None: not told)."""

    start: int
    size: int | None
    chunks: Iterator[bytes]


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
                yield Stream(start, path.stat().st_size, iter(lambda: handle.read(CHUNK), b""))
        except FileNotFoundError as error:
            raise GlmError(f"{path}: no such file; is the release's address right?") from error
        return
    headers = {"Range": f"bytes={start}-"} if start else {}
    # Compressed in transit, the bytes would be neither the file's nor resumable.
    headers["Accept-Encoding"] = "identity"
    try:
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                yield Stream(start, None, iter(()))  # all of it is here; its checksum will tell
                return
            if response.status_code in (408, 429) or response.status_code >= 500:
                raise TransientError(f"{url}: {response.status_code} {response.reason_phrase}")
            if response.status_code >= 400:
                raise GlmError(
                    f"{url}: {response.status_code} {response.reason_phrase}; is it right?"
                )
            resumed = response.status_code == 206
            length = response.headers.get("Content-Length")
            begin = start if resumed else 0
            whole = begin + int(length) if length else None
            # As they come: gathered into larger chunks, the last ones would be lost with the line.
            yield Stream(begin, whole, response.iter_raw())
    except httpx.TransportError as error:
        raise TransientError(f"{url}: {error or type(error).__name__}") from error


def retrying(attempts: int = ATTEMPTS) -> Retrying:
    """Attempts with exponential, jittered waits between them."""
    return Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(attempts),
        wait=wait_exponential_jitter(initial=FIRST_WAIT, max=LONGEST_WAIT, jitter=FIRST_WAIT),
        before_sleep=lambda state: (
            logs.logger.warning(
                "%s; attempt %d of %d",
                state.outcome.exception(),
                state.attempt_number + 1,
                attempts,
            )
            if state.outcome
            else None
        ),
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


def md5(path: Path) -> str:
    """MD5 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def append_stream(
    client: httpx.Client, file: RemoteFile, partial: Path, bar: logs.LoggedProgress
) -> None:
    """Append what is missing to `partial`; raises `TransientError` if the stream ends early."""
    held = partial.stat().st_size if partial.exists() else 0
    with open_stream(client, file.url, held) as stream:
        with partial.open("r+b" if held else "wb") as handle:
            handle.truncate(stream.start)
            handle.seek(stream.start)
            for chunk in stream.chunks:
                handle.write(chunk)
                bar.update(len(chunk))
            held = handle.tell()
        if stream.size is not None and held < stream.size:
            raise TransientError(f"{file.url}: ended after {held} of {stream.size} bytes")


def fetch(client: httpx.Client, file: RemoteFile, folder: Path, bar: logs.LoggedProgress) -> Path:
    """Fetch one file into `folder` and verify it; a whole one that is there already is kept.

    Where no checksum is published, the size that the server tells is all there is to check.

    What a killed run left (`.name.partial`) is resumed. Raises `GlmError` naming the file if the
    bytes are not those that the publisher's list promises; they are removed then.
    """
    final = folder / file.name
    partial = folder / f".{file.name}.partial"
    if final.exists() and file.md5 in (None, md5(final)):
        return final
    was_resumed = partial.exists()
    try:
        for attempt in retrying():
            with attempt:
                append_stream(client, file, partial, bar)
    except TransientError as error:
        raise GlmError(
            f"{error}; given up after {ATTEMPTS} attempts. Run the same command again: it resumes"
        ) from error
    except OSError as error:
        raise GlmError(f"{final}: {error.strerror}; run the same command again: it resumes") from (
            error
        )
    if file.md5 is not None and (found := md5(partial)) != file.md5:
        partial.unlink()
        if was_resumed:  # the file may have changed at its source since the first half came
            return fetch(client, file, folder, bar)
        raise GlmError(
            f"{file.url}: wrong checksum: MD5 {found}, the publisher lists {file.md5}. Nothing was "
            "kept; if it happens again the file is damaged (or truncated) at its source"
        )
    os.replace(partial, final)
    return final


def fetch_all(
    client: httpx.Client, files: Sequence[RemoteFile], folder: Path, connections: int
) -> pa.Table:
    """Fetch files, `connections` at a time, and return their manifest.

    The first failure stops what has not begun, and is raised when what has begun ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        logs.progress_bar(unit="B") as bar,
        ThreadPoolExecutor(max_workers=connections) as pool,
    ):
        running = [pool.submit(fetch, client, file, folder, bar) for file in files]
        try:
            paths = [future.result() for future in running]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return pa.table(
        {
            "url": [file.url for file in files],
            "path": [path.name for path in paths],
            "kind": [file.kind for file in files],
            "size": [path.stat().st_size for path in paths],
            "md5": [file.md5 or md5(path) for file, path in zip(files, paths, strict=True)],
            "fetched": [
                datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
                for path in paths
            ],
        }
    )


def client() -> httpx.Client:
    """An https client that follows redirects (mirrors)."""
    return httpx.Client(follow_redirects=True, timeout=TIMEOUT)
