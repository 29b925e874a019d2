from __future__ import annotations

import gzip
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.servers import LocalServer, QuietHandler

from glm.corpus import streams
from glm.corpus.genomes import genome_readers, read_readable
from glm.errors import GlmError
from glm.semantics import datasets

ANNOTATED, BARE, UNKNOWN = "GCA_000000001.1", "GCA_000000002.1", "GCA_000000003.1"
WITHDRAWN, REFUSED, BROKEN, ODD, CUT = (f"GCA_00000000{n}.1" for n in (4, 5, 6, 7, 8))


class Service(LocalServer):
    """NCBI Datasets for some genomes.

    As its users report it (issues of github.com/ncbi/datasets): an archive comes without a length;
    404 for what is no accession, 400 for one that was withdrawn or when it is busy; half an
    archive, in an answer that ends or one that breaks off; an archive without the genome. Its
    layout is that of the documentation of the genome data package.
    """

    def __init__(self) -> None:
        super().__init__(Handler)
        self.zips: dict[str, bytes] = {}
        self.first_answers: dict[str, list[int | bytes]] = {}
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.elsewhere: str | None = None  # where requests are redirected to

    @property
    def url(self) -> str:
        return f"{super().url}/accession"


class Handler(QuietHandler):
    server: Service

    def respond(self) -> None:
        accession = self.path.split("/")[2]
        self.server.asked.append(accession)
        self.server.keys.append(self.headers.get("api-key"))
        assert "include_annotation_type=GENOME_FASTA" in self.path
        first = self.server.first_answers.get(accession)
        answer = first.pop(0) if first else self.server.zips.get(accession, 404)
        if self.server.elsewhere:
            self.send_response(302)
            self.send_header("Location", f"{self.server.elsewhere}{self.path}")
            self.end_headers()
        elif isinstance(answer, int):
            self.send_error(answer)
        else:
            self.send_response(200)
            self.send_header("Content-Type", "application/zip")
            if accession == CUT:
                self.send_header("Content-Length", str(2 * len(answer)))
            self.end_headers()
            self.wfile.write(answer)


