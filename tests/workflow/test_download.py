"""`snakemake download`: all that a configuration fetches, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.conftest import ROOT
from tests.workflow.small_run import make_checkout, snakemake

SCRIPTS = ROOT / "workflow" / "scripts"
NETWORK = (
    "ftplib", "http.client", "httpx", "httpx2", "huggingface_hub", "requests", "urllib.request",
    "urllib3",
)  # fmt: skip
# Tried by itself below; reads the run's own protein model, which is fetched by then.
ELSEWHERE = {"download_pretrained_model", "evaluate_benchmarks"}
CHOOSING = {"choose_genomes"}  # what is to be fetched, by lists that were
PAPER = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, also within its functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def reaches_network(path: Path) -> bool:
    """Whether a script imports, itself or through the package, a module of the network."""
    waiting, seen = [path], {path}
    while waiting:
        for name in imports(waiting.pop()):
            if any(f"{name}.".startswith(f"{module}.") for module in NETWORK):
                return True
            parts = name.split(".")
            for end in (len(parts), len(parts) - 1):
                module = SCRIPTS.joinpath(*parts[:end]).with_suffix(".py")
                if parts[0] == "glm" and module.is_file() and module not in seen:
                    seen.add(module)
                    waiting.append(module)
    return False


def scheduled(plan: str) -> set[str]:
    """Rules that a dry run of the target would run, itself left out."""
    return set(re.findall(r"^rule (\w+):", plan, re.MULTILINE)) - {"download"}


def planned(checkout: Path, **sections: object) -> str:
    """What a dry run of the target says."""
    done = snakemake(checkout, ["download", "--dry-run"], [], **sections)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_checkout(root, tmp_path_factory.mktemp("download"))
    (made / "pairs.txt").write_text("P12345\tP12346\n")
    return made


@pytest.fixture(scope="module")
def everything(checkout: Path) -> str:
    """The plan of the paper's configuration, with what it leaves to the user by address."""
    sections = {name: section for name, section in PAPER.items() if name != "run"}
    sections["operons"] = {
        **sections["operons"],
        "source": "https://example.org/OperonSet.tsv",
        "synonyms": "https://example.org/gene_info.gz",
        "transfer": [{"name": "a", "assembly": "a", "source": "https://example.org/a.tsv"}],
    }
    sections["paralogs"] = {**sections["paralogs"], "pairs": "pairs.txt"}
    return planned(checkout, **sections)


def test_a_rule_that_reaches_the_network_is_in_the_target(everything: str) -> None:
    """Found by what its script imports, so that a new one is missed here."""
    reaching = {path.stem for path in SCRIPTS.glob("*.py") if reaches_network(path)}
    assert {"download_release", "download_protein_model", "fetch_paralogs"} <= reaching
    assert "train_glm" not in reaching
    assert scheduled(everything) == reaching - ELSEWHERE - {"download_genomes"} | CHOOSING


def test_the_genomes_of_a_corpus_are_fetched_ahead(checkout: Path) -> None:
    plan = planned(checkout, release={"source": "refseq"})
    wanted = {"download_refseq_lists", "choose_training_genomes", "download_genomes"}
    assert wanted <= scheduled(plan)
    assert not {"parse_refseq_genomes", "parse_genes"} & scheduled(plan)


def test_a_pretrained_model_is_fetched_ahead(checkout: Path) -> None:
    plan = planned(checkout, glm={"pretrained": "https://example.org/model"})
    assert "download_pretrained_model" in scheduled(plan)


def test_nothing_that_the_configuration_does_not_need(checkout: Path) -> None:
    """The demo fetches nothing but copies of what lies in the checkout."""
    assert scheduled(planned(checkout)) == {"download_release", "download_protein_model"}
    genomes = {"source": "genomes", "genomes": ["a.fna"]}
    (checkout / "a.fna").write_text(">a\nACGT\n")
    plan = planned(checkout, release=genomes)
    releases = re.findall(r"output: results/small/(\w+)/release", plan)
    assert releases == ["reference"]


def test_all_addresses_of_a_configuration_are_fetched(everything: str) -> None:
    """Also those of operon lists and of queries, each into a folder of its own."""
    folders = re.findall(r"output: results/small/(\S+)/manifest.parquet", everything)
    expected = [
        "annotation/reference",
        "enzymes/reference",
        "metagenomes/release",
        "operons/a/list",
        "operons/reference/list",
        "operons/synonyms",
        "reference/release",
        "refseq",
        "semantics/mcra_by_lineage/queries/0",
    ]
    assert sorted(folders) == expected


def test_limits_of_downloads_fit_ten_days(everything: str) -> None:
    jobs = everything.split("\nrule ")
    limits = {
        job.split(":")[0]: int(re.search(r"runtime=(\d+)", job)[1])
        for job in jobs
        if re.match(r"download_(release|file)", job)
    }
    assert limits == {"download_release": 10 * 24 * 60, "download_file": 10 * 24 * 60}


def test_an_analysis_that_there_is_not_is_named(checkout: Path) -> None:
    done = snakemake(checkout, ["all", "--dry-run"], [], analyses=["operon"])
    assert "analyses: operon: known are bilstm, operons, paralogs" in done.stdout + done.stderr
