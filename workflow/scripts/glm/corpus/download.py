"""Fetch files by https or from a folder: resumed, verified, named only when whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyarrow as pa

from glm import logs
from glm.corpus import streams
from glm.corpus.release import RemoteFile
from glm.corpus.streams import (
    UNTOLD,
    Throttle,
    TransientError,
    Version,
    open_stream,
    retrying,
)
from glm.errors import GlmError
from glm.files import remove_partials, sha256, writing

NO_LIMIT = Throttle(None)


class ChangedError(Exception):
    """The file on the server is not the one that the first part was fetched of."""


def md5(path: Path) -> str:
    """MD5 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def digest(path: Path, file: RemoteFile) -> str:
    """What the bytes at `path` have, of the kind of the file's checksum."""
    return sha256(path) if file.sha256 else md5(path)


def note_of(partial: Path) -> Path:
    """Where it is noted which version of a file `partial` holds a part of."""
    return partial.with_name(f"{partial.name}.version.json")


def append_stream(
    client: httpx.Client,
    file: RemoteFile,
    partial: Path,
    bar: logs.LoggedProgress,
    throttle: Throttle,
) -> None:
    """Append what is missing to `partial`.

    Raises `TransientError` if the stream ends early, and `ChangedError` if what is there is of
    another version of the file: its halves must not be glued together. Where neither a checksum
    nor a note could show that, the file is fetched from its beginning; a change that leaves the
    size as it was is not seen where the server gives nothing but the size.
    """
    note = note_of(partial)
    held = partial.stat().st_size if partial.exists() else 0
    noted = Version(**json.loads(note.read_text())) if held and note.exists() else UNTOLD
    if file.checksum is None and noted == UNTOLD:
        held = 0
    with open_stream(client, file.url, held) as stream:
        if change := stream.version.changed_from(noted):
            raise ChangedError(change)
        if stream.start and file.checksum is None and not stream.version.tells_of(noted):
            raise ChangedError("nothing tells whether it is the same file")
        if noted == UNTOLD:
            with writing(note) as beside:
                beside.write_text(json.dumps(asdict(stream.version)))
        with partial.open("r+b" if held else "wb") as handle:
            handle.truncate(stream.start)
            handle.seek(stream.start)
            for chunk in stream.chunks:
                throttle.wait(len(chunk))
                handle.write(chunk)
                bar.update(len(chunk))
            held = handle.tell()
        size = noted.size if stream.version.size is None else stream.version.size
        if stream.at_end and held != size and not (size is None and file.checksum):
            stated = "does not state its size" if size is None else f"has {size}"
            raise ChangedError(f"{held} bytes are here, the server {stated} and nothing after them")
        if size is not None and held < size:
            raise TransientError(f"{file.url}: ended after {held} of {size} bytes")
    note.unlink(missing_ok=True)


def remove_part(partial: Path) -> None:
    """Remove a part of a file and the note beside it."""
    partial.unlink(missing_ok=True)
    note_of(partial).unlink(missing_ok=True)
    remove_partials(note_of(partial))


def fetch_rest(
    client: httpx.Client,
    file: RemoteFile,
    partial: Path,
    bar: logs.LoggedProgress,
    throttle: Throttle,
) -> None:
    """Append to `partial` until it is whole; as long as bytes come, broken connections may too."""
    while True:
        held = partial.stat().st_size if partial.exists() else 0
        try:
            for attempt in retrying():
                with attempt:
                    append_stream(client, file, partial, bar, throttle)
            return
        except TransientError:
            if not partial.exists() or partial.stat().st_size <= held:
                raise


