"""A whole release fetched into a folder, with its manifest beside the files."""

from __future__ import annotations

from pathlib import Path

from glm import tables
from glm.corpus import download, release
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
