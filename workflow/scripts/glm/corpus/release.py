"""What a published release holds, by its index and its checksum list, and what a run needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from glm import tables
from glm.errors import GlmError

CHECKSUM_LINE = re.compile(r"^([0-9a-fA-F]{32})\s+\*?(?:\./)?(\S+)\s*$")


@dataclass(frozen=True)
class ReleaseKind:
    """A kind of release: its checksum list, and a pattern of file names for each kind of file."""

    checksums: str
    kinds: dict[str, str]
    required: tuple[str, ...]


SOURCES = {
    "mgnify": ReleaseKind(
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
    "refseq": ReleaseKind(
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
    """A file to fetch; `md5` as its publisher lists it, None where there is no list.

    sha256: what it is known to have; then the MD5 is not looked at.
    """

    url: str
    name: str
    kind: str
    md5: str | None
    sha256: str | None = None

    @property
    def checksum(self) -> str | None:
        """What its bytes are checked by."""
        return self.sha256 or self.md5


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


class Links(HTMLParser):
    """Collects the addresses that a page's links lead to."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where an `a` leads."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def parse_index(page: str, base: str) -> set[str]:
    """Names of the files of a folder by the page that a web server makes of it (Apache's, nginx's).

    base: the folder's address. Folders, the parent and what sorts the page are no files of it.
    """
    links, folder = Links(), urlsplit(base)
    links.feed(page)
    names = set()
    for link in links.found:
        target = urlsplit(urljoin(base, link))
        name = target.path.removeprefix(folder.path)
        if target.netloc == folder.netloc and name and "/" not in name:
            names.add(unquote(name))
    return names


def choose_files(
    source: ReleaseKind,
    checksums: dict[str, str],
    base: str,
    clusters: str = "linclust",
    index: Collection[str] | None = None,
) -> list[RemoteFile]:
    """The files that a run needs, in the order of their shard numbers.

    index: names of the files in the folder, if it can be listed. A needed file that only the
    index has is taken without a checksum; one that only the list has is a `GlmError`.

    With `published` clusters the sequences come from the representatives' own FASTA where the
    release has one (79 GB instead of all proteins' several hundred in 2024_04).
    """
    by_kind: dict[str, list[RemoteFile]] = {}
    for kind, pattern in source.kinds.items():
        named = filter(re.compile(pattern).fullmatch, {*checksums, *(index or ())})
        by_kind[kind] = [
            RemoteFile(base + quote(name), name, kind, checksums.get(name))
            for name in sorted(named, key=shard_number)
        ]
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
                f"{base}: no file named like {source.kinds[kind]} ({kind}) in "
                f"{source.checksums if checksums else 'the index of the folder'}"
                + no_flat_files({*checksums, *(index or ())})
            )
    chosen = [file for files in by_kind.values() for file in files]
    missing = [file.name for file in chosen if index is not None and file.name not in index]
    if missing:
        raise GlmError(
            f"{base}: {source.checksums} lists {', '.join(missing[:3])}"
            f"{' …' * (len(missing) > 3)} ({len(missing)} in all), which the folder does not hold: "
            "the release is incomplete or being changed; try again later, or ask its publisher"
        )
    return chosen


def no_flat_files(names: Collection[str]) -> str:
    """What to do where a release has Parquet tables in place of what is asked for."""
    if not any(name.endswith(".parquet") for name in names):
        return ""
    return (
        ", but Parquet tables, as in 2026_07. Those have proteins and clusters, not the "
        "locations of genes on contigs (mgy_seq_metadata); set release: address to a release that "
        "lists them, such as 2022_05 (the paper's), 2023_02 or 2024_04"
    )


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


def one_file(path: Path) -> Path:
    """A file itself, or the one that a manifest lists of what was fetched from an address."""
    return required_paths(path, "reference")[0] if path.suffix == ".parquet" else path
