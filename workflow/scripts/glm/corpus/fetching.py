"""A whole release fetched into a folder, with its manifest beside the files."""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pyarrow.compute as pc

from glm import tables
from glm.corpus import download, paging, release, streams
from glm.errors import GlmError

GIGABYTE = 1e9
SHIPPED = Path(__file__).resolve().parents[4] / "resources" / "demo" / "reference"


def wanted_files(
    client: httpx.Client, source: str, address: str, clusters: str
) -> list[release.RemoteFile]:
    """What a run needs of a release, by its folder's index and its checksum list.

    `source` is a key of `release.SOURCES`; `address` a folder: https://, ftp:// (its https mirror
    is asked), file://, or a path. Files without a published checksum are warned of. A release may
    have no list of them: then the index says what there is. Raises `GlmError` if there is neither.
    """
    base = release.base_address(address)
    kind = release.SOURCES[source]
    url = base + kind.checksums
    try:
        checksums = release.parse_checksums(streams.fetch_text(client, url), url)
    except streams.NotFoundError as error:
        index = read_index(client, base)
        if not index:
            raise GlmError(f"{error} The folder has no index of its files either") from error
        logging.warning("%s: no such file; only the files' sizes can be checked", url)
        return release.choose_files(kind, {}, base, clusters, index)
    index = read_index(client, base, kind.checksums)
    files = release.choose_files(kind, checksums, base, clusters, index)
    for file in files:
        if file.md5 is None:
            logging.warning("%s: not in %s; only its size can be checked", file.url, kind.checksums)
    return files


def read_index(client: httpx.Client, base: str, has: str | None = None) -> set[str] | None:
    """Names of the files in a release's folder; None if it cannot be listed, which is logged.

    A page that does not name the file `has`, which is there, is not the folder's index.
    """
    try:
        if urlsplit(base).scheme == "file":
            return {path.name for path in Path(unquote(urlsplit(base).path)).iterdir()}
        names = release.parse_index(streams.fetch_text(client, base), base)
    except (GlmError, UnicodeDecodeError, FileNotFoundError, NotADirectoryError) as error:
        logging.info("%s", error)
        names = set()
    if has and has not in names:
        logging.info("%s: has no index of the folder; %s alone is used", base, has)
        return None
    return names


def fetch_release(
    source: str,
    address: str,
    clusters: str,
    connections: int,
    output: Path,
    stamp: Mapping[str, Any],
    bytes_per_second: float | None = None,
) -> None:
    """Fetch what a run needs of a release, and write the manifest when all of it is verified."""
    with streams.client() as client:
        if source == "refseq":
            address = reached_or_shipped(client, address)
        files = wanted_files(client, source, address, clusters)
        manifest = download.fetch_all(client, files, output.parent, connections, bytes_per_second)
    tables.write(manifest, output, tables.MANIFEST, stamp)


def reached_or_shipped(client: httpx.Client, address: str) -> str:
    """The address of a RefSeq assembly, or the copy of the checkout if its server does not answer.

    The copy is E. coli K-12's, checked by the same checksums.
    """
    name = address.rstrip("/").rpartition("/")[2]
    if not any(path.name.startswith(f"{name}_") for path in SHIPPED.glob("GCF_*")):
        return address
    base = release.base_address(address)
    try:
        with streams.open_stream(client, base + release.SOURCES["refseq"].checksums):
            return address
    except streams.TransientError as error:
        logging.warning("%s: the copy that comes with the pipeline is used, %s", error, SHIPPED)
        return str(SHIPPED)


def fetch_file(address: str, output: Path, stamp: Mapping[str, Any]) -> None:
    """Fetch one file, resumed where a killed run left it, and write its manifest `output` beside.

    address: https:// or file://. A query of UniProt comes page by page (`paging`). The checksum of
    a file is looked for in UniProt's RELEASE.metalink beside it; without one the size that the
    server tells is checked.
    """
    with streams.client() as client:
        if paging.is_query(address):
            md5, path = None, paging.fetch_query(client, address, output.parent)
            wanted = release.RemoteFile(address, path.name, "reference", md5)
            manifest = download.manifest([wanted], [path], output.parent)
        else:
            md5 = metalink_md5(client, address)
            logging.info("%s: published MD5: %s", address, md5 or "none")
            wanted = release.RemoteFile(address, paging.file_name(address), "reference", md5)
            manifest = download.fetch_all(client, [wanted], output.parent, connections=1)
            paging.refuse_failed(output.parent / wanted.name)
    about = {**stamp["parameters"], "checksum": "published" if md5 else "none published"}
    tables.write(manifest, output, tables.MANIFEST, {**stamp, "parameters": about})


def metalink_md5(client: httpx.Client, address: str) -> str | None:
    """MD5 of a file in the RELEASE.metalink of its folder; None if there is none.

    A service answers 400 to a name that is no accession, a storage bucket 403.
    """
    folder, _, name = address.partition("?")[0].rpartition("/")
    try:
        text = streams.fetch_text(client, f"{folder}/RELEASE.metalink")
        root = ElementTree.fromstring(text)
    except (streams.RefusedError, ElementTree.ParseError, UnicodeDecodeError):
        return None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "file" and element.get("name") == name:
            for part in element.iter():
                if part.tag.rpartition("}")[2] == "hash" and part.get("type") == "md5":
                    return (part.text or "").strip().lower() or None
    return None


def describe_release(source: str, address: str, clusters: str, folder: Path) -> str:
    """What `fetch_release` would fetch into `folder`, and how large it is, as lines of text."""
    with streams.client() as client:
        found = download.plan(client, wanted_files(client, source, address, clusters), folder)
    lines = []
    for file in found.to_pylist():
        size = "size unknown" if file["size"] is None else f"{file['size'] / GIGABYTE:.3f} GB"
        held = f", {file['held'] / GIGABYTE:.3f} GB of it here" if file["held"] else ""
        lines.append(f"{file['name']}\t{file['kind']}\t{size}{held}")
    total, here = (pc.sum(found[name]).as_py() or 0 for name in ("size", "held"))
    unknown = found["size"].null_count
    without = f" and {unknown} files of unknown size" if unknown else ""
    rest = max(total - here, 0) / GIGABYTE
    lines.append(
        f"{len(found)} files, {total / GIGABYTE:.3f} GB{without}; {rest:.3f} GB to be fetched"
    )
    return "\n".join(lines)
