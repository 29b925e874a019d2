"""Protein sequences by number, wherever a corpus keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from glm import tables
from glm.corpus.fasta import accession_number, clean_protein, read_fasta
from glm.corpus.release import manifest_paths, required_paths

PROTEINS_PER_BATCH = 1 << 14


def is_manifest(path: Path) -> bool:
    """Whether a table is a download's manifest (else it is a table of proteins)."""
    return "md5" in pq.read_schema(path).names


def fasta_paths(manifest: Path) -> list[Path]:
    """FASTA files of a release: the representatives' own if it was fetched, else all proteins'."""
    return manifest_paths(manifest, "representatives") or list(required_paths(manifest, "proteins"))


def read_sequences(path: Path) -> Iterator[tuple[int, str]]:
    """Number and clean sequence of each protein of a manifest's FASTA files, or a proteins table.

    Raises what `read_fasta` and `clean_protein` raise, and for an accession that is no MGYP.
    """
    if is_manifest(path):
        for fasta in fasta_paths(path):
            for record in read_fasta(fasta):
                yield accession_number(record.name, fasta), clean_protein(record, fasta)
        return
    file = tables.open_file(path, tables.PROTEINS)
    for batch in file.iter_batches(PROTEINS_PER_BATCH, columns=["protein", "sequence"]):
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
