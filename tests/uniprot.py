"""A local server that answers as UniProt's REST service does.

Seen in uniprot-rest-api and uniprot-store (ebi-uniprot): /search pages of `size` entries with
`Link: <…>; rel="next"`, `X-Total-Results` and `X-UniProt-Release`; the header of a table on each
page; UniParc's field `accession` is the column `UniProtKB`, dropped accessions with the version of
their sequence (`B2R5V1.1`), which are found by `dbid` only (so a user's script asks of release
2026_03); of an entry that was dropped the FASTA is a blank line; what fails within an answer ends
in words, with status 200.
"""

from __future__ import annotations

import re
import textwrap
from urllib.parse import parse_qs, urlencode, urlparse

from tests.servers import LocalServer, QuietHandler

FAILURE = "Error encountered when streaming data. Please try again later."


class UniProt(LocalServer):
    """The service, with what it holds and how it fails."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.sequences: dict[str, str] = {}  # of UniProtKB
        self.archive: list[tuple[str, str]] = []  # of UniParc: accessions, sequence
        self.table: list[list[str]] = [["Entry", "EC number", "Sequence"]]  # of any query
        self.release = "2026_03"
        self.page = 500  # entries of a page at most
        self.statuses: list[int] = []  # of the next answers
        self.fails_inside: list[bool] = []  # of the next answers
        self.asked: list[str] = []


class Handler(QuietHandler):
    server: UniProt

    def respond(self) -> None:
        address = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.server.asked.append(self.path)
        if self.server.statuses and (status := self.server.statuses.pop(0)) != 200:
            return self.answer(status, b"")
        header, entries = self.find(address.path, query)
        if entries is None:
            return self.answer(404, b"")
        start = int(query.get("cursor", "0"))
        size = min(int(query.get("size", 25)), self.server.page)
        if address.path.endswith("/stream"):
            start, size = 0, len(entries)
        page = entries[start : start + size]
        headers = {"X-UniProt-Release": self.server.release, "X-Total-Results": str(len(entries))}
        if start + size < len(entries):
            following = urlencode({**query, "cursor": str(start + size)})
            headers["Link"] = f'<{self.server.url}{address.path}?{following}>; rel="next"'
        text = "".join(f"{line}\n" for line in [*header, *page])
        if self.server.fails_inside and self.server.fails_inside.pop(0):
            text = f"{text[: len(text) // 2]}{FAILURE}\n"
        return self.answer(200, text.encode(), headers)

    def find(self, path: str, query: dict[str, str]) -> tuple[list[str], list[str] | None]:
        """Lines of header, and the entries as lines."""
        held = self.server.sequences
        if path == "/uniprotkb/accessions":
            wanted = query["accessions"].split(",")
            lines = {name: "\n".join(textwrap.wrap(held.get(name, ""), 60)) for name in wanted}
            return [], [
                f">tr|{name}|{name}_TEST Protein OS=Test\n{lines[name]}" if name in held else ""
                for name in wanted
            ]
        if path == "/uniparc/search":
            found = [
                f"{names}\t{sequence}"
                for names, sequence in self.server.archive
                if any(is_found(term, names) for term in query["query"].split(" OR "))
            ]
            return ["UniProtKB\tSequence"], found
        if path in ("/uniprotkb/search", "/uniprotkb/stream"):
            header, *rows = ("\t".join(row) for row in self.server.table)
            return [header], rows
        return [], None


def is_found(term: str, names: str) -> bool:
    """Whether UniParc finds an entry: by `accession` only if it is alive, by `dbid` always."""
    field, _, accession = term.partition(":")
    if field == "accession":
        return accession in names.split("; ")
    return field == "dbid" and re.search(rf"\b{accession}\b", names) is not None
