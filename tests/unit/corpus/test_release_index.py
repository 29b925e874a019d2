from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from tests.servers import LocalServer
from tests.unit.corpus.small_release import write_checksums

from glm import tables
from glm.corpus import streams
from glm.corpus.fetching import (
    SHIPPED,
    describe_release,
    fetch_release,
    reached_or_shipped,
    wanted_files,
)
from glm.corpus.release import RemoteFile, parse_index
from glm.errors import GlmError
from glm.provenance import stamp

NGINX = """<html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre>
<a href="../">../</a>
<a href="a%20name.gz">a name.gz</a>      06-May-2022 10:00   17
<a href="/pub/databases/metagenomics/peptide_database/2022_05/md5sum.txt?x=1">md5sum.txt</a>
</pre><hr></body></html>"""
BASE = "https://ftp.ebi.ac.uk/pub/databases/metagenomics/peptide_database/2022_05/"


def size_shown(size: int) -> str:
    """As Apache rounds it: 650, 1.2K, 7.7G, 218M."""
    for unit in ("", "K", "M", "G"):
        if size < 973:
            return f"{size:.1f}{unit}" if unit and size < 9.95 else f"{size:.0f}{unit} "[:4]
        size /= 1024
    return f"{size:.1f}T"


def apache_index(path: str, sizes: dict[str, int]) -> str:
    """A folder's page as EBI's Apache makes it (seen in public copies of its FTP area's pages).

    Folders end in a slash; a long name is cut in what is shown, not in where the link leads.
    """
    row = (
        '<tr><td valign="top"><img src="/icons/{icon}.gif" alt="[   ]"></td><td><a href="{link}">'
        '{shown}</a></td><td align="right">2022-05-06 14:14  </td><td align="right">{size}</td>'
        "<td>&nbsp;</td></tr>"
    )
    rows = [row.format(icon="back", link="../", shown="Parent Directory", size="  - ")]
    for name, size in sizes.items():
        shown = name if len(name) < 24 else f"{name[:21]}..&gt;"
        reported = "  - " if name.endswith("/") else size_shown(size)
        rows.append(row.format(icon="compressed", link=quote(name), shown=shown, size=reported))
    return "\n".join(
        [
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">',
            f"<html><head><title>Index of {path}</title></head><body><h1>Index of {path}</h1>",
            '<table><tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th>'
            '<th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th>'
            '<th><a href="?C=S;O=A">Size</a></th><th><a href="?C=D;O=A">Description</a></th></tr>',
            '<tr><th colspan="5"><hr></th></tr>',
            *rows,
            '<tr><th colspan="5"><hr></th></tr></table></body></html>',
        ]
    )


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (
            apache_index(
                "/pub/databases/metagenomics/peptide_database/2022_05",
                {
                    "LICENCE": 6555,
                    "md5sum.txt": 4203,
                    "mgy_seq_metadata_12.tsv.gz": 8267812045,
                    "old/": 0,
                },
            ),
            {"LICENCE", "md5sum.txt", "mgy_seq_metadata_12.tsv.gz"},
        ),
        (NGINX, {"md5sum.txt", "a name.gz"}),
        ("no page at all", set()),
    ],
)
def test_the_page_of_a_web_server_names_the_files_of_its_folder(page: str, names: set[str]) -> None:
    assert parse_index(page, BASE) == names


class Apache(SimpleHTTPRequestHandler):
    """Serves files, and folders' pages as EBI's server does."""

    def list_directory(self, path: str) -> BytesIO:
        sizes = {file.name: file.stat().st_size for file in sorted(Path(path).iterdir())}
        page = apache_index(self.path, sizes).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html;charset=UTF-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        return BytesIO(page)


class Unlisted(SimpleHTTPRequestHandler):
    """Serves files, but not what is in a folder."""

    def list_directory(self, path: object) -> None:
        self.send_error(403, "Forbidden")


@pytest.fixture
def release(small_release: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small_release, tmp_path / "published")


def serve(folder: Path, handler: type[SimpleHTTPRequestHandler]) -> LocalServer:
    """A server of a folder."""
    return LocalServer(partial(handler, directory=str(folder)))


@pytest.fixture(params=["http", "folder"])
def address(request: pytest.FixtureRequest, release: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(release)
        return
    with serve(release, Apache) as server:
        yield server.url


def wanted(address: str) -> list[RemoteFile]:
    with streams.client() as client:
        return wanted_files(client, "mgnify", address, "linclust")


def unlist(release: Path, name: str) -> None:
    """Take a file out of the checksum list."""
    path = release / "md5sum.txt"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.endswith(f" {name}\n")))


