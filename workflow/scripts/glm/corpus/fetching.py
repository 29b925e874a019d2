"""A whole release fetched into a folder, with its manifest beside the files."""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import httpx

from glm import tables
from glm.corpus import download, release
from glm.errors import GlmError
from glm.provenance import stamp


def fetch_release(
    producer: str, source: str, address: str, clusters: str, connections: int, output: Path
) -> None:
    """Fetch what a run needs of a release, and write the manifest when all of it is verified.

    `source` is a key of `release.SOURCES`; `address` an https:// or file:// folder, or a path.
    """
    base = release.base_address(address)
    kind = release.SOURCES[source]
    with download.client() as client:
        url = base + kind.checksums
        checksums = release.parse_checksums(download.fetch_text(client, url), url)
        files = release.choose_files(kind, checksums, base, clusters)
        manifest = download.fetch_all(client, files, output.parent, connections)
    parameters = {"address": address, "clusters": clusters}
    tables.write(manifest, output, tables.MANIFEST, stamp(producer, parameters=parameters))


def fetch_file(producer: str, address: str, name: str, output: Path) -> None:
    """Fetch one file, resumed where a killed run left it, and write its manifest `output` beside.

    address: https:// or file://. name: what to call it. Its checksum is looked for in UniProt's
    RELEASE.metalink beside it; without one the size that the server tells is checked.
    """
    with download.client() as client:
        md5 = metalink_md5(client, address)
        logging.info("%s: published MD5: %s", address, md5 or "none")
        wanted = release.RemoteFile(address, name, "reference", md5)
        manifest = download.fetch_all(client, [wanted], output.parent, connections=1)
    parameters = {"address": address, "checksum": "published" if md5 else "none published"}
    tables.write(manifest, output, tables.MANIFEST, stamp(producer, parameters=parameters))


def metalink_md5(client: httpx.Client, address: str) -> str | None:
    """MD5 of a file in the RELEASE.metalink of its folder; None if there is none."""
    folder, _, name = address.partition("?")[0].rpartition("/")
    try:
        text = download.fetch_text(client, f"{folder}/RELEASE.metalink")
        root = ElementTree.fromstring(text)
    except (GlmError, ElementTree.ParseError, UnicodeDecodeError):
        return None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "file" and element.get("name") == name:
            for part in element.iter():
                if part.tag.rpartition("}")[2] == "hash" and part.get("type") == "md5":
                    return (part.text or "").strip().lower() or None
    return None
