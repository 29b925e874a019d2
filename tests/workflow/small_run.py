"""The tables of a small run, made from real genomes of the demo without the stages before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd
import yaml
from tests.unit.corpus.small_release import DEMO, read

from glm import tables

STAMP = {"producer": "test"}
ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315 = "ERZ000001", "ERZ000012"
WINDOW = 30
CHECKOUT = ("Snakefile", "workflow", "config", "envs", "resources")


def make_checkout(root: Path, folder: Path) -> Path:
    """A folder that snakemake takes for a checkout, with results of its own."""
    for name in CHECKOUT:
        (folder / name).symlink_to(root / name)
    return folder


def snakemake(
    checkout: Path, targets: Sequence[str], rules: Sequence[str], **sections: object
) -> subprocess.CompletedProcess[str]:
    """Run some rules only, or all, for some targets, with sections of the configuration changed."""
    (checkout / "small.yaml").write_text(yaml.safe_dump({"run": "small", **sections}))
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "2"]
    command += ["--configfile", "config/demo.yaml", "small.yaml"]
    command += ["--rerun-triggers", "mtime", "params", "input", "software-env"]
    command += ["--allowed-rules", *rules] if rules else []
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=checkout, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )


@cache
def sequences() -> dict[str, str]:
    """All proteins of the demo's release."""
    lines = [
        line for shard in (1, 2) for line in read(DEMO / f"release/mgy_proteins_{shard}.fa.gz")
    ]
    return {
        header[1:].split()[0]: sequence
        for header, sequence in zip(lines[::2], lines[1::2], strict=True)
    }


@cache
def genes_of(assembly: str) -> list[tuple[str, bool]]:
    """Proteins and strands of a genome of one contig, in order."""
    found = []
    for shard in (1, 2):
        for line in read(DEMO / f"release/mgy_seq_metadata_{shard}.tsv.gz"):
            protein, places = line.split("\t")
            for place in places.split(";"):
                if place.startswith(f"{assembly}."):
                    _, where, strand, _ = place.split(":")
                    found.append((int(where.split("-")[0]), protein, strand == "1"))
    return [(protein, forward) for _, protein, forward in sorted(found)]


def write_metagenomes(folder: Path, windows: int) -> None:
    """Some windows of E. coli DH1 and of S. aureus N315; every protein represents itself."""
    rows, proteins = [], []
    for assembly in (ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315):
        genes = genes_of(assembly)
        for begin in range(300, 300 + windows * WINDOW, WINDOW):
            window = genes[begin : begin + WINDOW]
            rows.append(
                {
                    "subcontig": len(rows),
                    "contig": len(assembly),
                    "first_rank": begin,
                    "assembly": assembly,
                    "biome": None,
                    "representative": [len(proteins) + rank for rank in range(WINDOW)],
                    "forward": [forward for _, forward in window],
                    "protein": [int(protein[4:]) for protein, _ in window],
                }
            )
            proteins += [protein for protein, _ in window]
    write_representatives(folder, [sequences()[protein] for protein in proteins])
    tables.write(pd.DataFrame(rows), folder / "subcontigs.parquet", tables.SUBCONTIGS, STAMP)


def write_representatives(folder: Path, found: Sequence[str]) -> None:
    """Representatives in the order given (the stages after do not need them sorted)."""
    data = pd.DataFrame(
        {
            "representative": range(len(found)),
            "protein": range(len(found)),
            "length": [len(sequence) for sequence in found],
            "sha256": "",
            "sequence": found,
        }
    )
    tables.write(data, folder / "representatives.parquet", tables.REPRESENTATIVES, STAMP)


def write_reference(folder: Path, windows: int | None = None) -> None:
    """The proteins of E. coli K-12, and some windows of it as subcontigs."""
    file = next((DEMO / "reference").glob("*_protein.faa.gz"))
    records = "\n".join(read(file)).split(">")[1:]
    found = ["".join(record.split("\n")[1:]) for record in records]
    proteins = pd.DataFrame(
        {
            "protein": range(len(found)),
            "accession": [record.split()[0] for record in records],
            "symbol": "",
            "locus_tag": "",
            "product": "",
            "sequence": found,
        }
    )
    tables.write(proteins, folder / "proteins.parquet", tables.PROTEINS, STAMP)
    if windows is None:
        return
    rows = [
        {
            "subcontig": number,
            "contig": 0,
            "first_rank": begin,
            "assembly": "reference",
            "biome": None,
            "representative": list(range(begin, begin + WINDOW)),
            "forward": [True] * WINDOW,
            "protein": list(range(begin, begin + WINDOW)),
        }
        for number, begin in enumerate(range(0, windows * WINDOW, WINDOW))
    ]
    tables.write(pd.DataFrame(rows), folder / "subcontigs.parquet", tables.SUBCONTIGS, STAMP)
    write_representatives(folder, found[: windows * WINDOW])
