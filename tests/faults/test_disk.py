"""A disk that is full, and one that cannot be written."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import mounted_disk
from tests.faults.ledger import Ledger
from tests.faults.pipeline import RESULTS, Pipeline

SIZE = "8m"
# The products of one rule of each stage; none is made from another of them.
LOST = {
    "map_representatives": ["metagenomes/mapped_genes.parquet"],
    "search_reference_genome": ["decontamination/reference_hits.parquet"],
    "build_embedding_store": [
        "metagenomes/embedding_store.npy",
        "metagenomes/embedding_store.json",
    ],
    "plot_training": [
        "evaluation/training_curves.parquet",
        "evaluation/training_curves.png",
        "evaluation/training_curves.pdf",
        "evaluation/memory.png",
        "evaluation/memory.pdf",
    ],
    "label_operons": [
        "operons/reference/genes.parquet",
        "operons/reference/pairs.parquet",
        "operons/reference/mapping.parquet",
    ],
    "extract_attention": ["attention/reference/trained/0.parquet"],
}


def remount(disk: Path, how: str) -> None:
    """Make the disk "ro", which cannot be written, or "rw"."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


@pytest.fixture
def on_small_disk(undisturbed: Pipeline, tmp_path: Path) -> Iterator[Pipeline]:
    """A finished run whose results lie on a small disk of their own."""
    with mounted_disk(tmp_path / "disk", SIZE) as disk:
        yield undisturbed.copy(tmp_path / "copy", results=disk / "results")


def fill(disk: Path) -> Path:
    """Write until nothing more fits; the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(bytes(1 << 12))
        except OSError:
            pass
    return filler


def test_a_full_and_a_read_only_disk(
    on_small_disk: Pipeline, undisturbed: Pipeline, ledger: Ledger
) -> None:
    """Each stage says which file had no room; with room again, the same command resumes."""
    pipeline, disk = on_small_disk, on_small_disk.results.parent.resolve().parent
    lost = [file for files in LOST.values() for file in files]
    pipeline.remove(*lost)
    targets = [str(RESULTS / file) for file in lost]
    filler = fill(disk)
    untouched = pipeline.contents()
    status, text = pipeline.run(*targets, "--keep-going", "--allowed-rules", *LOST)
    assert status != 0
    reported = re.findall(r"\] error: (.*)", text)
    for rule in LOST:
        lines = re.findall(rf"\[{rule}\] error: (.*)", text)
        assert any("no space left" in line.lower() for line in lines), (
            f"{rule} said {lines or reported}"
        )
    assert pipeline.contents() == untouched
    assert pipeline.leftovers() == []
    filler.unlink()

    remount(disk, "ro")
    status, text = pipeline.run(*targets)
    assert status != 0
    assert "Write-protected output files" in text, text[-4000:]
    status, text = pipeline.run(targets[0], "--allowed-rules", "map_representatives")
    assert status != 0
    assert "Read-only file system" in text, text[-4000:]
    assert pipeline.contents() == untouched
    remount(disk, "rw")

    status, text = pipeline.run(*targets)
    assert status == 0, text[-4000:]
    assert pipeline.contents() == undisturbed.contents()
    assert pipeline.leftovers() == []
    ledger.record(
        "full disk, under one rule of each stage",
        len(LOST),
        "the rule says which file had no room; whole files stay; the same command resumes",
        "said by each rule; nothing half-made; with room again, the same results",
    )
    ledger.record(
        "read-only results folder",
        2,
        "the run ends at once and says why",
        "`Write-protected output files`, and where there are none yet `Read-only file system`; "
        "nothing changed; writable again, the same results",
    )
