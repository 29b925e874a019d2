"""Sequences from UniProt's REST service, and from its archive where UniProtKB has dropped them.

Batches are stored on disk. Release 2025_04 dropped 85 million entries of UniProtKB; UniParc has
their sequences, with the accessions that had each: `B2R5V1.1` is the first version of a dropped
entry's sequence, `P05067-1` an isoform (seen in UniProt's own sources, uniprot-store and
uniprot-website, and in what a user's script of September 2026 asks and is answered).
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from glm.corpus import paging, streams
from glm.errors import GlmError
from glm.files import writing
from glm.logs import progress
from glm.paralogs.accessions import is_accession

BATCH = 400  # accessions of one request; the service takes up to 1000
ARCHIVE_BATCH = 50  # accessions of one query
RESIDUES = re.compile(r"[A-Za-z*]*")

Ask = Callable[[httpx.Client, str, Sequence[str]], dict[str, str]]


class Fetched(NamedTuple):
    """Sequences by accession, why each other accession has none, and how many are UniParc's."""

    sequences: dict[str, str]
    missing: dict[str, str]
    archived: int


def fetch(accessions: Sequence[str], cache: Path, address: str, batch: int = BATCH) -> Fetched:
    """Sequences of some accessions; what `cache` has of the service is not asked for again.

    Raises `GlmError` if the service cannot be reached after several attempts, or answers what it
    should not; what was fetched by then stays in the cache.
    """
    unique = list(dict.fromkeys(accessions))
    missing = {name: "not an accession" for name in unique if not is_accession(name)}
    archive = str(httpx.URL(address).join("../uniparc/search"))
    with streams.client() as client:
        wanted = [name for name in unique if name not in missing]
        found = answers(client, wanted, cache, address, ask, batch)
        dropped = [name for name in wanted if not found[name]]
        archived = answers(client, dropped, cache, archive, ask_archive, ARCHIVE_BATCH)
    found |= archived
    missing |= {name: "neither UniProt nor UniParc has it" for name in wanted if not found[name]}
    sequences = {name: found[name] for name in wanted if found[name]}
    return Fetched(sequences, missing, sum(map(bool, archived.values())))


def answers(
    client: httpx.Client, wanted: Sequence[str], cache: Path, address: str, ask: Ask, batch: int
) -> dict[str, str]:
    """What a service says of some accessions: a sequence, or an empty text where it has none.

    Each answered batch becomes a file of its own, from which an interrupted run resumes.
    """
    folder = folder_of(cache, address)
    known = read_answers(folder)
    rest = [name for name in wanted if name not in known]
    logging.info(
        "%s: accessions: %d, in the cache: %d", address, len(wanted), len(wanted) - len(rest)
    )
    batches = [rest[start : start + batch] for start in range(0, len(rest), batch)]
    for names in progress(batches, total=len(batches), unit="batches"):
        try:
            answered = ask(client, address, names)
        except streams.TransientError as error:
            raise GlmError(
                f"{error}; given up after {streams.ATTEMPTS} attempts. Run again when "
                "the service is back: the batches that were answered stay in the cache"
            ) from error
        found = {name: answered.get(name, "") for name in names}
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        with writing(folder / f"{digest}.json") as beside:
            beside.write_text(json.dumps(found))
        known.update(found)
    return {name: known[name] for name in wanted}


def folder_of(cache: Path, address: str) -> Path:
    """Where the answers of one service are kept: those of another say nothing of it."""
    return cache / hashlib.sha256(address.encode()).hexdigest()[:16]


def read_answers(folder: Path) -> dict[str, str]:
    """All that earlier runs were answered."""
    known: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            known.update(json.loads(path.read_text()))
        except ValueError as error:
            raise GlmError(f"{path}: damaged ({error}); remove it and run again") from error
    return known


def ask(client: httpx.Client, address: str, accessions: Sequence[str]) -> dict[str, str]:
    """Sequences that UniProtKB has, of one batch."""
    query = httpx.QueryParams(
        {"accessions": ",".join(accessions), "format": "fasta", "size": str(len(accessions))}
    )
    found: dict[str, str] = {}
    for answer in paging.read_pages(client, f"{address}?{query}"):
        found.update(parse(answer.text, address))
    return found


def parse(text: str, address: str) -> dict[str, str]:
    """FASTA with headers >db|ACCESSION|NAME … to sequences by accession."""
    found: dict[str, str] = {}
    text = text.strip()  # an entry that was dropped is a blank line
    if text and not text.startswith(">"):
        raise GlmError(f"{address}: the answer is no FASTA: {text[:60]!r}")
    for record in text.split("\n>"):
        header, _, residues = record.removeprefix(">").partition("\n")
        if not header.strip():
            continue
        parts = header.split("|")
        sequence = "".join(residues.split())
        if len(parts) < 3 or not RESIDUES.fullmatch(sequence):
            raise GlmError(f"{address}: no accession or no sequence: {record[:60]!r}")
        found[parts[1]] = sequence
    return found


def ask_archive(client: httpx.Client, address: str, accessions: Sequence[str]) -> dict[str, str]:
    """Sequences that UniParc has, of one batch: of each accession its last version."""
    options = {
        # of the field `accession` only living ones are indexed, of `dbid` all
        "query": " OR ".join(f"dbid:{name}" for name in accessions),
        "fields": "accession,sequence",
        "format": "tsv",
    }
    query = paging.paged(f"{address}?{httpx.QueryParams(options)}")
    found: dict[str, tuple[float, str]] = {}
    for answer in paging.read_pages(client, query):
        header, *rows = (line.split("\t") for line in answer.text.split("\n") if line.strip())
        if header != ["UniProtKB", "Sequence"] or any(len(row) != 2 for row in rows):
            raise GlmError(f"{address}: the columns are not UniProtKB and Sequence: {header}")
        for names, sequence in rows:
            for name in filter(None, map(str.strip, names.split(";"))):
                accession, _, version = name.partition(".")
                number = float(version) if version.isdigit() else math.inf  # none: not dropped
                if number >= found.get(accession, (0, ""))[0]:
                    found[accession] = (number, sequence.strip())
    return {accession: sequence for accession, (_, sequence) in found.items()}
