"""A corpus of RefSeq's genomes by the rules, from a server of the test; killed, and resumed."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest
import yaml
from tests.refseq import CLASSES, write_refseq
from tests.servers import LocalServer, QuietHandler
from tests.workflow.small_run import ENVIRONMENT, make_checkout, snakemake

from glm import tables

pytestmark = pytest.mark.usefixtures("mmseqs")
TABLES = {
    "genes": tables.GENES,
    "contigs": tables.CONTIGS,
    "proteins": tables.PROTEINS,
    "subcontigs": tables.SUBCONTIGS,
}
CORPUS = "results/small/metagenomes"
TARGETS = [f"{CORPUS}/{name}.parquet" for name in TABLES]
FILES_BEFORE_KILL = 10  # lists, and some genomes
GENES = 120
GONE, TORN = "GCF_000101900.1", "GCF_000202900.1"


class RefSeq(LocalServer):
    """Serves a folder; `hangs_after` files, it sends half of a genome's proteins and waits."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Handler)
        self.folder = folder
        self.sent: list[tuple[str, str | None]] = []  # path and range
        self.hangs_after: int | None = None
        self.hanging, self.released = Event(), Event()

    def handle_error(self, *_: object) -> None:
        """A client that goes is no error of the server's."""


class Handler(QuietHandler):
    server: RefSeq

    def respond(self) -> None:
        path = self.server.folder / self.path.lstrip("/")
        if not path.is_file():
            return self.answer(404, b"")
        self.server.sent.append((self.path, self.headers.get("Range")))
        content = path.read_bytes()
        enough = len(self.server.sent) > (self.server.hangs_after or math.inf)
        if enough and path.name.endswith("_protein.faa.gz") and TORN not in path.name:
            self.send_rest(content, len(content) // 2)
            self.server.hanging.set()
            self.server.released.wait(60)
        else:
            self.send_rest(content)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefSeq]:
    """One of the complete genomes is gone, and of another a file is not what its list says."""
    with RefSeq(tmp_path_factory.mktemp("refseq")) as made:
        write_refseq(made.folder, made.url, GENES)
        gone, torn = (made.folder / f"{accession}_ASM1v1" for accession in (GONE, TORN))
        (gone / "md5checksums.txt").unlink()
        (torn / f"{torn.name}_protein.faa.gz").write_bytes(b"not what the list says")
        yield made


@pytest.fixture(scope="module")
def undisturbed(root: Path, server: RefSeq, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout of a run that nothing interrupts."""
    checkout = make_checkout(root, tmp_path_factory.mktemp("undisturbed"))
    done = snakemake(checkout, TARGETS, [], **release(server))
    assert done.returncode == 0, done.stderr[-3000:]
    return checkout


def release(server: RefSeq, **selection: object) -> dict[str, dict[str, object]]:
    """Sections of the configuration that take this server's genomes."""
    chosen = {"one_per": "genus", **selection}
    return {
        "release": {"source": "refseq", "refseq": chosen, "connections": 1},
        "taxonomy": {"refseq": server.url, "taxdump": server.url},
    }


def contents(checkout: Path) -> dict[str, list[dict[str, object]]]:
    """Rows of the corpus's tables."""
    return {
        name: tables.read(checkout / CORPUS / f"{name}.parquet", declared).to_pylist()
        for name, declared in TABLES.items()
    }


def start_and_kill(checkout: Path, server: RefSeq, targets: Sequence[str]) -> None:
    """Start snakemake as before, and kill it and its jobs where the server hangs."""
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "2"]
    command += ["--configfile", "config/demo.yaml", "small.yaml"]
    with subprocess.Popen(
        command, cwd=checkout, env=ENVIRONMENT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as started:  # fmt: skip
        assert server.hanging.wait(120)
        deadline = time.monotonic() + 60
        while not any(part.stat().st_size for part in checkout.glob(f"{CORPUS}/**/.*.partial")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(started.pid, signal.SIGKILL)
    server.released.set()


def test_the_corpus_is_one_genome_of_each_genus(undisturbed: Path, server: RefSeq) -> None:
    """Complete ones where there are; what is gone or torn is left out, and counted."""
    folder = undisturbed / CORPUS / "release"
    chosen = tables.read(folder / "genomes.parquet", tables.TAXONOMY_GENOMES).to_pandas()
    assert len(chosen) == chosen["genus"].nunique() == 2 * len(CLASSES)
    assert set(chosen["level"]) == {"Complete Genome"}
    left_out = tables.read(folder / "left_out.parquet", tables.TAXONOMY_SKIPPED).to_pandas()
    reasons = left_out.set_index("accession")["reason"]
    assert set(reasons.index) == {GONE, TORN}
    assert "not there" in reasons[GONE]
    assert "wrong checksum" in reasons[TORN]
    contigs = contents(undisturbed)["contigs"]
    assert {row["assembly"] for row in contigs} == set(chosen["accession"]) - {GONE, TORN}
    assert {row["genes"] for row in contigs} == {GENES}


def test_killed_and_resumed_it_is_the_corpus_of_an_undisturbed_run(
    root: Path, server: RefSeq, undisturbed: Path, tmp_path: Path
) -> None:
    killed = make_checkout(root, tmp_path)
    server.sent.clear()
    server.hangs_after = FILES_BEFORE_KILL
    (killed / "small.yaml").write_text(yaml.safe_dump({"run": "small", **release(server)}))
    start_and_kill(killed, server, TARGETS)
    server.hangs_after = None
    before, server.sent = dict(server.sent), []
    snakemake(killed, ["--unlock"], [], **release(server))
    again = snakemake(killed, [*TARGETS, "--rerun-incomplete"], [], **release(server))
    assert again.returncode == 0, again.stderr[-3000:]
    assert contents(killed) == contents(undisturbed)
    after = {path: begin for path, begin in server.sent if TORN not in path}
    [half] = before.keys() & after.keys()
    assert half == list(before)[-1], "what was whole is not fetched again"
    assert after[half].startswith("bytes="), "and of that one the rest"
