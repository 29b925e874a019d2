"""What a published release holds: its checksum list, and which of its files the pipeline wants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from glm import tables
from glm.errors import GlmError

CHECKSUM_LINE = re.compile(r"^([0-9a-fA-F]{32})\s+\*?(?:\./)?(\S+)\s*$")


@dataclass(frozen=True)
class Source:
    """A kind of release: its checksum list, and a pattern of file names for each kind of file."""

    checksums: str
    kinds: dict[str, str]
    required: tuple[str, ...]


SOURCES = {
    "mgnify": Source(
        checksums="md5sum.txt",
        kinds={
            "sequence_metadata": r"mgy_seq_metadata(_\d+)?\.tsv\.gz",
            "proteins": r"mgy_proteins(_\d+)?\.fa\.gz",
            "clusters": r"mgy_cluster_seqs(_\d+)?\.tsv(\.gz)?",
            "representatives": r"mgy_clusters(_\d+)?\.fa\.gz",
            "assemblies": r"assemblies\.tsv",
            "biomes": r"mgy_biomes(_\d+)?\.tsv(\.gz)?",
        },
        required=("sequence_metadata",),
    ),
    "refseq": Source(
        checksums="md5checksums.txt",
        kinds={
            "proteins": r".+_protein\.faa\.gz",
            "feature_table": r".+_feature_table\.txt\.gz",
        },
        required=("proteins", "feature_table"),
    ),
}


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch; `md5` as its publisher lists it, None where there is no list."""

    url: str
    name: str
    kind: str
    md5: str | None


def base_address(address: str) -> str:
    """The address of a release's folder as a URL that ends in a slash; a path becomes file://.

    For ftp:// the same server's https mirror is asked: EBI and NCBI serve both, and only https
    resumes through proxies. Raises `GlmError` for any other scheme.
    """
    scheme = urlsplit(address).scheme
    if not scheme:
        address = Path(address).resolve().as_uri()
    elif scheme == "ftp":
        address = f"https{address.removeprefix('ftp')}"
    elif scheme not in ("https", "http", "file"):
        raise GlmError(f"{address}: not an https://, ftp:// or file:// address, nor a folder")
    return address.rstrip("/") + "/"


def parse_checksums(text: str, url: str) -> dict[str, str]:
    """MD5 sums by file name out of a list in md5sum's format.

    Raises `GlmError` naming the line that is none, and for an empty list.
    """
    checksums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = CHECKSUM_LINE.match(line)
        if found is None:
            raise GlmError(
                f"{url}: line {number}: {line[:60]!r} is not an MD5 sum and a file name; "
                "is the address right?"
            )
        checksums[found[2]] = found[1].lower()
    if not checksums:
        raise GlmError(f"{url}: lists no file")
    return checksums


def choose_files(
    source: Source, checksums: dict[str, str], base: str, clusters: str = "linclust"
) -> list[RemoteFile]:
    """The files that a run needs, in the order of their shard numbers.

    With `published` clusters the sequences come from the representatives' own FASTA where the
    release has one (79 GB instead of all proteins' several hundred in 2024_04).
    """
    by_kind: dict[str, list[RemoteFile]] = {}
    for kind, pattern in source.kinds.items():
        names = sorted(filter(re.compile(pattern).fullmatch, checksums), key=shard_number)
        by_kind[kind] = [RemoteFile(base + n, n, kind, checksums[n]) for n in names]
    required = [*source.required]
    if clusters == "published":
        required.append("clusters")
    else:
        by_kind.pop("clusters", None)
        by_kind.pop("representatives", None)
    if by_kind.get("representatives"):
        by_kind["proteins"] = []
    else:
        required.append("proteins")
    for kind in required:
        if not by_kind[kind]:
            raise GlmError(
                f"{base}: no file named like {source.kinds[kind]} ({kind}) in {source.checksums}"
            )
    return [file for files in by_kind.values() for file in files]


def shard_number(name: str) -> tuple[int, str]:
    """Sort key: mgy_proteins_10 comes after mgy_proteins_9."""
    digits = re.search(r"_(\d+)\.", name)
    return (int(digits[1]) if digits else 0, name)


def manifest_paths(manifest: Path, kind: str) -> list[Path]:
    """Paths of a manifest's files of one kind."""
    table = tables.read(manifest, tables.MANIFEST, columns=["path", "kind"])
    return [
        manifest.parent / path
        for path, of in zip(table["path"].to_pylist(), table["kind"].to_pylist(), strict=True)
        if of == kind
    ]


def required_paths(manifest: Path, kind: str) -> Sequence[Path]:
    """As `manifest_paths`; raises `GlmError` if there is none."""
    paths = manifest_paths(manifest, kind)
    if not paths:
        raise GlmError(f"{manifest}: lists no file of kind {kind}; remove it and run again")
    return paths