def fetch(
    client: httpx.Client,
    file: RemoteFile,
    folder: Path,
    bar: logs.LoggedProgress,
    throttle: Throttle = NO_LIMIT,
) -> Path:
    """Fetch one file into `folder` and verify it; a whole one that is there already is kept.

    Where no checksum is published, the size that the server tells is all there is to check, and a
    file is kept only if it came from this address, which is noted beside it.

    What a killed run left (`.name.partial`) is resumed, unless the file changed on the server
    since. Bytes that are not those that the publisher's list promises are removed and fetched once
    more. Raises `GlmError` naming the file if they are wrong again, or if the file changes while
    it is being fetched.
    """
    final = folder / file.name
    partial = folder / f".{file.name}.partial"
    if final.exists() and (
        digest(final, file) == file.checksum if file.checksum else came_from(final) == file.url
    ):
        return final
    for starts_left in (1, 0):
        was_there = partial.exists()
        try:
            fetch_rest(client, file, partial, bar, throttle)
        except ChangedError as error:
            remove_part(partial)
            if (was_there or file.checksum is None) and starts_left:
                logs.logger.warning("%s: changed since an earlier run (%s)", file.url, error)
                continue
            raise GlmError(
                f"{file.url}: changed on the server while it was fetched ({error}). Nothing of it "
                "was kept; run the same command again, which reads the publisher's list anew"
            ) from error
        except TransientError as error:
            raise GlmError(
                f"{error}; given up after {streams.ATTEMPTS} attempts. Run the same command again: "
                "it resumes"
            ) from error
        except OSError as error:
            raise GlmError(
                f"{final}: {error.strerror}; run the same command again: it resumes"
            ) from error
        found = digest(partial, file) if file.checksum else None
        if found == file.checksum:
            if found is None:
                with writing(address_of(final)) as beside:
                    beside.write_text(file.url)
            os.replace(partial, final)
            return final
        remove_part(partial)
        if starts_left:
            logs.logger.warning("%s: wrong checksum, fetching it once more", file.url)
    kind = "SHA-256" if file.sha256 else "MD5"
    raise streams.DamagedError(
        f"{file.url}: wrong checksum: {kind} {found}, the publisher lists {file.checksum}. Nothing "
        "was kept; if it happens again the file is damaged (or truncated) at its source"
    )


def address_of(path: Path) -> Path:
    """The note of the address that a file without a published checksum came from."""
    return path.with_name(f"{path.name}.address")


def came_from(path: Path) -> str | None:
    """The address that was noted; None if none was."""
    note = address_of(path)
    return note.read_text() if note.is_file() else None


def fetch_all(
    client: httpx.Client,
    files: Sequence[RemoteFile],
    folder: Path,
    connections: int,
    bytes_per_second: float | None = None,
) -> pa.Table:
    """Fetch files, `connections` at a time, and return their manifest.

    The first failure stops what has not begun, and is raised when what has begun ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    throttle = Throttle(bytes_per_second)
    with (
        logs.progress_bar(unit="B") as bar,
        ThreadPoolExecutor(max_workers=connections) as pool,
    ):
        running = [pool.submit(fetch, client, file, folder, bar, throttle) for file in files]
        try:
            paths = [future.result() for future in running]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return manifest(files, paths, folder)


def manifest(files: Sequence[RemoteFile], paths: Sequence[Path], folder: Path) -> pa.Table:
    """Where each file came from, and what it holds; paths are given relative to `folder`."""
    return pa.table(
        {
            "url": [file.url for file in files],
            "path": [str(path.relative_to(folder)) for path in paths],
            "kind": [file.kind for file in files],
            "size": [path.stat().st_size for path in paths],
            "md5": [file.md5 or md5(path) for file, path in zip(files, paths, strict=True)],
            "fetched": [
                datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
                for path in paths
            ],
        }
    )


def plan(client: httpx.Client, files: Sequence[RemoteFile], folder: Path) -> pa.Table:
    """What `fetch_all` would fetch: name, kind, size (null if not stated) and bytes that are there.

    A file that is there whole by its size is not read, so its checksum is not looked at.
    """
    sizes, held = [], []
    for file in files:
        try:
            for attempt in retrying():
                with attempt, open_stream(client, file.url) as stream:
                    size = stream.version.size
        except TransientError as error:
            raise GlmError(f"{error}; try again later") from error
        paths = (folder / file.name, folder / f".{file.name}.partial")
        sizes.append(size)
        held.append(next((path.stat().st_size for path in paths if path.exists()), 0))
    return pa.table(
        {
            "name": [file.name for file in files],
            "kind": [file.kind for file in files],
            "size": pa.array(sizes, pa.int64()),
            "held": pa.array(held, pa.int64()),
        }
    )