def test_a_shard_that_only_the_index_has_is_fetched_and_warned_of(
    address: str, release: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unlist(release, "mgy_seq_metadata_2.tsv.gz")
    manifest = tmp_path / "fetched" / "manifest.parquet"
    fetch_release("mgnify", address, "linclust", 2, manifest, stamp("test"))
    rows = tables.read(manifest, tables.MANIFEST).to_pandas().set_index("path")
    shards = ["mgy_seq_metadata_1.tsv.gz", "mgy_seq_metadata_2.tsv.gz"]
    assert rows.index[rows["kind"] == "sequence_metadata"].tolist() == shards
    for shard in shards:
        assert manifest.with_name(shard).read_bytes() == (release / shard).read_bytes()
    assert "mgy_seq_metadata_2.tsv.gz: not in md5sum.txt; only its size can be checked" in (
        caplog.text
    )
    assert "mgy_seq_metadata_1.tsv.gz: not in" not in caplog.text


def test_a_shard_that_only_the_checksum_list_has_is_an_incomplete_release(
    address: str, release: Path
) -> None:
    (release / "mgy_proteins_2.fa.gz").unlink()
    message = r"md5sum.txt lists mgy_proteins_2.fa.gz \(1 in all\), which the folder does not hold"
    with pytest.raises(GlmError, match=message):
        wanted(address)


def test_a_release_without_a_checksum_list_is_fetched_by_its_index(
    address: str, release: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = [file.name for file in wanted(str(release))]
    sums = dict(line.split()[::-1] for line in (release / "md5sum.txt").read_text().splitlines())
    (release / "md5sum.txt").unlink()
    manifest = tmp_path / "fetched" / "manifest.parquet"
    fetch_release("mgnify", address, "linclust", 2, manifest, stamp("test"))
    rows = tables.read(manifest, tables.MANIFEST).to_pylist()
    assert [row["path"] for row in rows] == whole
    assert all(row["md5"] == sums[row["path"]] for row in rows)
    assert caplog.text.count("only the files' sizes can be checked") == 1


@pytest.mark.parametrize("kind", ["no such folder", "nothing in it", "not listed"])
def test_a_folder_with_neither_list_nor_index_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "no such folder":
        with pytest.raises(GlmError, match=r"md5sum\.txt: no such file; is the address right"):
            wanted(str(tmp_path / "nowhere"))
        return
    handler = Apache if kind == "nothing in it" else Unlisted
    with (
        serve(tmp_path, handler) as server,
        pytest.raises(GlmError, match=r"md5sum\.txt: 404 .*has no index of its files either"),
    ):
        wanted(server.url)


PARQUET = ("mgy_protein_sequences", "mgy_cluster_seqs", "mgy_clusters", "mgy_proteins_pfam")


@pytest.mark.parametrize("listed", [True, False])
def test_a_release_of_parquet_tables_is_refused_with_the_releases_to_take(
    tmp_path: Path, listed: bool
) -> None:
    """2026_07's files as its announcement and public users name them; no places of genes."""
    names = ["README.md", "STATS.md", "LICENSE", "mgy_clusters.fa.gz"]
    for name in [*names, *(f"{name}.parquet" for name in PARQUET)]:
        (tmp_path / name).write_text("x")
    (tmp_path / "mgy30").mkdir()
    if listed:
        write_checksums(tmp_path)
    with (
        serve(tmp_path, Apache) as server,
        pytest.raises(GlmError, match=r"mgy_seq_metadata.* 2022_05 .* 2024_04"),
    ):
        wanted(server.url)


def test_a_dry_run_goes_by_the_index_too(address: str, release: Path, tmp_path: Path) -> None:
    unlist(release, "mgy_proteins_1.fa.gz")
    text = describe_release("mgnify", address, "linclust", tmp_path / "to")
    assert "\nmgy_proteins_1.fa.gz\tproteins\t0.00" in text
    sizes = [path.stat().st_size for path in release.glob("mgy_[ps]*.gz")]
    sizes.append((release / "assemblies.tsv").stat().st_size)
    assert f"{len(sizes)} files, {sum(sizes) / 1e9:.3f} GB;" in text
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("hidden_by", ["refusal", "another page"])
def test_where_the_folder_cannot_be_listed_the_checksum_list_is_gone_by(
    release: Path, caplog: pytest.LogCaptureFixture, hidden_by: str
) -> None:
    caplog.set_level(logging.INFO)
    whole = [file.name for file in wanted(str(release))]
    handler: type[SimpleHTTPRequestHandler] = Unlisted
    if hidden_by == "another page":
        (release / "index.html").write_text("<a href='mgy_seq_metadata_99.tsv.gz'>welcome</a>")
        handler = Apache
    with serve(release, handler) as server:
        files = wanted(server.url)
    assert [file.name for file in files] == whole
    assert all(file.md5 for file in files)
    assert "has no index of the folder; md5sum.txt alone is used" in caplog.text


def test_k12_is_the_shipped_copy_where_the_address_is_not_reached(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One attempt tells; another assembly of the same dead server is not made up for."""
    manifest = tmp_path / "manifest.parquet"
    nobody = "http://127.0.0.1:1"
    fetch_release(
        "refseq", f"{nobody}/GCF_000005845.2_ASM584v2", "linclust", 2, manifest, stamp("test")
    )
    assert f"{nobody}/GCF_000005845.2_ASM584v2/md5checksums.txt: " in caplog.text
    assert "the copy that comes with the pipeline is used" in caplog.text
    urls = tables.read(manifest, tables.MANIFEST)["url"].to_pylist()
    assert {url.rpartition("/")[0] for url in urls} == {SHIPPED.as_uri()}
    with httpx.Client() as client:
        other = f"{nobody}/GCF_000008865.2_ASM886v2"
        assert reached_or_shipped(client, other) == other
