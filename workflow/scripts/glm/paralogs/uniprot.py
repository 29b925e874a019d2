"""Sequences from UniProt's REST service: in batches, kept on disk, failures listed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from glm.errors import GlmError
from glm.files import writing
from glm.logs import progress
from glm.paralogs.accessions import is_accession

BATCH = 400  # accessions of one request; the service takes up to 1000
ATTEMPTS = 6
TIMEOUT = 60.0  # seconds
PATIENCE = 60.0  # seconds, the longest wait between attempts
BUSY = (429, 500, 502, 503, 504)
AGENT = "glm-genomic (paralog analysis)"


class Fetched(NamedTuple):
    """Sequences by accession, and why each other accession has none."""

    sequences: dict[str, str]
    missing: dict[str, str]


def fetch(
    accessions: Sequence[str],
    cache: Path,
    address: str,
    patience: float = PATIENCE,
    batch: int = BATCH,
) -> Fetched:
    """Sequences of some accessions; what `cache` has of the service is not asked for again.

    Each answered batch is kept as a file of its own, so an interrupted run goes on where it was.
    Raises `GlmError` if the service cannot be reached after several attempts; what was fetched by
    then stays in the cache.
    """
    unique = list(dict.fromkeys(accessions))
    missing = {name: "not an accession" for name in unique if not is_accession(name)}
    answers = folder_of(cache, address)
    known = read_answers(answers)
    wanted = [name for name in unique if name not in known and name not in missing]
    logging.info("accessions: %s, in the cache: %s", *(f"{n:,}" for n in (len(unique), len(known))))
    batches = [wanted[start : start + batch] for start in range(0, len(wanted), batch)]
    with httpx.Client(timeout=TIMEOUT, headers={"User-Agent": AGENT}) as client:
        for names in progress(batches, total=len(batches), unit="batches"):
            answered = ask(client, address, names, patience)
            found = {name: answered.get(name, "") for name in names}
            digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
            with writing(answers / f"{digest}.json") as beside:
                beside.write_text(json.dumps(found))
            known.update(found)
    sequences = {name: known[name] for name in unique if known.get(name)}
    for name in unique:
        if name not in sequences:
            missing.setdefault(name, "UniProt has no sequence (deleted or merged)")
    return Fetched(sequences, missing)


def folder_of(cache: Path, address: str) -> Path:
    """Where the answers of one service are kept: those of another say nothing of it."""
    return cache / hashlib.sha256(address.encode()).hexdigest()[:16]


def read_answers(folder: Path) -> dict[str, str]:
    """All that earlier runs were answered: a sequence, or an empty text where there is none."""
    known: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            known.update(json.loads(path.read_text()))
        except ValueError as error:
            raise GlmError(f"{path}: damaged ({error}); remove it and run again") from error
    return known


def ask(
    client: httpx.Client, address: str, accessions: Sequence[str], patience: float = PATIENCE
) -> dict[str, str]:
    """One batch, all its pages, each tried again while the service is busy or unreachable."""
    query = httpx.QueryParams(
        {"accessions": ",".join(accessions), "format": "fasta", "size": str(len(accessions))}
    )
    page: str | None = f"{address}?{query}"
    found: dict[str, str] = {}
    while page:
        try:
            for attempt in Retrying(
                retry=retry_if_exception(is_passing),
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_exponential_jitter(initial=min(1.0, patience), max=patience),
                reraise=True,
            ):
                with attempt:
                    answer = client.get(page).raise_for_status()
        except httpx.HTTPError as error:
            raise GlmError(
                f"{address}: {error or type(error).__name__} (tried {ATTEMPTS} times). The batches "
                "that were answered are kept: run again when the service is back"
            ) from error
        found.update(parse(answer.text, address))
        page = answer.links.get("next", {}).get("url")
    return found


def is_passing(error: BaseException) -> bool:
    """Whether it may help to ask again: the network failed, or the service is busy."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in BUSY
    return isinstance(error, httpx.TransportError)


def parse(text: str, address: str) -> dict[str, str]:
    """FASTA with headers >db|ACCESSION|NAME … to sequences by accession."""
    found: dict[str, str] = {}
    if text and not text.startswith(">"):
        raise GlmError(f"{address}: the answer is no FASTA: {text[:60]!r}")
    for record in text.split(">")[1:]:
        header, _, residues = record.partition("\n")
        parts = header.split("|")
        if len(parts) < 3:
            raise GlmError(f"{address}: a header without accession: {header[:60]!r}")
        found[parts[1]] = residues.replace("\n", "").replace("\r", "").strip()
    return found
