"""Rebuild the small reference with product names and EC numbers that the demo annotates with.

    apt-get download prokka mmseqs2-examples
    for package in prokka_*.deb mmseqs2-examples_*.deb; do dpkg -x $package packages; done
    python resources/demo/build_annotation_reference.py --packages packages

writes `annotation/reference.faa.gz` beside this script; DIAMOND 2.1 must be on PATH. The same
packages and DIAMOND give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import re
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
GENERA = ("Enterococcus", "Staphylococcus")
GENUS_FOLDER = Path("usr/share/prokka/db/genus")
UNIPROT = Path("usr/share/doc/mmseqs2/example-data/DB.fasta.gz")
RELEASE = ("mgy_proteins_1.fa.gz", "mgy_proteins_2.fa.gz")
E_VALUE = "1e-5"
LEAST_HITS = 2
WHOLE_EC_NUMBER = r"EC=\d+(\.\d+){3}"


class Entry(NamedTuple):
    """A protein of the reference: its header without `>`, and its residues."""

    header: str
    sequence: str

    @property
    def name(self) -> str:
        """The first word of the header."""
        return self.header.split()[0]


def read(path: Path) -> Iterator[Entry]:
    """Records of a FASTA file, plain or gzip."""
    whole = path.read_bytes()
    text = (gzip.decompress(whole) if path.suffix == ".gz" else whole).decode()
    for record in f"\n{text}".split("\n>")[1:]:
        header, *lines = record.splitlines()
        yield Entry(header, "".join(lines).upper())


def read_genus(packages: Path, genus: str) -> Iterator[Entry]:
    """RefSeq proteins of a genus; prokka's header `ID EC~~~gene~~~product` in UniProt's fields."""
    for header, sequence in read(packages / GENUS_FOLDER / genus):
        name, _, description = header.partition(" ")
        number, gene, product, *_ = description.split("~~~")
        fields = [name, product, f"OS={genus}"]
        fields += [f"GN={gene}"] if gene else []
        fields += [f"EC={number}"] if number else []
        yield Entry(" ".join(fields), sequence)


def read_uniprot(packages: Path) -> Iterator[Entry]:
    """Twenty thousand entries of UniProt, taken at random by the authors of MMseqs2."""
    for header, sequence in read(packages / UNIPROT):
        yield Entry(re.sub(r" Split=\d+ *$", "", header), sequence)


def count_best_hits(entries: list[Entry]) -> Counter[str]:
    """For each entry, of how many proteins of the demo's release it is the best hit."""
    with tempfile.TemporaryDirectory() as folder:
        fasta, hits = Path(folder, "entries.faa"), Path(folder, "hits.tsv")
        queries = Path(folder, "queries.faa")
        fasta.write_text("".join(f">{entry.name}\n{entry.sequence}\n" for entry in entries))
        with queries.open("wb") as handle:
            for name in RELEASE:
                handle.write(gzip.decompress((HERE / "release" / name).read_bytes()))
        command = ["diamond", "blastp", "--query", str(queries), "--db", str(fasta)]
        options = [
            "--out",
            str(hits),
            "--evalue",
            E_VALUE,
            "--max-target-seqs",
            "1",
            "--outfmt",
            "6",
            "sseqid",
        ]
        subprocess.run([*command, *options, "--quiet"], check=True)
        return Counter(hits.read_text().split())


def write_gzip(path: Path, entries: list[Entry]) -> None:
    """Write FASTA as gzip, the same bytes for the same entries (no time, no name)."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31, 9, zlib.Z_FILTERED)
    text = "".join(f">{header}\n{sequence}\n" for header, sequence in entries).encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(deflate.compress(text) + deflate.flush())


def main(arguments: argparse.Namespace) -> None:
    """Read, keep what annotates several proteins and what carries EC numbers to any, write."""
    if not (arguments.packages / UNIPROT).exists():
        sys.exit(f"{arguments.packages / UNIPROT}: no such file; unpack Debian's packages first")
    refseq = [entry for genus in GENERA for entry in read_genus(arguments.packages, genus)]
    uniprot = list(read_uniprot(arguments.packages))
    entries = [*refseq, *uniprot]
    enzymes = [entry for entry in entries if re.search(WHOLE_EC_NUMBER, entry.header)]
    wanted = {name for name, hits in count_best_hits(entries).items() if hits >= LEAST_HITS}
    wanted |= count_best_hits(enzymes).keys()
    output = HERE / "annotation" / "reference.faa.gz"
    write_gzip(output, [entry for entry in entries if entry.name in wanted])
    print(f"{output}: {output.stat().st_size:,} bytes")
    for name, source in (("RefSeq", refseq), ("UniProt", uniprot), ("whole EC numbers", enzymes)):
        kept = sum(entry.name in wanted for entry in source)
        print(f"{name}: {kept:,} of {len(source):,} proteins")


if __name__ == "__main__":
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--packages", type=Path, default=Path("/"), help="where they are unpacked")
    main(made.parse_args())
