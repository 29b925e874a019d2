"""UniProt's REST service: answers that come in pages, and whole queries as one file.

Seen in UniProt's own sources (uniprot-rest-api): /search gives at most 500 entries a page, the
number of all in `X-Total-Results`, and the next page in `Link: <…>; rel="next"`; tables repeat
their header on each page. What fails after an answer began ends in words inside it, with status
200: so each page is looked at, and the entries are counted.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from glm import logs
from glm.corpus.streams import (
    ATTEMPTS,
    RefusedError,
    TransientError,
    check_status,
    failed_connection,
    retrying,
)
from glm.errors import GlmError
from glm.files import writing

PAGE = 500  # entries, the most that the service gives
QUERY = re.compile(r"/uni(protkb|ref|parc)/(search|stream)$")
FAILED = "error encountered when streaming data"
STATE = ("X-UniProt-Release", "X-Total-Results")
COUNTED = {"tsv": (1, ""), "list": (0, ""), "fasta": (0, ">")}
"""By format: lines of header, and what the first line of an entry begins with."""


def is_query(address: str) -> bool:
    """Whether an address is a query of UniProt's service."""
    return QUERY.search(urlsplit(address).path) is not None


def options_of(address: str) -> dict[str, str]:
    """Options of a query; a format that is not said is tsv."""
    return {"format": "tsv", **dict(parse_qsl(urlsplit(address).query))}


def paged(address: str) -> str:
    """A query of /search or /stream as one of /search, with the largest pages.

    Raises `GlmError` for a format whose entries cannot be counted.
    """
    parts = urlsplit(address)
    options = options_of(address)
    if options["format"] not in COUNTED:
        raise GlmError(
            f"{address}: format {options['format']!r}; known are {', '.join(sorted(COUNTED))}"
        )
    options |= {"size": str(PAGE)}
    options.pop("compressed", None)
    path = f"{parts.path.removesuffix('stream').removesuffix('search')}search"
    return urlunsplit(parts._replace(path=path, query=urlencode(options)))


def file_name(address: str) -> str:
    """What to call the file of an address: its last part, with the format of a query."""
    parts = urlsplit(address)
    name = PurePosixPath(parts.path).name
    if not name:
        raise GlmError(f"{address}: names no file")
    if PurePosixPath(name).suffix:
        return name
    return f"{name}.{options_of(address)['format']}"


def get_page(client: httpx.Client, url: str) -> httpx.Response:
    """One answer that is whole, tried again while the service is busy or fails in its midst."""
    for attempt in retrying():
        with attempt:
            try:
                answer = client.get(url)
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise failed_connection(error, url) from error
            check_status(answer, url)
            if FAILED in answer.text[-1000:].lower():
                raise TransientError(f"{url}: {FAILED!r} in the body of a 200 answer")
            return answer
    raise AssertionError("unreachable: retrying either returns or raises")


def refuse_failed(path: Path) -> None:
    """Remove a file that ends in the words of a failure, and raise `GlmError`."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 1000))
        if FAILED in handle.read().decode("utf-8", "replace").lower():
            path.unlink()
            raise GlmError(
                f"{path}: {FAILED!r} at its end: the service failed within its answer. It was "
                "removed; run the same command again"
            )


def next_page(answer: httpx.Response) -> str | None:
    """The address of the page that follows."""
    return answer.links.get("next", {}).get("url")


def read_pages(client: httpx.Client, url: str | None) -> Iterator[httpx.Response]:
    """All pages from one on; none from None on."""
    while url:
        answer = get_page(client, url)
        yield answer
        url = next_page(answer)


@dataclass
class Progress:
    """How far a query's file is whole: `entries` in `bytes`, and the page that follows.

    state: UniProt's release and the number of all entries, as each page says.
    """

    address: str
    next: str | None
    bytes: int = 0
    entries: int = 0
    state: list[str | None] | None = None

    def save(self, note: Path) -> None:
        """Write it beside the file."""
        with writing(note) as beside:
            beside.write_text(json.dumps(asdict(self)))


def read_progress(note: Path, address: str) -> Progress:
    """What an earlier run noted of the same query; else that nothing is there."""
    try:
        known = Progress(**json.loads(note.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        known = None
    return known if known and known.address == address else Progress(address, paged(address))


def fetch_query(client: httpx.Client, address: str, folder: Path) -> Path:
    """Fetch all entries of a query into one file, which gets its name when none is missing.

    What a killed run left is resumed after its last page, unless UniProt has a new release or does
    not know the page any more. A whole file of the same query is not fetched again. Raises
    `GlmError`.
    """
    final = folder / file_name(address)
    partial, note = folder / f".{final.name}.partial", folder / f".{final.name}.query.json"
    done = read_progress(note, address)
    if done.next is None and final.is_file() and final.stat().st_size == done.bytes:
        return final
    folder.mkdir(parents=True, exist_ok=True)
    if not partial.is_file() or partial.stat().st_size < done.bytes:
        done = Progress(address, paged(address))
    try:
        try:
            append_pages(client, done, partial, note)
        except RefusedError as error:
            if not done.bytes:
                raise
            logging.warning("%s; fetched anew from the first page", error)
            done = Progress(address, paged(address))
            append_pages(client, done, partial, note)
    except TransientError as error:
        raise GlmError(
            f"{error}; given up after {ATTEMPTS} attempts. Run the same command again: it resumes"
        ) from error
    total = done.state[1] if done.state else None
    if not done.entries or total != str(done.entries):
        partial.unlink()
        note.unlink()
        raise GlmError(
            f"{address}: {done.entries:,} entries came, {total or 'an unknown number'} should. "
            "The file was removed; run again, and look at the query if it fails in the same way"
        )
    os.replace(partial, final)
    return final


def append_pages(client: httpx.Client, done: Progress, partial: Path, note: Path) -> None:
    """Append the pages that `partial` lacks, and note after each how far it is whole.

    Raises `RefusedError` for a page that the service does not give, or that is of another release
    than those before.
    """
    header, begins = COUNTED[options_of(paged(done.address))["format"]]
    with (
        partial.open("r+b" if done.bytes else "wb") as handle,
        logs.progress_bar(unit="entries") as bar,
    ):
        handle.truncate(done.bytes)
        handle.seek(done.bytes)
        for answer in read_pages(client, done.next):
            state = [answer.headers.get(name) for name in STATE]
            if done.state not in (None, state):
                raise RefusedError(f"{done.address}: {STATE} were {done.state}, are {state}")
            lines = [line for line in answer.text.split("\n") if line]
            found = sum(line.startswith(begins) for line in lines[header:])
            new = lines[header:] if done.bytes else lines
            handle.write("".join(f"{line}\n" for line in new).encode())
            handle.flush()
            bar.update(found)
            done.next, done.state = next_page(answer), state
            done.bytes, done.entries = handle.tell(), done.entries + found
            done.save(note)
