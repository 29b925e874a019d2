"""The tables of a small run, made from real genomes of the demo without the stages before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from Bio import SeqIO
from Bio.Data import CodonTable
from Bio.Seq import Seq
from Bio.SeqFeature import SeqFeature, SimpleLocation
from Bio.SeqRecord import SeqRecord
from tests.plant import plant, plant_representatives, plant_subcontigs
from tests.unit.corpus.small_release import DEMO, read

from glm import tables

ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315 = "ERZ000001", "ERZ000012"
WINDOW = 30
CHECKOUT = ("Snakefile", "workflow", "config", "envs", "resources")


ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def make_checkout(root: Path, folder: Path) -> Path:
    """A folder that snakemake takes for a checkout, with results of its own."""
    for name in CHECKOUT:
        (folder / name).symlink_to(root / name)
    return folder


def run_snakemake(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run snakemake in a folder, with variables of the environment changed."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **environment},
    )


def snakemake(
    checkout: Path, targets: Sequence[str], rules: Sequence[str] = (), **sections: object
) -> subprocess.CompletedProcess[str]:
    """Run some rules only, or all, for some targets, with sections of the demo's configuration
    changed."""
    (checkout / "small.yaml").write_text(yaml.safe_dump({"run": "small", **sections}))
    options = ["--cores", "2", "--max-threads", "1"]
    options += ["--configfile", "config/demo.yaml", "small.yaml"]
    options += ["--rerun-triggers", "mtime", "params", "input", "software-env"]
    options += ["--allowed-rules", *rules] if rules else []
    return run_snakemake(checkout, *targets, *options)


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
    genes, assemblies, forward, numbers, proteins = [], [], [], [], []
    for assembly in (ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315):
        for begin in range(300, 300 + windows * WINDOW, WINDOW):
            window = genes_of(assembly)[begin : begin + WINDOW]
            genes.append(range(len(proteins), len(proteins) + WINDOW))
            assemblies.append(assembly)
            forward.append([strand for _, strand in window])
            numbers.append([int(protein[4:]) for protein, _ in window])
            proteins += [protein for protein, _ in window]
    write_representatives(folder, [sequences()[protein] for protein in proteins])
    columns = {"assembly": assemblies, "forward": forward, "protein": numbers}
    plant_subcontigs(folder / "subcontigs.parquet", genes, **columns)


def write_representatives(folder: Path, found: Sequence[str]) -> None:
    """Representatives in the order given (the stages after do not need them sorted)."""
    plant_representatives(folder / "representatives.parquet", found)


def write_reference(folder: Path, windows: int | None = None) -> None:
    """The proteins of E. coli K-12, and some windows of it as subcontigs."""
    file = next((DEMO / "reference").glob("*_protein.faa.gz"))
    records = "\n".join(read(file)).split(">")[1:]
    found = ["".join(record.split("\n")[1:]) for record in records]
    numbers = range(len(found))
    plant(folder / "proteins.parquet", tables.PROTEINS, protein=numbers, sequence=found)
    if windows is None:
        return
    genes = [range(begin, begin + WINDOW) for begin in range(0, windows * WINDOW, WINDOW)]
    plant_subcontigs(folder / "subcontigs.parquet", genes, contig=0, assembly="reference")
    write_representatives(folder, found[: windows * WINDOW])


def write_genbank(path: Path, proteins: Sequence[tuple[str, bool]]) -> None:
    """A GenBank record with these proteins (and whether each is on the forward strand) as its CDS,
    in a row, their codons made up."""
    codon = {residue: each for each, residue in CodonTable.standard_dna_table.forward_table.items()}
    features, sequence = [], Seq("")
    for protein, forward in proteins:
        coding = Seq("".join(codon.get(residue, "GCT") for residue in protein) + "TAA")
        start, end = len(sequence) + 50, len(sequence) + 50 + len(coding)
        place = SimpleLocation(start, end, 1 if forward else -1)
        features.append(SeqFeature(place, "CDS", qualifiers={"translation": [protein]}))
        sequence += Seq("A" * 50) + (coding if forward else coding.reverse_complement())
    about = {"molecule_type": "DNA"}
    record = SeqRecord(sequence, path.stem, path.stem, "", features=features, annotations=about)
    SeqIO.write(record, path, "genbank")
