from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from glm import tables
from glm.corpus import streams
from glm.corpus.fetching import describe_release, fetch_release, wanted_files
from glm.corpus.release import RemoteFile, parse_index
from glm.errors import GlmError

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><body>
<h1>Index of /pub/databases/metagenomics/peptide_database/2022_05</h1>
<pre><img src="/icons/blank.gif" alt="Icon "> <a href="?C=N;O=D">Name</a>
<a href="?C=S;O=A">Size</a>
<hr><img src="/icons/back.gif" alt="[PARENTDIR]"> <a href="/pub/databases/">Parent Directory</a>
<img src="/icons/text.gif" alt="[TXT]"> <a href="md5sum.txt">md5sum.txt</a>  2022-05-06  1.2K
<img src="/icons/folder.gif" alt="[DIR]"> <a href="old/">old/</a>  2022-05-06  -
<IMG SRC="/icons/z.gif"> <A HREF="mgy_seq_metadata_12.tsv.gz">mgy_seq_metadata_12...&gt;</A>
<a href="https://www.ebi.ac.uk/">EBI</a> <a name="end">end</a></pre></body></html>"""
NGINX = """<html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre>
<a href="../">../</a>
<a href="a%20name.gz">a name.gz</a>      06-May-2022 10:00   17
<a href="/pub/databases/metagenomics/peptide_database/2022_05/md5sum.txt?x=1">md5sum.txt</a>
</pre><hr></body></html>"""
BASE = "https://ftp.ebi.ac.uk/pub/databases/metagenomics/peptide_database/2022_05/"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (APACHE, {"md5sum.txt", "mgy_seq_metadata_12.tsv.gz"}),
        (NGINX, {"md5sum.txt", "a name.gz"}),
        ("no page at all", set()),
    ],
)
def test_the_page_of_a_web_server_names_the_files_of_its_folder(page: str, names: set[str]) -> None:
    assert parse_index(page, BASE) == names


class Unlisted(SimpleHTTPRequestHandler):
    """Serves files, but not what is in a folder."""

    def list_directory(self, path: object) -> None:
        self.send_error(403, "Forbidden")


@pytest.fixture
def release(small_release: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small_release, tmp_path / "published")


def serve(folder: Path, handler: type[SimpleHTTPRequestHandler]) -> ThreadingHTTPServer:
    made = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return made


@pytest.fixture(params=["http", "folder"])
def address(request: pytest.FixtureRequest, release: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(release)
        return
    with serve(release, SimpleHTTPRequestHandler) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


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
    fetch_release("test", "mgnify", address, "linclust", 2, manifest)
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
        handler = SimpleHTTPRequestHandler
    with serve(release, handler) as server:
        files = wanted(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert [file.name for file in files] == whole
    assert all(file.md5 for file in files)
    assert "has no index of the folder; md5sum.txt alone is gone by" in caplog.text
