"""Annotated genomes of RefSeq by the addresses of their folders: fetched, and those left out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa

from glm import logs
from glm.corpus import download, release, streams
from glm.errors import GlmError
from glm.files import writing

REFSEQ = release.SOURCES["refseq"]


class LeftOutError(GlmError):
    """A genome that nothing can be taken from: counted, not fatal."""


def fetch_genome(
    client: httpx.Client, address: str, folder: Path, throttle: streams.Throttle = download.NO_LIMIT
) -> dict[release.RemoteFile, Path]:
    """A genome's feature table and protein FASTA, verified; what is whole is not fetched again.

    Raises `LeftOutError` if the server does not have them, whole, or their checksum list names no
    proteins or no feature table. A server that forbids (403) says nothing of the genome.
    """
    base = release.base_address(address)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        checksums = read_checksums(client, base, folder)
        try:
            files = release.choose_files(REFSEQ, checksums, base)
        except GlmError as error:
            raise LeftOutError(f"not annotated: {error}") from error
        with logs.progress_bar(unit="B", disable=True) as bar:
            return {file: download.fetch(client, file, folder, bar, throttle) for file in files}
    except (streams.NotFoundError, streams.DamagedError) as error:
        raise LeftOutError(f"not there: {error}") from error


def read_checksums(client: httpx.Client, base: str, folder: Path) -> dict[str, str]:
    """A genome's checksum list, stored in `folder` once it has come whole.

    Raises `GlmError` for one that is none: it says nothing of the genome.
    """
    listed = folder / REFSEQ.checksums
    if listed.exists():
        try:
            return release.parse_checksums(listed.read_text(), str(listed))
        except GlmError as error:
            logging.warning("%s; fetched anew", error)
    text = streams.fetch_text(client, base + REFSEQ.checksums)
    found = release.parse_checksums(text, base + REFSEQ.checksums)
    with writing(listed) as beside:
        beside.write_text(text)
    return found


def fetch_genomes(
    genomes: Sequence[Mapping[str, Any]],
    folder: Path,
    connections: int,
    bytes_per_second: float | None,
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Fetch genomes, `connections` at a time, each into a folder of its accession in `folder`.

    genomes: rows of `TAXONOMY_GENOMES`. Returns the manifest of their files, whose paths are
    relative to `folder`, and the rows of those that were left out, with the `reason`. A network
    that fails is an error, and so is a list of which nothing comes: `GlmError`.
    """
    throttle = streams.Throttle(bytes_per_second)

    def fetch_row(row: Mapping[str, Any]) -> dict[release.RemoteFile, Path] | str:
        try:
            return fetch_genome(client, row["address"], folder / row["accession"], throttle)
        except LeftOutError as error:
            logging.warning("left out: %s: %s", row["accession"], error)
            return str(error)

    with streams.client() as client, ThreadPoolExecutor(max_workers=connections) as pool:
        running = [pool.submit(fetch_row, row) for row in genomes]
        try:
            found = [
                future.result()
                for future in logs.progress(running, total=len(running), unit="genomes")
            ]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    fetched: list[tuple[release.RemoteFile, Path]] = []
    left_out = []
    for row, result in zip(genomes, found, strict=True):
        if isinstance(result, str):
            left_out.append({**row, "reason": result})
        else:
            fetched += result.items()
    logging.info("genomes: %d, left out: %d", len(genomes) - len(left_out), len(left_out))
    if not fetched:
        reason = left_out[0]["reason"] if left_out else "none was chosen"
        raise GlmError(f"none of {len(genomes)} genomes of RefSeq can be had: {reason}")
    files, paths = [file for file, _ in fetched], [path for _, path in fetched]
    return download.manifest(files, paths, folder), left_out