def packed(accession: str, files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("README.md", "NCBI Datasets")
        made.writestr("md5sum.txt", "")
        made.writestr("ncbi_dataset/data/assembly_data_report.jsonl", "{}\n")
        made.writestr("ncbi_dataset/data/dataset_catalog.json", "{}")
        for name, content in files.items():
            made.writestr(f"ncbi_dataset/data/{accession}/{name}", content)
    return held.getvalue()


@pytest.fixture
def service(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Phage lambda, once with two genes annotated and once without annotation; and failures."""
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(datasets, "REQUESTS", 1000)
    monkeypatch.delenv(datasets.KEY, raising=False)
    fasta = gzip.decompress((root / "tests" / "data" / "lambda_phage.fna.gz").read_bytes())
    contig = fasta[1:].split()[0].decode()
    rows = [
        f"{contig}\tRefSeq\tCDS\t191\t736\t.\t+\t0\tID=c1;protein_id=P1;product=terminase small",
        f"{contig}\tRefSeq\tCDS\t711\t2636\t.\t+\t0\tID=c2;protein_id=P2;product=terminase large",
    ]
    gff = "\n".join(["##gff-version 3", *rows, ""]).encode()
    with Service() as made:
        whole = {f"{ANNOTATED}_ASM1v1_genomic.fna": fasta, "genomic.gff": gff,
                 "cds_from_genomic.fna": b">x\nACGT\n", "protein.faa": b">p\nMK\n"}  # fmt: skip
        made.zips = {
            ANNOTATED: packed(ANNOTATED, whole),
            BARE: packed(BARE, {f"{BARE}_ASM2v1_genomic.fna": fasta}),
            WITHDRAWN: packed(WITHDRAWN, {}),
            BROKEN: packed(BROKEN, {f"{BROKEN}_genomic.fna": fasta})[:1000],
            CUT: packed(CUT, {f"{CUT}_genomic.fna": fasta})[:1000],
            ODD: packed(ODD, {f"{ODD}_genomic.fna": b">x\nnot a genome: MKVLLWQPEF\n"}),
        }
        made.first_answers = {REFUSED: [400] * 100}
        yield made


def test_genomes_come_with_and_without_annotation(service: Service, tmp_path: Path) -> None:
    fetched = datasets.fetch([ANNOTATED, BARE], tmp_path, service.url)
    assert fetched.missing == {}
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"{ANNOTATED}.fna", f"{ANNOTATED}.gff", f"{BARE}.fna"]
    genomes = {
        genome.name: genome for genome in read_readable(genome_readers(fetched.paths)).genomes
    }
    assert len(genomes[ANNOTATED].genes) == 2
    assert len(genomes[BARE].genes) > 50  # called
    datasets.fetch([ANNOTATED, BARE], tmp_path, service.url)
    assert service.asked == [ANNOTATED, BARE]  # what was fetched is not fetched again


def test_a_genome_that_does_not_come_never_costs_the_others(
    service: Service, tmp_path: Path
) -> None:
    asked = [UNKNOWN, WITHDRAWN, REFUSED, BROKEN, CUT, ANNOTATED]
    fetched = datasets.fetch(asked, tmp_path, service.url)
    assert [path.name for path in fetched.paths] == [f"{ANNOTATED}.fna", f"{ANNOTATED}.gff"]
    assert set(fetched.missing) == {UNKNOWN, WITHDRAWN, REFUSED, BROKEN, CUT}
    assert "404" in fetched.missing[UNKNOWN]
    assert "holds no sequence; was it withdrawn?" in fetched.missing[WITHDRAWN]
    assert "400" in fetched.missing[REFUSED]
    assert "not a zip file" in fetched.missing[BROKEN]
    assert "peer closed connection" in fetched.missing[CUT]
    assert [service.asked.count(each) for each in (REFUSED, BROKEN, CUT)] == [6, 6, 6]
    assert (service.asked.count(UNKNOWN), service.asked.count(WITHDRAWN)) == (1, 1)
    assert not list(tmp_path.glob("*.zip*")) + list(tmp_path.glob(".*"))


def test_what_a_busy_service_refuses_comes_at_another_attempt(
    service: Service, tmp_path: Path
) -> None:
    whole = service.zips[BARE]
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    torn = [whole[: len(whole) // 2], bytes(flipped), whole[:-10]]
    service.first_answers[BARE] = [400, torn[0], 429, torn[1], torn[2]]
    assert datasets.fetch([BARE], tmp_path, service.url).missing == {}


def test_a_network_that_fails_is_an_error(service: Service, tmp_path: Path) -> None:
    """Not taken for genomes that the service does not have."""
    service.first_answers[BARE] = [503] * 100
    with pytest.raises(GlmError, match=r"503.*given up after 6 attempts.*it resumes"):
        datasets.fetch([ANNOTATED, BARE], tmp_path, service.url)
    service.first_answers[BARE] = [403] * 100
    with pytest.raises(GlmError, match=r"403 Forbidden"):
        datasets.fetch([ANNOTATED, BARE], tmp_path, service.url)
    assert (tmp_path / f"{ANNOTATED}.fna").is_file()


def test_no_genome_at_all_is_an_error(service: Service, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"none of 1 genomes; are the accessions right.*404"):
        datasets.fetch([UNKNOWN], tmp_path, service.url)


def test_a_genome_that_cannot_be_read_never_costs_the_others(
    service: Service, tmp_path: Path
) -> None:
    fetched = datasets.fetch([ODD, ANNOTATED], tmp_path, service.url)
    read = read_readable(genome_readers(fetched.paths))
    assert [genome.name for genome in read.genomes] == [ANNOTATED]
    assert "no nucleotide" in read.unreadable[f"{ODD}.fna"]
    with pytest.raises(GlmError, match=r"none of the genomes can be read: .*no nucleotide"):
        read_readable(genome_readers(fetched.paths[:1]))


def test_a_key_raises_the_pace_and_goes_to_the_service_alone(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "REQUESTS", 2)
    begin = time.monotonic()
    datasets.fetch([ANNOTATED, BARE], tmp_path / "slow", service.url)
    assert time.monotonic() - begin > 0.9
    monkeypatch.setattr(datasets, "REQUESTS_WITH_KEY", 1000)
    monkeypatch.setenv(datasets.KEY, "secret")
    datasets.fetch([ANNOTATED], tmp_path / "keyed", service.url)
    assert service.keys == [None, None, "secret"]
    with Service() as mirror:
        mirror.zips = service.zips
        service.elsewhere = mirror.url.removesuffix("/accession")
        datasets.fetch([ANNOTATED], tmp_path / "redirected", service.url)
        assert (service.keys[-1], mirror.keys) == ("secret", [None])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"ncbi_dataset/data/{BARE}/{BARE}_ASM2v1_genomic.fna", True),
        (f"ncbi_dataset/data/{BARE}/cds_from_genomic.fna", False),
        (f"ncbi_dataset/data/{BARE}/rna_from_genomic.fna", False),
        (f"ncbi_dataset/data/{ANNOTATED}/{ANNOTATED}_genomic.fna", False),
        (f"../ncbi_dataset/data/{BARE}/x_genomic.fna", False),
        (f"/ncbi_dataset/data/{BARE}/x_genomic.fna", False),
        ("ncbi_dataset/data/x_genomic.fna", False),
    ],
)
def test_members_of_an_archive(name: str, expected: bool) -> None:
    assert datasets.is_member(name, BARE, ".fna") is expected


@pytest.mark.parametrize("wrong", ["ERZ5", "GCA_1.1", "GCA_../../000000001.1", ""])
def test_lists_of_accessions_are_checked(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "list.tsv"
    path.write_text(f"assembly\tgroup\n{BARE}\ta\n{wrong}\tb\n")
    with pytest.raises(GlmError, match=r"list.tsv: line 3: '.*' is not an accession"):
        datasets.read_accessions(path)


def test_the_shipped_list_is_one(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("accession\nGCA_1.1\n")
    with pytest.raises(GlmError, match="no column 'assembly'"):
        datasets.read_accessions(path)
    shipped = root / "resources" / "semantics" / "mcra_genomes.tsv"
    assert len(datasets.read_accessions(shipped)) == 14
    assert set(pd.read_csv(shipped, sep="\t")["group"]) == {"ANME-1", "ANME-2", "methanogen"}
