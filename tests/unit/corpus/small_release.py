"""A small MGnify-shaped release: some genomes of the demo's, with all files of a release.

The forms of the files were seen in the 2023_02 release's README and md5sum.txt and in rows of its
sequence metadata and biomes that other repositories hold.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo"
STAPHYLOCOCCUS_RN4220, LAMBDA = "ERZ000011", "ERZ000018"


def read(path: Path) -> list[str]:
    with gzip.open(path, "rt") as handle:
        return handle.read().splitlines()


def write(path: Path, lines: list[str]) -> None:
    with gzip.open(path, "wt") as handle:
        handle.write("".join(f"{line}\n" for line in lines))


def write_checksums(folder: Path) -> None:
    """Write md5sum.txt anew, as a publisher would after a change."""
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and path.name != "md5sum.txt"
    )
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "md5sum.txt").write_text("".join(sums))


def make_small_release(
    folder: Path, assemblies: tuple[str, ...] = (STAPHYLOCOCCUS_RN4220, LAMBDA)
) -> Path:
    """Cut the demo's release down to some assemblies, in two shards of each file."""
    folder.mkdir(parents=True)
    release = DEMO / "release"
    kept: dict[str, str] = {}
    for shard in (1, 2):
        for line in read(release / f"mgy_seq_metadata_{shard}.tsv.gz"):
            protein, places = line.split("\t")
            chosen = [place for place in places.split(";") if place.startswith(assemblies)]
            if chosen:
                kept[protein] = ";".join(chosen)
    fasta: list[str] = []
    for shard in (1, 2):
        lines = read(release / f"mgy_proteins_{shard}.fa.gz")
        for header, sequence in zip(lines[::2], lines[1::2], strict=True):
            if header[1:].split()[0] in kept:
                fasta += [header, sequence]
    clusters = []
    for line in read(release / "mgy_cluster_seqs.tsv.gz"):
        representative, members = line.split("\t")
        if left := [member for member in members.split(";") if member in kept]:
            clusters.append(f"{representative}\t{';'.join(left)}")
    half = len(kept) // 2
    metadata = [f"{protein}\t{places}" for protein, places in kept.items()]
    for shard, part in ((1, slice(0, half)), (2, slice(half, None))):
        write(folder / f"mgy_seq_metadata_{shard}.tsv.gz", metadata[part])
        records = slice(part.start * 2, part.stop * 2 if part.stop else None)
        write(folder / f"mgy_proteins_{shard}.fa.gz", fasta[records])
    write(folder / "mgy_cluster_seqs.tsv.gz", clusters)
    shutil.copy(release / "assemblies.tsv", folder)
    write_checksums(folder)
    return folder
