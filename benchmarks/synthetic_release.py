"""A made-up release of MGnify's shape and proportions, of any size, for benchmarks/corpus.py.

Proportions are the 2022_05 release's where they are known: a quarter as many clusters as proteins
(624 M to 2.4 G), genes per contig by a power law of which 7.6 % of all genes lie on contigs of at
least 15 (7.3 M subcontigs of 15-30 genes out of 2.4 G genes are some 7 %), places listed by
protein, so that a contig's genes are scattered over all shards. Residues are random.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SHARDS = 8
PLACES_PER_PROTEIN = 1.5
CLUSTERS_PER_PROTEIN = 0.26
SHARE_WITHOUT_CLUSTER = 0.004
CONTIG_EXPONENT = 2.8
LONGEST_CONTIG = 5000
"""Genes."""
GENES_PER_ASSEMBLY = 50_000
BLOCK = 1 << 18
RESIDUES = np.frombuffer(b"ACDEFGHIKLMNPQRSTVWY", np.uint8)


@dataclass(frozen=True)
class Places:
    """Every occurrence of a protein, by contig: int64 arrays of the same length."""

    contig: np.ndarray
    protein: np.ndarray
    start: np.ndarray
    end: np.ndarray
    forward: np.ndarray
    assembly: np.ndarray


def contig_sizes(random: np.random.Generator, genes: int) -> np.ndarray:
    """Genes of each contig, by a power law, `genes` in all."""
    sizes = np.arange(1, LONGEST_CONTIG + 1)
    weights = sizes**-CONTIG_EXPONENT
    weights /= weights.sum()
    drawn = random.choice(sizes, size=int(genes / (sizes @ weights) * 1.2), p=weights)
    drawn = drawn[: int(np.searchsorted(drawn.cumsum(), genes)) + 1]
    drawn[-1] -= drawn.sum() - genes
    return drawn


def draw_places(random: np.random.Generator, genes: int, lengths: np.ndarray) -> Places:
    """Contigs whose genes are proteins drawn at random, some of them very often.

    `lengths` are residues by protein.
    """
    proteins = len(lengths)
    often = (proteins * random.random(genes - proteins) ** 3).astype(np.int64)
    protein = random.permutation(proteins)[np.concatenate([np.arange(proteins), often])]
    random.shuffle(protein)
    sizes = contig_sizes(random, genes)
    begins = np.repeat(sizes.cumsum() - sizes, sizes)
    bases = 3 * (lengths[protein] + 1)
    ends = (bases + 60).cumsum()
    ends -= (ends - bases - 60)[begins]
    number = random.permutation(len(sizes)) + 1_000_000
    return Places(
        contig=np.repeat(number, sizes),
        protein=protein,
        start=ends - bases + 1,
        end=ends,
        forward=random.random(genes) < 0.5,
        assembly=np.repeat((sizes.cumsum() - sizes) // GENES_PER_ASSEMBLY, sizes) + 500_000,
    )


def text(numbers: np.ndarray, digits: int = 0) -> pa.Array:
    """Numbers as text, with leading zeros up to `digits`."""
    written = pa.array(numbers).cast(pa.string())
    return pc.utf8_lpad(written, digits, "0") if digits else written


def join(*parts: pa.Array | str) -> pa.Array:
    """Columns of text and constants, joined row by row."""
    return pc.binary_join_element_wise(*parts, "")


def content(rows: pa.Array) -> memoryview:
    """The bytes of all rows, one after the other."""
    _, offsets, characters = rows.buffers()
    return memoryview(characters)[: int(np.frombuffer(offsets, np.int32)[len(rows)])]


def metadata_rows(places: Places, shard: int) -> Iterator[pa.Array]:
    """Lines of one shard of mgy_seq_metadata, sorted by protein."""
    proteins = int(places.protein.max()) + 1
    first, last = (proteins * (shard + i) // SHARDS for i in (0, 1))
    mine = np.flatnonzero((places.protein >= first) & (places.protein < last))
    mine = mine[np.argsort(places.protein[mine], kind="stable")]
    protein = places.protein[mine]
    bounds = np.searchsorted(protein, np.arange(first, last + 1))
    for begin in range(0, last - first, BLOCK):
        offsets = bounds[begin : begin + BLOCK + 1]
        rows = mine[offsets[0] : offsets[-1]]
        listed = join(
            *("ERZ", text(places.assembly[rows])),
            *(".MGYC", text(places.contig[rows], 12)),
            *(":", text(places.start[rows]), "-", text(places.end[rows])),
            pc.if_else(pa.array(places.forward[rows]), ":1:full", ":-1:full"),
        )
        grouped = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), listed)
        numbers = np.arange(first + begin, first + begin + len(grouped))
        yield join("MGYP", text(numbers, 12), "\t", pc.binary_join(grouped, ";"), "\n")


def cluster_rows(representative: np.ndarray, members: np.ndarray) -> Iterator[pa.Array]:
    """Lines of mgy_cluster_seqs: a representative and all members of its cluster."""
    members = members[np.argsort(representative[members], kind="stable")]
    clusters, bounds = np.unique(representative[members], return_index=True)
    bounds = np.append(bounds, len(members))
    for begin in range(0, len(clusters), BLOCK):
        offsets = bounds[begin : begin + BLOCK + 1]
        listed = join("MGYP", text(members[offsets[0] : offsets[-1]], 12))
        grouped = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), listed)
        named = text(clusters[begin : begin + BLOCK], 12)
        yield join("MGYP", named, "\t", pc.binary_join(grouped, ";"), "\n")


def fasta_rows(
    random: np.random.Generator, proteins: np.ndarray, lengths: np.ndarray
) -> Iterator[pa.Array]:
    """Records of mgy_clusters.fa, a line of residues each."""
    for begin in range(0, len(proteins), BLOCK):
        numbers = proteins[begin : begin + BLOCK]
        offsets = np.concatenate([[0], lengths[numbers].cumsum()]).astype(np.int32)
        residues = RESIDUES[random.integers(0, len(RESIDUES), offsets[-1], np.uint8)]
        sequences = pa.StringArray.from_buffers(
            len(numbers), pa.py_buffer(offsets), pa.py_buffer(residues)
        )
        yield join(">MGYP", text(numbers, 12), " FL=1 CR=1\n", sequences, "\n")


def write_lines(path: Path, blocks: Iterator[pa.Array]) -> None:
    """Write blocks of lines, gzipped."""
    with gzip.open(path, "wb", compresslevel=1) as handle:
        for rows in blocks:
            handle.write(content(rows))


def write_release(folder: Path, occurrences: int, seed: int = 1) -> int:
    """Write a release of `occurrences` gene places; returns its bytes, which md5sum.txt lists."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    proteins = int(occurrences / PLACES_PER_PROTEIN)
    cluster = random.integers(0, int(proteins * CLUSTERS_PER_PROTEIN), proteins)
    _, first, which = np.unique(cluster, return_index=True, return_inverse=True)
    representative = first[which]
    lengths = random.lognormal(5.1, 0.6, proteins).astype(np.int64).clip(20, 3000)
    places = draw_places(random, occurrences, lengths)
    for shard in range(SHARDS):
        write_lines(folder / f"mgy_seq_metadata_{shard + 1}.tsv.gz", metadata_rows(places, shard))
    del places
    listed = (random.random(proteins) >= SHARE_WITHOUT_CLUSTER) | (
        representative == np.arange(proteins)
    )
    write_lines(
        folder / "mgy_cluster_seqs.tsv.gz", cluster_rows(representative, np.flatnonzero(listed))
    )
    write_lines(folder / "mgy_clusters.fa.gz", fasta_rows(random, np.sort(first), lengths))
    sums = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as handle:
            sums.append(f"{hashlib.file_digest(handle, 'md5').hexdigest()}  {path.name}\n")
    (folder / "md5sum.txt").write_text("".join(sums))
    return sum(path.stat().st_size for path in folder.iterdir())
