"""Genomes by accession from NCBI Datasets, and what can be read of them.

The archive of a genome holds `ncbi_dataset/data/ACCESSION/` with ACCESSION_ASSEMBLY_genomic.fna
and, where it is annotated, genomic.gff. Its users report (issues of github.com/ncbi/datasets) 400
for accessions that were withdrawn, and archives without a central directory, some of which come
whole when asked for again.
"""

from __future__ import annotations

import csv
import logging
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from glm import logs
from glm.corpus import streams
from glm.errors import GlmError
from glm.files import writing

KINDS = "include_annotation_type=GENOME_FASTA&include_annotation_type=GENOME_GFF"
ACCESSION = re.compile(r"GC[AF]_\d{9}(\.\d+)?")
KEY = "NCBI_API_KEY"
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError)  # of an archive, or of a file in it
NOT_GIVEN = (streams.NotFoundError, streams.BadRequestError)
REQUESTS, REQUESTS_WITH_KEY = 3, 10  # a second, as NCBI allows


class TornError(streams.TransientError):
    """The service answers, and does not give this genome whole."""


def read_accessions(path: Path) -> list[str]:
    """Assemblies of a tab-separated table with the column assembly; each once.

    Raises `GlmError` for a table without that column, and for an accession that is none.
    """
    with path.open(newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        if "assembly" not in (rows.fieldnames or ()):
            raise GlmError(f"{path}: no column 'assembly' in its first line")
        found = [(row["assembly"] or "").strip() for row in rows]
    for number, accession in enumerate(found, 2):
        if not ACCESSION.fullmatch(accession):
            raise GlmError(
                f"{path}: line {number}: {accession!r} is not an accession GCA_… or GCF_… of nine "
                "digits and a version"
            )
    return list(dict.fromkeys(found))


class Fetched(NamedTuple):
    """Files of the genomes that came, and why each other one did not, by accession."""

    paths: list[Path]
    missing: dict[str, str]


def fetch(accessions: Sequence[str], folder: Path, address: str) -> Fetched:
    """Fetch genomes into `folder` as ACCESSION.fna, with ACCESSION.gff where they are annotated.

    What is there already is not fetched again: a killed run resumes. Genomes that the service at
    `address` does not give are logged and left out; a network that fails is an error, and so is a
    list of which nothing comes: `GlmError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key, host = os.environ.get(KEY), urlsplit(address).netloc
    pace = streams.Throttle(REQUESTS_WITH_KEY if key else REQUESTS)

    def prepare(request: httpx.Request) -> None:
        pace.wait(1)
        request.headers.pop("api-key", None)  # which a redirect takes along
        if key and request.url.netloc.decode() == host:
            request.headers["api-key"] = key

    found = Fetched([], {})
    with streams.client(prepare) as client, logs.progress_bar(unit="B") as bar:
        for accession in accessions:
            sequence = folder / f"{accession}.fna"
            try:
                if not sequence.is_file():
                    fetch_one(client, accession, folder, address, bar)
            except NOT_GIVEN as error:
                logging.warning("%s: left out: %s", accession, error)
                found.missing[accession] = str(error)
                continue
            annotation = folder / f"{accession}.gff"
            found.paths.extend(path for path in (sequence, annotation) if path.is_file())
    if not found.paths:
        raise GlmError(
            f"{address}: none of {len(accessions)} genomes; are the accessions right? The first: "
            f"{next(iter(found.missing.values()), 'none was asked for')}"
        )
    return found


def fetch_one(
    client: httpx.Client, accession: str, folder: Path, address: str, bar: logs.LoggedProgress
) -> None:
    """Fetch and unpack one genome, its sequence last.

    Raises `BadRequestError` for one that the service does not give, after several attempts, since
    it also refuses, or sends half an archive, when it is busy; `NotFoundError` for an unknown one;
    `GlmError` if no answer comes.
    """
    url = f"{address}/{accession}/download?{KINDS}"
    archive = folder / f".{accession}.zip"
    try:
        for attempt in streams.retrying():
            with attempt:
                try:
                    fetch_archive(client, url, archive, bar)
                    unpack(archive, accession, folder)
                except streams.BadRequestError as error:
                    raise TornError(str(error)) from error
                except DAMAGE as error:
                    raise TornError(f"{url}: {error}") from error
                finally:
                    archive.unlink(missing_ok=True)
    except TornError as error:
        raise streams.BadRequestError(str(error)) from error
    except streams.TransientError as error:
        raise GlmError(
            f"{error}; given up after {streams.ATTEMPTS} attempts. Run the same command again: it "
            "resumes"
        ) from error


def fetch_archive(client: httpx.Client, url: str, archive: Path, bar: logs.LoggedProgress) -> None:
    """Fetch an archive from its beginning: NCBI makes it anew each time, and tells no size.

    Raises `TornError` for one that began to come and broke off.
    """
    with archive.open("wb") as target:
        try:
            with streams.open_stream(client, url) as stream:
                for chunk in stream.chunks:
                    target.write(chunk)
                    bar.update(len(chunk))
        except streams.TransientError as error:
            if target.tell():
                raise TornError(str(error)) from error
            raise


def unpack(archive: Path, accession: str, folder: Path) -> None:
    """Take annotation and sequence of one genome out of its archive, under names of our own.

    Raises one of `DAMAGE` for one that is not whole, `NotFoundError` for one without the genome.
    """
    with zipfile.ZipFile(archive) as packed:
        for ending in (".gff", ".fna"):
            members = [name for name in packed.namelist() if is_member(name, accession, ending)]
            if members:
                with (
                    writing(folder / f"{accession}{ending}") as beside,
                    packed.open(members[0]) as source,
                    beside.open("wb") as target,
                ):
                    shutil.copyfileobj(source, target)
    if not members:
        raise streams.NotFoundError(
            f"{accession}: its archive holds no sequence; was it withdrawn?"
        )


def is_member(name: str, accession: str, ending: str) -> bool:
    """Whether a file of an archive is a genome's sequence or annotation."""
    path = PurePosixPath(name)
    is_in_folder = path.parts[:2] == ("ncbi_dataset", "data") and len(path.parts) == 4
    of_genome = path.parent.name.partition(".")[0] == accession.partition(".")[0]
    return is_in_folder and of_genome and name.endswith(f"genomic{ending}") and "_from_" not in name
